package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** v3_tree_destroy (grant-v3.md, section 5.4), without REVOKE: a tree through which something is in use is busy. */
@Singleton
public final class DestroyTree {
    private static final StructForm FORM = new StructForm(
            V3TreeDestroy.SIZE,
            V3TreeDestroy.STATUS,
            0,
            V3TreeDestroy.ZERO_11,
            1,
            V3TreeDestroy.ZERO_12,
            4,
            V3TreeDestroy.ZERO_28,
            4);

    private final Quiescence quiescence;

    @Inject
    DestroyTree(Quiescence quiescence) {
        this.quiescence = quiescence;
    }

    /** Destroys. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::destroy);
    }

    private int destroy(Caller caller, FrameArguments arguments) {
        if (arguments.u64(V3TreeDestroy.DONE) != 0) {
            return Status.INVAL;
        }
        return OwnTree.find(
                caller,
                arguments.u16(V3TreeDestroy.SLOT),
                arguments.u8(V3TreeDestroy.GEN),
                tree -> caller.outside(() -> alone(caller, tree)));
    }

    /** New uses are stopped first; when nobody can be about to begin one any more, what is in use is the truth. */
    private int alone(Caller caller, Tree tree) {
        synchronized (tree) {
            boolean bound = tree.binding().bound();
            tree.bind(tree.binding().withBound(false));
            quiescence.await();
            if (tree.active() != 0 || !tree.revocations().none()) {
                tree.bind(tree.binding().withBound(bound));
                return Status.BUSY;
            }
            if (!caller.domain().trees().remove(tree)) {
                return Status.BAD_TREE;
            }
            quiescence.await();
            for (int spin = 0; !tree.revocations().none(); spin++) {
                // One that found the tree just before it went.
                Spin.once(spin);
            }
            tree.table().dispose();
            return Status.OKAY;
        }
    }
}
