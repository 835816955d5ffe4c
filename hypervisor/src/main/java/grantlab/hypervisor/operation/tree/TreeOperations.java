package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.GnttabOp;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** The operations above Xen's own: they exist where a tree format is chosen. */
@MachineScoped
public final class TreeOperations {
    private static final int FIRST = GnttabOp.V3_QUERY;

    private final TreeFormats formats;
    private final Operation[] operations = new Operation[GnttabOp.V3_GRANTEE_CTL - FIRST + 1];

    /** One operation. */
    @FunctionalInterface
    private interface Operation {
        long call(Caller caller, long address);
    }

    @Inject
    TreeOperations(
            TreeFormats formats,
            QueryFeatures query,
            CreateTree create,
            UpdateTree update,
            DestroyTree destroy,
            MapRun map,
            UnmapSet unmap,
            CopyRange copy,
            RevokeLeaves revoke,
            SetAccess setAccess,
            InvalidateTree invalidate,
            SyncRange sync,
            ProbeTrees probe,
            RegisterRing ring,
            GranteeControl control) {
        this.formats = formats;
        offer(GnttabOp.V3_QUERY, query::call);
        offer(GnttabOp.V3_TREE_CREATE, create::call);
        offer(GnttabOp.V3_TREE_UPDATE, update::call);
        offer(GnttabOp.V3_TREE_DESTROY, destroy::call);
        offer(GnttabOp.V3_MAP, map::call);
        offer(GnttabOp.V3_UNMAP, unmap::call);
        offer(GnttabOp.V3_COPY, copy::call);
        offer(GnttabOp.V3_REVOKE, revoke::call);
        offer(GnttabOp.V3_SET_ACCESS, setAccess::call);
        offer(GnttabOp.V3_INVALIDATE, invalidate::call);
        offer(GnttabOp.V3_SYNC, sync::call);
        offer(GnttabOp.V3_PROBE, probe::call);
        offer(GnttabOp.V3_RING_REGISTER, ring::call);
        offer(GnttabOp.V3_GRANTEE_CTL, control::call);
    }

    private void offer(int number, Operation operation) {
        operations[number - FIRST] = operation;
    }

    /**
     * Whether an operation is one of trees, and there are trees.
     *
     * @param command as the guest gave it
     * @return true: {@link #call} knows it
     */
    public boolean offers(int command) {
        int at = command - FIRST;
        return at >= 0 && at < operations.length && operations[at] != null && formats.installed();
    }

    /**
     * One call.
     *
     * @param address guest-physical byte address of the struct
     * @param count must be 1
     * @return zero or a negated errno
     */
    public long call(Caller caller, int command, long address, int count) {
        if (count != 1) {
            return -Errno.EINVAL;
        }
        long result = operations[command - FIRST].call(caller, address);
        caller.outbox.deliver();
        return result;
    }
}
