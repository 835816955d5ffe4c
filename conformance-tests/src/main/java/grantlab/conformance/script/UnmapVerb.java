package grantlab.conformance.script;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.UnmapGrantRef;
import java.util.Map;

/** {@code unmap}: GNTTABOP_unmap_grant_ref. */
final class UnmapVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.UNMAP_GRANT_REF;
    }

    @Override
    public int size() {
        return UnmapGrantRef.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("h", Operand.HANDLE, "addr", Operand.ADDRESS, "dev", Operand.ADDRESS);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set64(UnmapGrantRef.HOST_ADDR, operation.operands.address("addr"));
        struct.set64(UnmapGrantRef.DEV_BUS_ADDR, operation.operands.address("dev"));
        struct.set32(UnmapGrantRef.HANDLE, operation.operands.handle());
        struct.set16(UnmapGrantRef.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.status(struct.get16(UnmapGrantRef.STATUS));
    }
}
