package grantlab.benchmark;

import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.abi.UnmapGrantRef;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.Guest;

/**
 * One vCPU that maps references and unmaps them again, one after the other or a batch per hypercall.
 *
 * <p>The arguments are in the guest's memory once and for all, except for the handles, which are others each time: the
 * guest moves them from the one array to the other and looks at the statuses, which is part of what is measured.
 */
final class Mapper {
    /** References that it maps in turn. */
    static final int REFERENCES = 64;

    private static final int UNMAP_ARRAY = REFERENCES * MapGrantRef.SIZE;

    private final MachineMemory memory;
    private final Vcpu vcpu;
    private final long arguments;
    private final long machineArguments;
    private final int batch;

    /**
     * Writes the arguments.
     *
     * @param laboratory that the grantee is in
     * @param grantee who maps
     * @param vcpu one of its own
     * @param firstReference of the granter
     * @param references how many take turns
     * @param slots how many of its holes each vCPU uses
     * @param batch elements in a hypercall
     */
    Mapper(Laboratory laboratory, Guest grantee, Vcpu vcpu, int firstReference, int references, int slots, int batch) {
        this.memory = laboratory.machine().memory();
        this.vcpu = vcpu;
        this.arguments = grantee.argumentPages() + Page.address(vcpu.number());
        this.machineArguments = grantee.addressSpace().argument(arguments, true);
        this.batch = batch;
        for (int i = 0; i < REFERENCES; i++) {
            long slot = grantee.slot(vcpu.number() * slots + i % slots);
            long map = machineArguments + (long) i * MapGrantRef.SIZE;
            memory.store64(map + MapGrantRef.HOST_ADDR, slot);
            memory.store32(map + MapGrantRef.FLAGS, Gntmap.HOST_MAP);
            memory.store32(map + MapGrantRef.REF, firstReference + i % references);
            memory.store16(map + MapGrantRef.DOM, (short) laboratory.granter());
            long unmap = machineArguments + UNMAP_ARRAY + (long) i * UnmapGrantRef.SIZE;
            memory.store64(unmap + UnmapGrantRef.HOST_ADDR, slot);
            memory.store64(unmap + UnmapGrantRef.DEV_BUS_ADDR, 0);
        }
    }

    /**
     * Maps and unmaps.
     *
     * @param pairs how many, a multiple of 64
     */
    void run(int pairs) {
        for (int done = 0; done < pairs; done += REFERENCES) {
            for (int first = 0; first < REFERENCES; first += batch) {
                call(GnttabOp.MAP_GRANT_REF, arguments + (long) first * MapGrantRef.SIZE);
                moveHandles(first);
                call(GnttabOp.UNMAP_GRANT_REF, arguments + UNMAP_ARRAY + (long) first * UnmapGrantRef.SIZE);
            }
        }
    }

    private void call(int operation, long array) {
        long result = vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, array, batch);
        if (result != 0) {
            throw new IllegalStateException("grant_table_op " + operation + " answers " + result);
        }
    }

    /** An element that failed leaves a handle that unmap refuses: the audit at the end would find what stays mapped. */
    private void moveHandles(int first) {
        long map = machineArguments + (long) first * MapGrantRef.SIZE;
        long unmap = machineArguments + UNMAP_ARRAY + (long) first * UnmapGrantRef.SIZE;
        int statuses = 0;
        for (int i = 0; i < batch; i++) {
            statuses |= memory.load16(map + MapGrantRef.STATUS);
            memory.store32(unmap + UnmapGrantRef.HANDLE, memory.load32(map + MapGrantRef.HANDLE));
            map += MapGrantRef.SIZE;
            unmap += UnmapGrantRef.SIZE;
        }
        if (statuses != 0) {
            throw new IllegalStateException("a reference could not be mapped");
        }
    }
}
