package grantlab.hypervisor.hypercall;

import grantlab.api.Errno;
import grantlab.api.abi.GnttabOp;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.operation.CacheFlush;
import grantlab.hypervisor.operation.CopyGrant;
import grantlab.hypervisor.operation.GetStatusFrames;
import grantlab.hypervisor.operation.GetVersion;
import grantlab.hypervisor.operation.MapGrantRef;
import grantlab.hypervisor.operation.QuerySize;
import grantlab.hypervisor.operation.SetVersion;
import grantlab.hypervisor.operation.SetupTable;
import grantlab.hypervisor.operation.SwapGrantRef;
import grantlab.hypervisor.operation.TransferPage;
import grantlab.hypervisor.operation.UnmapAndReplace;
import grantlab.hypervisor.operation.UnmapGrantRef;
import grantlab.hypervisor.operation.tree.TreeOperations;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The dispatch of grant_table_op (xen-semantics 2.0): which check comes before which, for all operations. */
@Singleton
public final class GrantTableOp {
    private final MapGrantRef map;
    private final UnmapGrantRef unmap;
    private final SetupTable setup;
    private final TransferPage transfer;
    private final CopyGrant copy;
    private final QuerySize query;
    private final UnmapAndReplace replace;
    private final SetVersion setVersion;
    private final GetStatusFrames statusFrames;
    private final GetVersion getVersion;
    private final SwapGrantRef swap;
    private final CacheFlush cacheFlush;
    private final TreeOperations trees;

    @Inject
    GrantTableOp(
            MapGrantRef map,
            UnmapGrantRef unmap,
            SetupTable setup,
            TransferPage transfer,
            CopyGrant copy,
            QuerySize query,
            UnmapAndReplace replace,
            SetVersion setVersion,
            GetStatusFrames statusFrames,
            GetVersion getVersion,
            SwapGrantRef swap,
            CacheFlush cacheFlush,
            TreeOperations trees) {
        this.map = map;
        this.unmap = unmap;
        this.setup = setup;
        this.transfer = transfer;
        this.copy = copy;
        this.query = query;
        this.replace = replace;
        this.setVersion = setVersion;
        this.statusFrames = statusFrames;
        this.getVersion = getVersion;
        this.swap = swap;
        this.cacheFlush = cacheFlush;
        this.trees = trees;
    }

    /**
     * One call.
     *
     * @param command the operation; bits above 11 are a continuation's, which no guest may bring
     * @param array guest address of the elements
     * @param count how many
     * @return zero or a negated errno
     */
    public long call(Caller caller, int command, long array, int count) {
        if (trees.offers(command)) {
            return trees.call(caller, command, array, count);
        }
        AddressSpace space = caller.domain().addressSpace();
        if (space.checksOperationFirst() && !offered(space, command)) {
            return -Errno.ENOSYS;
        }
        if (count < 0) {
            return -Errno.EINVAL;
        }
        int operation = command & GnttabOp.COMMAND_MASK;
        if (operation != command && operation != GnttabOp.CACHE_FLUSH) {
            return -Errno.EINVAL;
        }
        if (!offered(space, operation)) {
            return -Errno.ENOSYS;
        }
        int size = elementSize(operation);
        if (size > 0 && !space.mayHoldArguments(array, (long) size * count)) {
            return -Errno.EFAULT;
        }
        return perform(caller, operation, array, count);
    }

    private static boolean offered(AddressSpace space, int operation) {
        return operation >= 0 && operation < Long.SIZE && (space.operations() >>> operation & 1) != 0;
    }

    /** Of the operations whose array is range checked at once; zero for those that take one element. */
    private static int elementSize(int operation) {
        return switch (operation) {
            case GnttabOp.MAP_GRANT_REF -> grantlab.api.abi.MapGrantRef.SIZE;
            case GnttabOp.UNMAP_GRANT_REF -> grantlab.api.abi.UnmapGrantRef.SIZE;
            case GnttabOp.UNMAP_AND_REPLACE -> grantlab.api.abi.UnmapAndReplace.SIZE;
            case GnttabOp.TRANSFER -> grantlab.api.abi.Transfer.SIZE;
            case GnttabOp.COPY -> grantlab.api.abi.Copy.SIZE;
            case GnttabOp.SWAP_GRANT_REF -> grantlab.api.abi.SwapGrantRef.SIZE;
            case GnttabOp.CACHE_FLUSH -> grantlab.api.abi.CacheFlush.SIZE;
            default -> 0;
        };
    }

    private long perform(Caller caller, int operation, long array, int count) {
        return switch (operation) {
            case GnttabOp.MAP_GRANT_REF -> map.call(caller, array, count);
            case GnttabOp.UNMAP_GRANT_REF -> unmap.call(caller, array, count);
            case GnttabOp.SETUP_TABLE -> setup.call(caller, array, count);
            case GnttabOp.TRANSFER -> transfer.call(caller, array, count);
            case GnttabOp.COPY -> copy.call(caller, array, count);
            case GnttabOp.QUERY_SIZE -> query.call(caller, array, count);
            case GnttabOp.UNMAP_AND_REPLACE -> replace.call(caller, array, count);
            case GnttabOp.SET_VERSION -> setVersion.call(caller, array);
            case GnttabOp.GET_STATUS_FRAMES -> statusFrames.call(caller, array, count);
            case GnttabOp.GET_VERSION -> getVersion.call(caller, array);
            case GnttabOp.SWAP_GRANT_REF -> swap.call(caller, array, count);
            case GnttabOp.CACHE_FLUSH -> cacheFlush.call(caller, array, count);
            default -> -Errno.ENOSYS;
        };
    }
}
