package grantlab.hypervisor.operation;

import static grantlab.api.abi.UnmapAndReplace.HANDLE;
import static grantlab.api.abi.UnmapAndReplace.HOST_ADDR;
import static grantlab.api.abi.UnmapAndReplace.NEW_ADDR;
import static grantlab.api.abi.UnmapAndReplace.SIZE;
import static grantlab.api.abi.UnmapAndReplace.STATUS;

import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** GNTTABOP_unmap_and_replace (xen-semantics 2.8): never touches the device part. */
@MachineScoped
public final class UnmapAndReplace {
    private final UnmapBatch batch;
    private final Unmapping unmapping;
    private final UnmapBatch.Element element = this::takeOut;

    @Inject
    UnmapAndReplace(UnmapBatch batch, Unmapping unmapping) {
        this.batch = batch;
        this.unmapping = unmapping;
    }

    /**
     * Replaces each element of the array.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count) {
        return batch.run(caller, array, count, SIZE, STATUS, element);
    }

    private int takeOut(Caller caller, GuestArguments arguments) {
        return unmapping.takeOut(caller, arguments.u32(HANDLE), arguments.u64(HOST_ADDR), arguments.u64(NEW_ADDR), 0);
    }
}
