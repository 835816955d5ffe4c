package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** v3_tree_destroy (grant-v3.md, section 5), without REVOKE: a tree through which something is in use is busy. */
@Singleton
public final class DestroyTree {
    private final Quiescence quiescence;

    @Inject
    DestroyTree(Quiescence quiescence) {
        this.quiescence = quiescence;
    }

    /** Destroys. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, V3TreeDestroy.SIZE)) {
            return -Errno.EFAULT;
        }
        arguments.set32(V3TreeDestroy.STATUS, destroy(caller, arguments));
        return arguments.writeBack(address, V3TreeDestroy.SIZE) ? 0 : -Errno.EFAULT;
    }

    private int destroy(Caller caller, GuestArguments arguments) {
        if (arguments.u16(V3Head.STRUCT_SIZE) != V3TreeDestroy.SIZE
                || arguments.u16(V3Head.VERSION) != V3Head.THREE
                || arguments.u32(V3Head.FLAGS) != 0) {
            return Status.UNSUPPORTED;
        }
        Tree tree = caller.domain().trees().find(arguments.u16(V3TreeDestroy.SLOT));
        if (tree == null) {
            return Status.BAD_TREE;
        }
        if (tree.generation() != (arguments.u16(V3TreeDestroy.GEN) & 0xff)) {
            return Status.STALE;
        }
        return caller.outside(() -> remove(caller, tree));
    }

    /** Out of sight first; when nobody can be about to pin any more, what is pinned is the truth. */
    private int remove(Caller caller, Tree tree) {
        if (!tree.leaves().unused() || !caller.domain().trees().remove(tree)) {
            return Status.BUSY;
        }
        quiescence.await();
        if (!tree.leaves().unused()) {
            caller.domain().trees().restore(tree);
            return Status.BUSY;
        }
        tree.table().dispose();
        return Status.OKAY;
    }
}
