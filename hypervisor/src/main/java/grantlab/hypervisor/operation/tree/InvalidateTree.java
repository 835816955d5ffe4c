package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Invalidate;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** v3_invalidate (grant-v3.md, section 7.5): what was cached of a table entry is forgotten before the granter reuses the node. */
@MachineScoped
public final class InvalidateTree {
    private static final int LOWEST_TABLE_ENTRY = 2;
    private static final int BITS_PER_LEVEL = 9;
    private static final StructForm FORM = new StructForm(
            V3Invalidate.SIZE,
            V3Invalidate.STATUS,
            0,
            given -> given.u32(V3Invalidate.ZERO_12) | given.u32(V3Invalidate.ZERO_28));

    private final Quiescence quiescence;

    @Inject
    InvalidateTree(Quiescence quiescence) {
        this.quiescence = quiescence;
    }

    /** Invalidates. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return FORM.call(caller, address, this::invalidate);
    }

    private int invalidate(Caller caller, FrameArguments arguments) {
        int slot = arguments.u16(V3Invalidate.SLOT);
        return OwnTree.find(caller, slot, arguments.u8(V3Invalidate.GEN), tree -> forget(caller, tree, arguments));
    }

    /** Whoever found a node before writes marks to it until he is done: when the call returns the page is the granter's alone. */
    private int forget(Caller caller, Tree tree, FrameArguments arguments) {
        int level = arguments.u8(V3Invalidate.LEVEL);
        if (level < LOWEST_TABLE_ENTRY || level > tree.levels()) {
            return Status.BAD_SIZE;
        }
        long prefix = arguments.u64(V3Invalidate.PREFIX);
        if (prefix >>> (BITS_PER_LEVEL * tree.levels()) != 0) {
            return Status.BAD_GNTREF;
        }
        tree.table().invalidate(prefix, level);
        return caller.outside(() -> {
            quiescence.recall();
            return Status.OKAY;
        });
    }
}
