package grantlab.conformance.script;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SetVersion;
import java.util.Map;

/** {@code set_version}: GNTTABOP_set_version, which answers with the version in force whatever its result. */
final class SetVersionVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.SET_VERSION;
    }

    @Override
    public int size() {
        return SetVersion.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("v", Operand.NUMBER);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set32(SetVersion.VERSION, operation.operands.number("v", 1));
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        operation.result.unsigned("v", Integer.toUnsignedLong(struct.get32(SetVersion.VERSION)));
    }
}
