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
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.operation.Pinning;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** v3_copy (grant-v3.md, section 16): between one page of the caller and one page of a tree. */
@Singleton
public final class CopyLeaf {
    private final Elements elements;
    private final Reach reach;
    private final Pinning pinning;
    private final FrameTable frames;
    private final MachineMemory memory;
    private final Elements.Element element = this::perform;

    @Inject
    CopyLeaf(Elements elements, Reach reach, Pinning pinning, Ground ground) {
        this.elements = elements;
        this.reach = reach;
        this.pinning = pinning;
        this.frames = ground.frames();
        this.memory = ground.memory();
    }

    /** Copies each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return elements.run(caller, address, V3Copy.SIZE, element);
    }

    private void perform(Caller caller, GuestArguments arguments) {
        arguments.set32(V3Copy.STATUS, copy(caller, arguments));
    }

    private int copy(Caller caller, GuestArguments arguments) {
        if ((arguments.u16(V3Copy.FLAGS) & ~V3Copy.TO_REMOTE) != 0) {
            return Status.UNSUPPORTED;
        }
        long length = arguments.u32(V3Copy.LENGTH);
        if (arguments.u32(V3Copy.LOCAL_OFFSET) + length > Page.SIZE
                || arguments.u32(V3Copy.REMOTE_OFFSET) + length > Page.SIZE) {
            return Status.BAD_COPY_ARG;
        }
        long reference = arguments.u64(V3Copy.REF);
        Domain granter = reach.peer(arguments.u16(V3Copy.PEER));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        Tree tree = granter.trees().find(V3Ref.slot(reference));
        int reached = Reach.judge(caller, tree, reference);
        if (tree == null || reached != Status.OKAY) {
            return reached;
        }
        return pinned(caller, arguments, granter, tree);
    }

    private int pinned(Caller caller, GuestArguments arguments, Domain granter, Tree tree) {
        boolean toRemote = arguments.u16(V3Copy.FLAGS) != 0;
        int access = Access.READ | Access.COPY | (toRemote ? Access.WRITE : 0);
        long index = V3Ref.index(arguments.u64(V3Copy.REF));
        int status = pinning.pin(granter, tree.grants(), index, caller.domid(), access, caller.leaf, caller.pin);
        if (status != Status.OKAY) {
            return status;
        }
        status = typed(caller.pin.frame, toRemote, remote -> local(caller, arguments, remote, toRemote));
        frames.put(caller.pin.frame, Page.ORDER_4K);
        pinning.unpin(tree.grants(), caller.pin.act, caller.leaf.key, caller.leaf.order, access);
        return status;
    }

    private int local(Caller caller, GuestArguments arguments, long remote, boolean toRemote) {
        long frame = caller.domain().physicalMap().getFrameToGrant(arguments.u64(V3Copy.LOCAL_GFN));
        if (frame < 0) {
            return Status.BAD_PAGE;
        }
        int status = typed(frame, !toRemote, local -> move(arguments, local, remote, toRemote));
        frames.put(frame, Page.ORDER_4K);
        return status;
    }

    /** What is done with a frame while its type admits it. */
    @FunctionalInterface
    private interface Use {
        int of(long frame);
    }

    private int typed(long frame, boolean write, Use use) {
        if (write && !frames.getType(frame, FrameTable.TYPE_WRITABLE)) {
            return Status.GENERAL_ERROR;
        }
        try {
            return use.of(frame);
        } finally {
            if (write) {
                frames.putType(frame);
            }
        }
    }

    private int move(GuestArguments arguments, long local, long remote, boolean toRemote) {
        int length = (int) arguments.u32(V3Copy.LENGTH);
        long here = Page.address(local) + arguments.u32(V3Copy.LOCAL_OFFSET);
        long there = Page.address(remote) + arguments.u32(V3Copy.REMOTE_OFFSET);
        if (toRemote) {
            memory.copy(here, there, length);
        } else {
            memory.copy(there, here, length);
        }
        arguments.set32(V3Copy.DONE, length);
        return Status.OKAY;
    }
}
