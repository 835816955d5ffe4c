package grantlab.conformance.call;

import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.RemoveFromPhysmap;

/**
 * XENMEM_remove_from_physmap on the caller's own map. The hypercall's result is the answer.
 *
 * @param frame which
 */
public record RemoveFromPhysmapCall(long frame) implements Call<Long> {
    @Override
    public int hypercall() {
        return Hypercall.MEMORY_OP;
    }

    @Override
    public int operation() {
        return MemoryOp.REMOVE_FROM_PHYSMAP;
    }

    @Override
    public int size() {
        return RemoveFromPhysmap.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put16(RemoveFromPhysmap.DOMID, Domid.SELF);
        struct.put64(RemoveFromPhysmap.GPFN, frame);
    }

    @Override
    public Long read(Struct struct, long rc) {
        return rc;
    }

    @Override
    public String text(Names names) {
        return "memop sub=remove frame=" + names.frame(frame);
    }
}
