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
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.Arrays;

/** The dispatch of grant_table_op (xen-semantics 2.0): which check comes before which, for all operations. */
@MachineScoped
public final class GrantTableOp {
    /**
     * What is behind a number. Called through an interface of many, each operation is compiled by itself: inlined here, all
     * of them together, they exceed what the compiler inlines, and it leaves calls in the midst of the hot path.
     */
    @FunctionalInterface
    private interface Operation {
        long call(Caller caller, long array, int count);
    }

    /** By number; those that there are not answer so. */
    private final Operation[] operations = new Operation[Long.SIZE];

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
        Arrays.fill(operations, (Operation) (caller, array, count) -> -Errno.ENOSYS);
        operations[GnttabOp.MAP_GRANT_REF] = map::call;
        operations[GnttabOp.UNMAP_GRANT_REF] = unmap::call;
        operations[GnttabOp.SETUP_TABLE] = setup::call;
        operations[GnttabOp.TRANSFER] = transfer::call;
        operations[GnttabOp.COPY] = copy::call;
        operations[GnttabOp.QUERY_SIZE] = query::call;
        operations[GnttabOp.UNMAP_AND_REPLACE] = replace::call;
        operations[GnttabOp.SET_VERSION] = (caller, array, count) -> setVersion.call(caller, array);
        operations[GnttabOp.GET_STATUS_FRAMES] = statusFrames::call;
        operations[GnttabOp.GET_VERSION] = (caller, array, count) -> getVersion.call(caller, array);
        operations[GnttabOp.SWAP_GRANT_REF] = swap::call;
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
        return operation == GnttabOp.CACHE_FLUSH
                ? cacheFlush.call(caller, array, count, continuation(command))
                : operations[operation].call(caller, array, count);
    }

    /** The upper bits of the command. */
    private static long continuation(int command) {
        return Integer.toUnsignedLong(command & ~GnttabOp.COMMAND_MASK);
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
}
