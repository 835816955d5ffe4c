package grantlab.hypervisor.operation;

import static grantlab.api.abi.CacheFlush.CLEAN;
import static grantlab.api.abi.CacheFlush.DEV_BUS_ADDR;
import static grantlab.api.abi.CacheFlush.INVAL;
import static grantlab.api.abi.CacheFlush.LENGTH;
import static grantlab.api.abi.CacheFlush.OFFSET;
import static grantlab.api.abi.CacheFlush.OP;
import static grantlab.api.abi.CacheFlush.SIZE;

import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * GNTTABOP_cache_flush (xen-semantics 2.12). There is no cache to flush here; who may ask for it is the point. No element
 * has a status: the first that fails ends the call.
 */
@MachineScoped
public final class CacheFlush {
    private final Domains domains;
    private final FrameTable frames;
    private final MachineMemory memory;
    private final boolean readonlyGrantIsCleanedToo;

    @Inject
    CacheFlush(Domains domains, Ground ground) {
        this.domains = domains;
        this.frames = ground.frames();
        this.memory = ground.memory();
        this.readonlyGrantIsCleanedToo = ground.behaviour().readonlyGrantIsCleanedToo();
    }

    /**
     * Flushes each element of the array.
     *
     * @param from the reference with which the search for the first element's grant begins: the command's upper bits, which are
     *     a continuation's and which a guest may bring itself
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count, long from) {
        GuestArguments arguments = caller.arguments();
        long result = 0;
        for (long i = 0; i < count && result == 0; i++) {
            result = arguments.read(array + i * SIZE, SIZE)
                    ? flush(caller, arguments, i == 0 ? from : 0)
                    : -Errno.EFAULT;
        }
        return result;
    }

    private long flush(Caller caller, GuestArguments arguments, long from) {
        int offset = arguments.u16(OFFSET);
        int length = arguments.u16(LENGTH);
        int op = (int) arguments.u32(OP);
        if (offset >= Page.SIZE || length > Page.SIZE || offset + length > Page.SIZE || (op & ~(CLEAN | INVAL)) != 0) {
            return -Errno.EINVAL;
        }
        if (length == 0 || op == 0) {
            return from == 0 ? 0 : -Errno.EILSEQ;
        }
        long frame = Page.frame(arguments.u64(DEV_BUS_ADDR));
        if (!memory.isRam(frame)) {
            return -Errno.EINVAL;
        }
        Domain owner = domains.find(frames.owner(frame));
        if (owner == null) {
            return -Errno.EPERM;
        }
        int pins = owner == caller.domain() ? 0 : pinsOf(caller, owner, frame, from);
        if (owner != caller.domain() && pins == 0) {
            return -Errno.EINVAL;
        }
        boolean onlyReads = owner != caller.domain() && !Pins.written(pins);
        return op == INVAL && !(onlyReads && readonlyGrantIsCleanedToo) ? -Errno.EOPNOTSUPP : 0;
    }

    /**
     * The first reference of the owner, from a given one on, that the caller has pinned with this frame.
     *
     * @return its pins, or 0
     */
    private static int pinsOf(Caller caller, Domain owner, long frame, long from) {
        Grants grants = owner.grantTable().enter(caller.section()).grants();
        Acts acts = grants.acts();
        long size = grants.table().size();
        for (long reference = from; reference < size; reference++) {
            int act = (int) reference;
            if (acts.pinsNow(act) == 0 || acts.granteeNow(act) != caller.domid()) {
                continue;
            }
            long word = acts.lock(act);
            boolean found = Acts.pins(word) != 0 && Acts.grantee(word) == caller.domid() && acts.frame(act) == frame;
            acts.unlock(act, word);
            if (found) {
                return Acts.pins(word);
            }
        }
        return 0;
    }
}
