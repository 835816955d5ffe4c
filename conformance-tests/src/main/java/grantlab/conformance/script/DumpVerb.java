package grantlab.conformance.script;

import grantlab.api.abi.Domid;
import grantlab.api.abi.DumpTable;
import grantlab.api.abi.GnttabOp;
import java.util.Map;

/** {@code dump}: GNTTABOP_dump_table, which no release has. */
final class DumpVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.DUMP_TABLE;
    }

    @Override
    public int size() {
        return DumpTable.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("dom", Operand.DOMAIN);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set16(DumpTable.DOM, operation.operands.domain("dom", Domid.SELF));
        struct.set16(DumpTable.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.status(struct.get16(DumpTable.STATUS));
    }
}
