package grantlab.conformance.call;

import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;

/**
 * XENMEM_add_to_physmap on the caller's own map. The hypercall's result is the answer.
 *
 * @param space XENMAPSPACE_*
 * @param index which of those
 * @param frame where
 */
public record AddToPhysmapCall(int space, long index, long frame) implements Call<Long> {
    /**
     * A shared frame of the grant table.
     *
     * @param n which
     * @param frame where
     * @return the call
     */
    public static AddToPhysmapCall sharedFrame(long n, long frame) {
        return new AddToPhysmapCall(AddToPhysmap.SPACE_GRANT_TABLE, n, frame);
    }

    /**
     * A status frame of the grant table.
     *
     * @param n which
     * @param frame where
     * @return the call
     */
    public static AddToPhysmapCall statusFrame(long n, long frame) {
        return new AddToPhysmapCall(AddToPhysmap.SPACE_GRANT_TABLE, n | AddToPhysmap.STATUS_FRAME, frame);
    }

    @Override
    public int hypercall() {
        return Hypercall.MEMORY_OP;
    }

    @Override
    public int operation() {
        return MemoryOp.ADD_TO_PHYSMAP;
    }

    @Override
    public int size() {
        return AddToPhysmap.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put16(AddToPhysmap.DOMID, Domid.SELF);
        struct.put32(AddToPhysmap.SPACE, space);
        struct.put64(AddToPhysmap.IDX, index);
        struct.put64(AddToPhysmap.GPFN, frame);
    }

    @Override
    public Long read(Struct struct, long rc) {
        return rc;
    }

    @Override
    public String text(Names names) {
        return "memop sub=add space=" + space + " idx=" + Texts.hex(index) + " frame=" + names.frame(frame);
    }
}
