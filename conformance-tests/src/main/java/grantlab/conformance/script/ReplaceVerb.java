package grantlab.conformance.script;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.UnmapAndReplace;
import java.util.Map;

/** {@code replace}: GNTTABOP_unmap_and_replace. */
final class ReplaceVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.UNMAP_AND_REPLACE;
    }

    @Override
    public int size() {
        return UnmapAndReplace.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("h", Operand.HANDLE, "addr", Operand.ADDRESS, "new", Operand.ADDRESS);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set64(UnmapAndReplace.HOST_ADDR, operation.operands.address("addr"));
        struct.set64(UnmapAndReplace.NEW_ADDR, operation.operands.address("new"));
        struct.set32(UnmapAndReplace.HANDLE, operation.operands.handle());
        struct.set16(UnmapAndReplace.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.status(struct.get16(UnmapAndReplace.STATUS));
    }
}
