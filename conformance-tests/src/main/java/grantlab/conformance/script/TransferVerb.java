package grantlab.conformance.script;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Transfer;
import java.util.Map;

/** {@code transfer}: GNTTABOP_transfer. */
final class TransferVerb implements GrantVerb {
    private static final int CONTROL_DOMAIN = 0;

    @Override
    public int command() {
        return GnttabOp.TRANSFER;
    }

    @Override
    public int size() {
        return Transfer.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("frame", Operand.FRAME, "dom", Operand.DOMAIN, "ref", Operand.NUMBER);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set64(Transfer.MFN, operation.operands.frame("frame", 0));
        struct.set16(Transfer.DOMID, operation.operands.domain("dom", CONTROL_DOMAIN));
        struct.set32(Transfer.REF, operation.operands.number("ref", 0));
        struct.set16(Transfer.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.status(struct.get16(Transfer.STATUS));
    }
}
