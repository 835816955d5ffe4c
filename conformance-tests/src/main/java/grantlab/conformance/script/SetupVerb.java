package grantlab.conformance.script;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SetupTable;
import java.util.Map;

/** {@code setup}: GNTTABOP_setup_table. */
final class SetupVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.SETUP_TABLE;
    }

    @Override
    public int size() {
        return SetupTable.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("dom", Operand.DOMAIN, "nr", Operand.NUMBER, "list", Operand.ADDRESS);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set16(SetupTable.DOM, operation.operands.domain("dom", Domid.SELF));
        struct.set32(SetupTable.NR_FRAMES, operation.operands.number("nr", 1));
        struct.set16(SetupTable.STATUS, Result.UNSET_STATUS);
        struct.set64(SetupTable.FRAME_LIST, FrameList.prepare(operation, element));
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        short status = struct.get16(SetupTable.STATUS);
        operation.result.status(status);
        if (status == Status.OKAY) {
            FrameList.print(operation, element, struct.get32(SetupTable.NR_FRAMES));
        }
    }
}
