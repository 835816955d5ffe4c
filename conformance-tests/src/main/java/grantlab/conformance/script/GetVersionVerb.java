package grantlab.conformance.script;

import grantlab.api.abi.Domid;
import grantlab.api.abi.GetVersion;
import grantlab.api.abi.GnttabOp;
import java.util.Map;

/** {@code get_version}: GNTTABOP_get_version. */
final class GetVersionVerb implements GrantVerb {
    /** What the output field holds before the call: no version. */
    private static final int UNSET_VERSION = 0x7777;

    @Override
    public int command() {
        return GnttabOp.GET_VERSION;
    }

    @Override
    public int size() {
        return GetVersion.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("dom", Operand.DOMAIN);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set16(GetVersion.DOM, operation.operands.domain("dom", Domid.SELF));
        struct.set32(GetVersion.VERSION, UNSET_VERSION);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        int version = struct.get32(GetVersion.VERSION);
        if (version != UNSET_VERSION) {
            operation.result.unsigned("v", Integer.toUnsignedLong(version));
        }
    }
}
