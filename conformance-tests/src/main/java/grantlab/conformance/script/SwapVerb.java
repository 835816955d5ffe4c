package grantlab.conformance.script;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SwapGrantRef;
import java.util.Map;

/** {@code swap}: GNTTABOP_swap_grant_ref. */
final class SwapVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.SWAP_GRANT_REF;
    }

    @Override
    public int size() {
        return SwapGrantRef.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("a", Operand.NUMBER, "b", Operand.NUMBER);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set32(SwapGrantRef.REF_A, operation.operands.number("a", 0));
        struct.set32(SwapGrantRef.REF_B, operation.operands.number("b", 0));
        struct.set16(SwapGrantRef.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.status(struct.get16(SwapGrantRef.STATUS));
    }
}
