package grantlab.hypervisor.operation;

import static grantlab.api.abi.SwapGrantRef.REF_A;
import static grantlab.api.abi.SwapGrantRef.REF_B;
import static grantlab.api.abi.SwapGrantRef.SIZE;
import static grantlab.api.abi.SwapGrantRef.STATUS;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.grant.FlatTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.table.InForce;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** GNTTABOP_swap_grant_ref (xen-semantics 2.11), of the caller's own table. */
@MachineScoped
public final class SwapGrantRef {
    @Inject
    SwapGrantRef() {}

    /**
     * Swaps each element of the array.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count) {
        GuestArguments arguments = caller.arguments();
        for (long i = 0; i < count; i++) {
            long element = array + i * SIZE;
            if (!arguments.read(element, SIZE)) {
                return -Errno.EFAULT;
            }
            int status = swap(caller, arguments.u32(REF_A), arguments.u32(REF_B));
            if (!arguments.write16(element + STATUS, Answers.checked(status))) {
                return -Errno.EFAULT;
            }
        }
        return 0;
    }

    private static int swap(Caller caller, long a, long b) {
        InForce inForce = caller.domain().grantTable().enter(caller.section());
        FlatTable table = inForce.table();
        if (a >= table.size() || b >= table.size()) {
            return Status.BAD_GNTREF;
        }
        if (a == b) {
            return Status.OKAY;
        }
        return swapLocked(inForce.grants().acts(), table, (int) a, (int) b);
    }

    /** Both records locked, in the order of their numbers: whoever pins meanwhile waits, and nobody waits for ever. */
    private static int swapLocked(Acts acts, FlatTable table, int a, int b) {
        int low = Math.min(a, b);
        int high = Math.max(a, b);
        long lowWord = acts.lock(low);
        long highWord = acts.lock(high);
        try {
            if (Acts.pins(lowWord) != 0 || Acts.pins(highWord) != 0) {
                return Status.EAGAIN;
            }
            table.swap(a, b);
            return Status.OKAY;
        } finally {
            acts.unlock(high, highWord);
            acts.unlock(low, lowWord);
        }
    }
}
