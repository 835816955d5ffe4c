package grantlab.conformance.call;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Transfer;

/**
 * GNTTABOP_transfer.
 *
 * @param frame the caller's, as it numbers it
 * @param domid the receiver
 * @param ref the receiver's reference
 */
public record TransferCall(long frame, int domid, long ref) implements Call<Answer> {
    @Override
    public int operation() {
        return GnttabOp.TRANSFER;
    }

    @Override
    public int size() {
        return Transfer.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(Transfer.MFN, frame);
        struct.put16(Transfer.DOMID, domid);
        struct.put32(Transfer.REF, ref);
        struct.put16(Transfer.STATUS, UNWRITTEN);
    }

    @Override
    public Answer read(Struct struct, long rc) {
        return new Answer(rc, struct.status(Transfer.STATUS));
    }

    @Override
    public String text(Names names) {
        return "transfer frame=" + names.frame(frame) + " dom=" + names.domain(domid) + " ref=" + ref;
    }
}
