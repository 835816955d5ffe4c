package grantlab.hypervisor.hypercall;

import grantlab.api.Errno;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.guest.Vcpu;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.lifecycle.Destruction;
import grantlab.hypervisor.operation.ForeignMappings;
import grantlab.hypervisor.operation.MemoryReservations;
import grantlab.hypervisor.operation.PhysmapChanges;
import grantlab.hypervisor.operation.UpdateVaMapping;
import grantlab.hypervisor.operation.tree.FaultDelivery;
import grantlab.hypervisor.operation.tree.ToolstackOperations;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** Where a guest enters the hypervisor. */
@MachineScoped
public final class Hypercalls {
    private final GrantTableOp grantTableOp;
    private final MemoryReservations reservations;
    private final PhysmapChanges physmap;
    private final UpdateVaMapping updateVaMapping;
    private final ForeignMappings foreign;
    private final ToolstackOperations toolstack;
    private final FaultDelivery faults;
    private final Destruction destruction;

    @Inject
    Hypercalls(
            GrantTableOp grantTableOp,
            MemoryReservations reservations,
            PhysmapChanges physmap,
            UpdateVaMapping updateVaMapping,
            ForeignMappings foreign,
            ToolstackOperations toolstack,
            FaultDelivery faults,
            Destruction destruction) {
        this.grantTableOp = grantTableOp;
        this.reservations = reservations;
        this.physmap = physmap;
        this.updateVaMapping = updateVaMapping;
        this.foreign = foreign;
        this.toolstack = toolstack;
        this.faults = faults;
        this.destruction = destruction;
    }

    /**
     * One call, from the thread of the vCPU.
     *
     * @param caller the vCPU
     * @param number one of {@link Hypercall}
     * @param a first register
     * @param b second register
     * @param c third register
     * @param d fourth register
     * @return the result register, or {@link Vcpu#CRASHED}
     */
    public long call(Caller caller, int number, long a, long b, long c, long d) {
        long result = Vcpu.CRASHED;
        caller.section().enter();
        try {
            // Inside: who ends the domain waits for those who found it running.
            if (caller.domain().running()) {
                result = perform(caller, number, a, b, c, d);
            }
        } finally {
            caller.release();
            caller.section().leave();
        }
        destruction.reap();
        return caller.domain().running() ? result : Vcpu.CRASHED;
    }

    /**
     * An access came to an address at which nothing stands, from the thread of the vCPU.
     *
     * @param caller the vCPU
     * @param address as the guest says it
     * @param write whether it would write
     * @return the vector of an exception that the vCPU gets for it, or 0
     */
    public int fault(Caller caller, long address, boolean write) {
        caller.section().enter();
        try {
            return caller.domain().running() ? faults.met(caller, address, write) : 0;
        } finally {
            caller.outbox.deliver();
            caller.section().leave();
        }
    }

    private long perform(Caller caller, int number, long a, long b, long c, long d) {
        return switch (number) {
            case Hypercall.GRANT_TABLE_OP -> grantTableOp.call(caller, (int) a, b, (int) c);
            case Hypercall.MEMORY_OP -> memory(caller, (int) a, b);
            case Hypercall.UPDATE_VA_MAPPING -> updateVaMapping.call(caller, a, b);
            case Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN -> foreign.update(caller, a, b, d);
            case Hypercall.DOMCTL -> toolstack.call(caller, a);
            case Hypercall.SCHED_OP -> 0;
            default -> -Errno.ENOSYS;
        };
    }

    private long memory(Caller caller, int command, long address) {
        return switch (command) {
            case MemoryOp.DECREASE_RESERVATION -> reservations.decrease(caller, address);
            case MemoryOp.POPULATE_PHYSMAP -> reservations.populate(caller, address);
            case MemoryOp.ADD_TO_PHYSMAP -> physmap.add(caller, address);
            case MemoryOp.REMOVE_FROM_PHYSMAP -> physmap.remove(caller, address);
            case MemoryOp.ADD_TO_PHYSMAP_BATCH -> foreign.add(caller, address);
            default -> -Errno.ENOSYS;
        };
    }
}
