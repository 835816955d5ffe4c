package grantlab.benchmark;

import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.memory.MachineMemory;
import grantlab.hypervisor.guest.Guest;

/** A vCPU that copies from granted pages to pages of its own, one element or a batch per hypercall. */
final class Copier {
    /** References that it copies from in turn, and pages of its own that it copies to. */
    static final int REFERENCES = 64;

    private final MachineMemory memory;
    private final Guest grantee;
    private final long arguments;
    private final long machineArguments;
    private final int batch;

    /**
     * Writes the arguments.
     *
     * @param laboratory that the grantee is in
     * @param grantee who copies
     * @param firstReference of the granter, the first of 64
     * @param length bytes of each element
     * @param batch elements in a hypercall
     */
    Copier(Laboratory laboratory, Guest grantee, int firstReference, int length, int batch) {
        this.memory = laboratory.machine().memory();
        this.grantee = grantee;
        this.arguments = grantee.argumentPages();
        this.machineArguments = grantee.addressSpace().argument(arguments, true);
        this.batch = batch;
        for (int i = 0; i < REFERENCES; i++) {
            long element = machineArguments + (long) i * Copy.SIZE;
            memory.store64(element + Copy.SOURCE, firstReference + i);
            memory.store16(element + Copy.SOURCE_DOMID, (short) laboratory.granter());
            memory.store16(element + Copy.SOURCE_OFFSET, (short) 0);
            memory.store64(element + Copy.DEST, grantee.pageFrame(i));
            memory.store16(element + Copy.DEST_DOMID, (short) Domid.SELF);
            memory.store16(element + Copy.DEST_OFFSET, (short) 0);
            memory.store16(element + Copy.LEN, (short) length);
            memory.store16(element + Copy.FLAGS, (short) Copy.SOURCE_GREF);
        }
    }

    /**
     * Copies.
     *
     * @param copies how many, a multiple of 64
     */
    void run(int copies) {
        for (int done = 0; done < copies; done += REFERENCES) {
            for (int first = 0; first < REFERENCES; first += batch) {
                call(first);
            }
        }
    }

    private void call(int first) {
        long result = grantee.vcpu()
                .hypercall(Hypercall.GRANT_TABLE_OP, GnttabOp.COPY, arguments + (long) first * Copy.SIZE, batch);
        int statuses = 0;
        for (int i = first; i < first + batch; i++) {
            statuses |= memory.load16(machineArguments + (long) i * Copy.SIZE + Copy.STATUS);
        }
        if (result != 0 || statuses != 0) {
            throw new IllegalStateException("a copy failed: the call answers " + result);
        }
    }
}
