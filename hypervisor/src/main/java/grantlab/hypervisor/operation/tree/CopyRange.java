package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Ref;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.operation.ForwardCopy;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * v3_copy (grant-v3.md, section 7.3): between the caller's own memory and a tree, across pages of both. Each piece pins its leaf
 * for as long as the bytes move; what was copied before something failed stays copied, and done says how much.
 */
@MachineScoped
public final class CopyRange {
    private static final int MOST_BYTES = 1 << 21;

    /** Pages between two turns of others. */
    private static final int SLICE = 32;

    private static final StructForm FORM = new StructForm(
            V3Copy.SIZE,
            V3Copy.STATUS,
            0,
            given -> given.u64(V3Copy.ZERO_40) | given.u64(V3Copy.ZERO_40 + Long.BYTES) | given.u32(V3Copy.ZERO_60));

    private final Reach reach;
    private final LeafPinning leaves;
    private final FlatAlias alias;
    private final FrameTable frames;
    private final MachineMemory memory;
    private final Quiescence quiescence;

    @Inject
    CopyRange(Reach reach, LeafPinning leaves, FlatAlias alias, Ground ground, Quiescence quiescence) {
        this.quiescence = quiescence;
        this.reach = reach;
        this.leaves = leaves;
        this.alias = alias;
        this.frames = ground.frames();
        this.memory = ground.memory();
    }

    /** Copies each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        FrameArguments arguments = caller.frameArguments();
        for (boolean more = Elements.begin(caller, address, V3Copy.SIZE);
                more;
                more = Elements.next(caller, V3Copy.SIZE)) {
            perform(caller, arguments);
        }
        return caller.elements.result;
    }

    private void perform(Caller caller, FrameArguments arguments) {
        arguments.set32(V3Copy.DONE, 0);
        arguments.set32(V3Copy.STATUS, copy(caller, arguments));
    }

    private int copy(Caller caller, FrameArguments arguments) {
        if ((arguments.u16(V3Copy.FLAGS) & ~V3Copy.TO_REMOTE) != 0) {
            return Status.UNSUPPORTED;
        }
        long reference = arguments.u64(V3Copy.REF);
        if (!FORM.isClean(arguments)) {
            return Status.INVAL;
        }
        if (arguments.u32(V3Copy.LENGTH) > MOST_BYTES
                || arguments.u32(V3Copy.LOCAL_OFFSET) >= Page.SIZE
                || arguments.u32(V3Copy.REMOTE_OFFSET) >= Page.SIZE) {
            return Status.BAD_COPY_ARG;
        }
        if (!Reference.wellFormed(reference)) {
            return Status.INVAL;
        }
        caller.advance.anew();
        int status = slice(caller, arguments);
        while ((status == Status.OKAY && arguments.u32(V3Copy.DONE) < arguments.u32(V3Copy.LENGTH))
                || (status == Status.QUOTA && caller.advance.asks())) {
            boolean lives = status == Status.QUOTA ? caller.recall(quiescence) : caller.breathe();
            status = lives ? slice(caller, arguments) : Status.GENERAL_ERROR;
        }
        return status;
    }

    /** What allows to copy is looked at again by each slice. */
    private int slice(Caller caller, FrameArguments arguments) {
        caller.advance.heedBounds();
        long reference = arguments.u64(V3Copy.REF);
        Domain granter = reach.peer(caller, arguments.u16(V3Copy.PEER));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        if (V3Ref.slot(reference) == 0) {
            return arguments.u32(V3Copy.EPOCH) == 0 ? pieces(caller, arguments, granter, null) : Status.STALE;
        }
        Tree tree = granter.trees().find(V3Ref.slot(reference));
        int reached = Reach.judge(caller, granter, tree, reference, arguments.u32(V3Copy.EPOCH));
        return reached != Status.OKAY ? reached : pieces(caller, arguments, granter, tree);
    }

    private int pieces(Caller caller, FrameArguments arguments, Domain granter, @Nullable Tree tree) {
        long length = arguments.u32(V3Copy.LENGTH);
        long local = arguments.u32(V3Copy.LOCAL_OFFSET);
        long remote = arguments.u32(V3Copy.REMOTE_OFFSET);
        long done = arguments.u32(V3Copy.DONE);
        for (int n = 0; n < SLICE && done < length; n++) {
            int here = Page.offset(local + done);
            int there = Page.offset(remote + done);
            int piece = (int) Math.min(length - done, Page.SIZE - Math.max(here, there));
            int status = piece(
                    caller,
                    arguments,
                    granter,
                    tree,
                    arguments.u64(V3Copy.LOCAL_GFN) + Page.frame(local + done),
                    here,
                    V3Ref.index(arguments.u64(V3Copy.REF)) + Page.frame(remote + done),
                    there,
                    piece);
            if (status != Status.OKAY) {
                return status;
            }
            done += piece;
            arguments.set32(V3Copy.DONE, done);
        }
        return Status.OKAY;
    }

    private int piece(
            Caller caller,
            FrameArguments arguments,
            Domain granter,
            @Nullable Tree tree,
            long gfn,
            int here,
            long index,
            int there,
            int length) {
        boolean toRemote = arguments.u16(V3Copy.FLAGS) != 0;
        int access = Access.READ | Access.COPY | (toRemote ? Access.WRITE : 0);
        if (tree == null) {
            return flatPiece(caller, granter, gfn, here, index, there, length, access);
        }
        if (index >= tree.indexLimit()) {
            return Status.BAD_GNTREF;
        }
        int status = leaves.pin(caller, granter, tree, index, access, Page.ORDER_4K);
        if (status != Status.OKAY) {
            caller.worker.bucket.letGo();
            return status;
        }
        leaves.stay(caller, tree);
        long frame = caller.leafPin.frame;
        status = move(caller, gfn, here, frame, there, length, toRemote);
        frames.put(frame, Page.ORDER_4K);
        leaves.leave(caller, tree, access);
        return status;
    }

    /** COEX-3: judged as for mapping, so what is no whole page is refused. */
    private int flatPiece(
            Caller caller, Domain granter, long gfn, int here, long reference, int there, int length, int access) {
        int asMapped = (access & ~Access.COPY) | Access.HOST;
        int status = alias.pin(caller, granter, reference, asMapped);
        if (status != Status.OKAY) {
            return status;
        }
        status = move(caller, gfn, here, caller.pin.frame, there, length, Access.writes(access));
        alias.undo(caller, granter, asMapped);
        return status;
    }

    private int move(Caller caller, long gfn, int here, long frame, int there, int length, boolean toRemote) {
        if (!toRemote) {
            return toLocal(caller, Page.address(frame) + there, gfn, here, length);
        }
        if (!frames.getType(frame, FrameTable.TYPE_WRITABLE)) {
            return Status.BAD_PAGE;
        }
        int status = fromLocal(caller, gfn, here, Page.address(frame) + there, length);
        frames.putType(frame);
        return status;
    }

    /** Memory of the caller's is read. */
    private int fromLocal(Caller caller, long gfn, int offset, long remote, int length) {
        long frame = caller.domain().physicalMap().getFrameToGrant(gfn);
        if (frame < 0) {
            return Status.BAD_PAGE;
        }
        ForwardCopy.copy(memory, Page.address(frame) + offset, remote, length);
        frames.put(frame, Page.ORDER_4K);
        return Status.OKAY;
    }

    /** Plain memory of the caller's is written to. */
    private int toLocal(Caller caller, long remote, long gfn, int offset, int length) {
        long frame = PlainPage.hold(frames, caller.domain().physicalMap(), caller.domid(), gfn);
        if (frame == PlainPage.NONE) {
            return Status.BAD_PAGE;
        }
        ForwardCopy.copy(memory, remote, Page.address(frame) + offset, length);
        PlainPage.drop(frames, frame);
        return Status.OKAY;
    }
}
