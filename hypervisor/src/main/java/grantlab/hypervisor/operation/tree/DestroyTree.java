package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.grant.TreeTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.tree.Revocations;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * v3_tree_destroy (grant-v3.md, section 5.4): without REVOKE a tree through which something is in use is busy; with it all is taken
 * back first, and what the grantee has yet to acknowledge keeps the slot alone.
 */
@MachineScoped
public final class DestroyTree {
    private static final StructForm FORM = new StructForm(
            V3TreeDestroy.SIZE,
            V3TreeDestroy.STATUS,
            V3TreeDestroy.REVOKE,
            given -> given.u8(V3TreeDestroy.ZERO_11)
                    | given.u32(V3TreeDestroy.ZERO_12)
                    | given.u32(V3TreeDestroy.ZERO_28));

    private final TreeTaking taking;
    private final Notices notices;
    private final Quiescence quiescence;

    @Inject
    DestroyTree(TreeTaking taking, Notices notices, Quiescence quiescence) {
        this.taking = taking;
        this.notices = notices;
        this.quiescence = quiescence;
    }

    /** Destroys. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::destroy);
    }

    private int destroy(Caller caller, FrameArguments arguments) {
        boolean revokes = (arguments.u32(V3Head.FLAGS) & V3TreeDestroy.REVOKE) != 0;
        if (!revokes && arguments.u64(V3TreeDestroy.DONE) != 0) {
            return Status.INVAL;
        }
        return OwnTree.find(
                caller,
                arguments.u16(V3TreeDestroy.SLOT),
                arguments.u8(V3TreeDestroy.GEN),
                tree -> revokes ? revoke(caller, arguments, tree) : caller.outside(() -> alone(caller, tree)));
    }

    /** TREE-43, TREE-44. */
    private int revoke(Caller caller, FrameArguments arguments, Tree tree) {
        if (!TreeFlags.revocable(tree)) {
            return Status.NOT_REVOCABLE;
        }
        Revocations.Begun begun = new Revocations.Begun();
        if (!tree.revocations().begin(0, Revocations.WHOLE, begun)) {
            return begun.id == Revocations.NO_ROOM ? Status.QUOTA : Status.BUSY;
        }
        for (Revocations.Request request : tree.revocations().takeOver(0, Revocations.WHOLE)) {
            notices.requestOver(caller.outbox, tree, request, false);
        }
        int status;
        try {
            status = take(caller, arguments, tree);
        } finally {
            tree.revocations().end(begun.id);
        }
        return status != Status.OKAY ? status : caller.outside(() -> leave(caller.domain(), tree));
    }

    private int take(Caller caller, FrameArguments arguments, Tree tree) {
        Taking.Slice slice = new Taking.Slice(Fates.GONE);
        long before = arguments.u64(V3TreeDestroy.DONE);
        int status =
                taking.take(Taker.of(caller), tree, slice, done -> arguments.set64(V3TreeDestroy.DONE, before + done));
        if (slice.taken != 0) {
            notices.revoked(caller.outbox, tree, 0, 0);
        }
        return status == Status.OKAY && slice.residue ? Status.RESIDUAL : status;
    }

    /** Nothing of it is in use: nobody finds the tree any more, and then nobody is in its table. */
    private int leave(Domain granter, Tree tree) {
        synchronized (tree) {
            if (!granter.trees().leave(tree)) {
                return Status.BAD_TREE;
            }
            awaitUsers(tree);
            TreeTable lost = tree.loseTable();
            quiescence.recall();
            lost.dispose();
            return Status.OKAY;
        }
    }

    /** New uses are stopped first; when nobody can be about to begin one any more, what is in use is the truth. */
    private int alone(Caller caller, Tree tree) {
        synchronized (tree) {
            boolean bound = tree.binding().bound();
            tree.bind(tree.binding().withBound(false));
            quiescence.recall();
            if (tree.active() != 0 || !tree.revocations().none()) {
                tree.bind(tree.binding().withBound(bound));
                return Status.BUSY;
            }
            if (!caller.domain().trees().remove(tree)) {
                return Status.BAD_TREE;
            }
            awaitUsers(tree);
            quiescence.recall();
            tree.table().dispose();
            return Status.OKAY;
        }
    }

    /** Calls that found the tree just before it went. */
    private void awaitUsers(Tree tree) {
        quiescence.await();
        for (int spin = 0; !tree.revocations().none(); spin++) {
            Spin.once(spin);
        }
    }
}
