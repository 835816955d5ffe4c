package grantlab.conformance.script;

import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import java.util.Map;

/** {@code copy}: GNTTABOP_copy. */
final class CopyVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.COPY;
    }

    @Override
    public int size() {
        return Copy.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of(
                "flags", Operand.NUMBER,
                "sdom", Operand.DOMAIN,
                "src", Operand.FRAME,
                "soff", Operand.NUMBER,
                "ddom", Operand.DOMAIN,
                "dst", Operand.FRAME,
                "doff", Operand.NUMBER,
                "len", Operand.NUMBER);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        Operands operands = operation.operands;
        struct.set16(Copy.FLAGS, operands.number("flags", 0));
        struct.set16(Copy.LEN, operands.number("len", 0));
        struct.set16(Copy.SOURCE_DOMID, operands.domain("sdom", Domid.SELF));
        struct.set16(Copy.DEST_DOMID, operands.domain("ddom", Domid.SELF));
        struct.set16(Copy.SOURCE_OFFSET, operands.number("soff", 0));
        struct.set16(Copy.DEST_OFFSET, operands.number("doff", 0));
        struct.set64(Copy.SOURCE, operands.frame("src", 0));
        struct.set64(Copy.DEST, operands.frame("dst", 0));
        struct.set16(Copy.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.status(struct.get16(Copy.STATUS));
    }
}
