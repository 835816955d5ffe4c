package grantlab.hypervisor.operation;

import static grantlab.api.abi.UnmapGrantRef.DEV_BUS_ADDR;
import static grantlab.api.abi.UnmapGrantRef.HANDLE;
import static grantlab.api.abi.UnmapGrantRef.HOST_ADDR;
import static grantlab.api.abi.UnmapGrantRef.SIZE;
import static grantlab.api.abi.UnmapGrantRef.STATUS;

import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** GNTTABOP_unmap_grant_ref (xen-semantics 2.2). An address of 0 leaves that part of the mapping alone. */
@MachineScoped
public final class UnmapGrantRef {
    private final UnmapBatch batch;
    private final Unmapping unmapping;
    private final UnmapBatch.Element element = this::takeOut;

    @Inject
    UnmapGrantRef(UnmapBatch batch, Unmapping unmapping) {
        this.batch = batch;
        this.unmapping = unmapping;
    }

    /**
     * Unmaps each element of the array.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count) {
        return batch.run(caller, array, count, SIZE, STATUS, element);
    }

    private int takeOut(Caller caller, GuestArguments arguments) {
        return unmapping.takeOut(
                caller, arguments.u32(HANDLE), arguments.u64(HOST_ADDR), 0, arguments.u64(DEV_BUS_ADDR));
    }
}
