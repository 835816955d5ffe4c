package grantlab.hypervisor.operation.tree;

import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.event.EventChannel;
import grantlab.hypervisor.notification.Ring;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;

/** v3_ring_register (grant-v3.md, section 9): a domain gives pages of its own for a ring of events, or takes them back. */
@MachineScoped
public final class RegisterRing {
    private static final StructForm FORM = new StructForm(
            V3RingRegister.SIZE,
            V3RingRegister.STATUS,
            V3RingRegister.REMOVE,
            given -> given.u32(V3RingRegister.ZERO_36));
    private static final int MOST_PAGES = 16;

    private final FrameTable frames;
    private final MachineMemory memory;
    private final AtomicInteger serials = new AtomicInteger();

    @Inject
    RegisterRing(Ground ground) {
        this.frames = ground.frames();
        this.memory = ground.memory();
    }

    /** Registers or removes. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::perform);
    }

    private int perform(Caller caller, FrameArguments arguments) {
        return (arguments.u32(V3Head.FLAGS) & V3RingRegister.REMOVE) != 0
                ? remove(caller.domain(), arguments)
                : register(caller.domain(), arguments);
    }

    /** RING-1 to RING-3. */
    private int remove(Domain owner, FrameArguments arguments) {
        boolean onlyNamed = arguments.u64(V3RingRegister.LIST_GFN) == 0
                && arguments.u32(V3RingRegister.PAGES) == 0
                && arguments.u32(V3RingRegister.PORT) == 0
                && arguments.u32(V3RingRegister.KIND) == 0;
        return onlyNamed
                ? owner.rings().remove((int) arguments.u32(V3RingRegister.RING_ID), owner.trees(), frames)
                : Status.INVAL;
    }

    /** RING-1, RING-4, RING-5. */
    private int register(Domain owner, FrameArguments arguments) {
        if (arguments.u32(V3RingRegister.RING_ID) != 0) {
            return Status.INVAL;
        }
        long kind = arguments.u32(V3RingRegister.KIND);
        if (kind != V3RingRegister.GRANTER && kind != V3RingRegister.GRANTEE) {
            return Status.UNSUPPORTED;
        }
        long data = arguments.u32(V3RingRegister.PAGES);
        return data < 1 || data > MOST_PAGES || Long.bitCount(data) != 1
                ? Status.BAD_SIZE
                : collect(owner, arguments, (int) data + 1);
    }

    /** RING-6, RING-7: each number is looked at once. */
    private int collect(Domain owner, FrameArguments arguments, int count) {
        long list = arguments.array(arguments.u64(V3RingRegister.LIST_GFN));
        if (list < 0) {
            return Status.BAD_PAGE;
        }
        long[] pages = new long[count];
        int held = 0;
        while (held < count) {
            long gfn = arguments.load64(list + (long) held * Long.BYTES);
            long frame = PlainPage.hold(frames, owner.physicalMap(), owner.domid(), gfn);
            if (frame == PlainPage.NONE) {
                break;
            }
            pages[held++] = frame;
            if (isTwice(pages, held)) {
                break;
            }
        }
        boolean complete = held == count && !isTwice(pages, held);
        int status = complete ? add(owner, arguments, pages) : Status.BAD_PAGE;
        if (status != Status.OKAY) {
            for (int i = 0; i < held; i++) {
                PlainPage.drop(frames, pages[i]);
            }
        }
        return status;
    }

    private static boolean isTwice(long[] pages, int count) {
        for (int i = 0; i < count - 1; i++) {
            if (pages[i] == pages[count - 1]) {
                return true;
            }
        }
        return false;
    }

    /** RING-8, RING-9. Nothing is written to the pages of a ring that is not to be. */
    private int add(Domain owner, FrameArguments arguments, long[] pages) {
        EventChannel channel = owner.events().open((int) arguments.u32(V3RingRegister.PORT));
        if (channel == null) {
            return Status.BAD_HANDLE;
        }
        boolean forGrantee = arguments.u32(V3RingRegister.KIND) == V3RingRegister.GRANTEE;
        int id = owner.rings().add(() -> new Ring(memory, pages, forGrantee, channel, serial()));
        if (id == 0) {
            return Status.QUOTA;
        }
        arguments.set32(V3RingRegister.RING_ID, id);
        return Status.OKAY;
    }

    private int serial() {
        int serial = serials.incrementAndGet();
        return serial != 0 ? serial : serials.incrementAndGet();
    }
}
