package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** v3_tree_update (grant-v3.md, section 5.3): one change of a tree, with exactly one flag. */
@MachineScoped
public final class UpdateTree {
    private static final StructForm FORM = new StructForm(
            V3TreeUpdate.SIZE,
            V3TreeUpdate.STATUS,
            V3TreeUpdate.PAUSE | V3TreeUpdate.RESUME | V3TreeUpdate.LIMITS | V3TreeUpdate.GROW,
            given -> given.u32(V3TreeUpdate.ZERO_52) | given.u64(V3TreeUpdate.ZERO_56));
    private final TreeFormats formats;
    private final Quiescence quiescence;
    private final Notices notices;

    @Inject
    UpdateTree(TreeFormats formats, Quiescence quiescence, Notices notices) {
        this.formats = formats;
        this.quiescence = quiescence;
        this.notices = notices;
    }

    /** Changes a tree. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::update);
    }

    private int update(Caller caller, FrameArguments arguments) {
        int change = (int) arguments.u32(V3Head.FLAGS);
        if (Integer.bitCount(change) != 1 || !onlyFieldsOf(change, arguments)) {
            return Status.INVAL;
        }
        return OwnTree.find(
                caller,
                arguments.u16(V3TreeUpdate.SLOT),
                arguments.u8(V3TreeUpdate.GEN),
                tree -> caller.outside(() -> alone(caller, tree, change, arguments)));
    }

    /** A field that the change does not use is zero. */
    private static boolean onlyFieldsOf(int change, FrameArguments arguments) {
        boolean limits = change == V3TreeUpdate.LIMITS;
        boolean grow = change == V3TreeUpdate.GROW;
        return (change == V3TreeUpdate.RESUME || arguments.u32(V3TreeUpdate.EPOCH) == 0)
                && (grow || arguments.u64(V3TreeUpdate.ROOT) == 0)
                && (grow || limits || arguments.u64(V3TreeUpdate.INDEX_LIMIT) == 0)
                && (limits || arguments.u64(V3TreeUpdate.MAX_MAPPINGS) == 0)
                && (limits || arguments.u64(V3TreeUpdate.MAX_ACTIVE) == 0);
    }

    /** Changes of one tree exclude each other. */
    private int alone(Caller caller, Tree tree, int change, FrameArguments arguments) {
        synchronized (tree) {
            int status = switch (change) {
                case V3TreeUpdate.PAUSE -> pause(caller, tree);
                case V3TreeUpdate.RESUME -> resume(caller, tree, (int) arguments.u32(V3TreeUpdate.EPOCH));
                case V3TreeUpdate.LIMITS -> limit(tree, arguments);
                default -> grow(tree, arguments);
            };
            if (status == Status.OKAY) {
                arguments.set8(V3TreeUpdate.LEVELS, tree.levels());
            }
            return status;
        }
    }

    /** When the call returns, whoever had found the tree before has mapped or has gone. */
    private int pause(Caller caller, Tree tree) {
        Binding binding = tree.binding();
        if (!binding.paused()) {
            tree.bind(binding.withPaused(true));
            quiescence.await();
            notices.paused(caller.outbox, tree);
        }
        return Status.OKAY;
    }

    private int resume(Caller caller, Tree tree, int epoch) {
        Binding binding = tree.binding();
        if (!binding.bound()) {
            return Status.PAUSED;
        }
        if (binding.epoch() != epoch) {
            return Status.STALE;
        }
        if (binding.paused()) {
            tree.bind(binding.withPaused(false));
            notices.resumed(caller.outbox, tree, epoch);
        }
        return Status.OKAY;
    }

    private static int limit(Tree tree, FrameArguments arguments) {
        long limit = arguments.u64(V3TreeUpdate.INDEX_LIMIT);
        long mappings = arguments.u64(V3TreeUpdate.MAX_MAPPINGS);
        long active = arguments.u64(V3TreeUpdate.MAX_ACTIVE);
        if (!TreeLimits.fit(tree.levels(), limit, mappings, active)) {
            return Status.BAD_SIZE;
        }
        tree.setShape(tree.levels(), limit);
        tree.setBounds(active, mappings);
        return Status.OKAY;
    }

    /** Indices keep their meaning: entry 0 of the new root is the old root. */
    private int grow(Tree tree, FrameArguments arguments) {
        int levels = tree.levels() + 1;
        long limit = arguments.u64(V3TreeUpdate.INDEX_LIMIT);
        if (levels > formats.chosen().maxLevels() || !TreeLimits.fit(levels, limit, 0, 0)) {
            return Status.BAD_SIZE;
        }
        int status = tree.table().grow(arguments.u64(V3TreeUpdate.ROOT));
        if (status == Status.OKAY) {
            tree.setShape(levels, limit);
        }
        return status;
    }
}
