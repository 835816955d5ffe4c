package grantlab.conformance.call;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SwapGrantRef;

/**
 * GNTTABOP_swap_grant_ref, on the caller's own table.
 *
 * @param refA a reference
 * @param refB another
 */
public record SwapCall(long refA, long refB) implements Call<Answer> {
    @Override
    public int operation() {
        return GnttabOp.SWAP_GRANT_REF;
    }

    @Override
    public int size() {
        return SwapGrantRef.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put32(SwapGrantRef.REF_A, refA);
        struct.put32(SwapGrantRef.REF_B, refB);
        struct.put16(SwapGrantRef.STATUS, UNWRITTEN);
    }

    @Override
    public Answer read(Struct struct, long rc) {
        return new Answer(rc, struct.status(SwapGrantRef.STATUS));
    }

    @Override
    public String text(Names names) {
        return "swap a=" + refA + " b=" + refB;
    }
}
