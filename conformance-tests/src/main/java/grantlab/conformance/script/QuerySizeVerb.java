package grantlab.conformance.script;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.QuerySize;
import java.util.Map;

/** {@code query_size}: GNTTABOP_query_size. */
final class QuerySizeVerb implements GrantVerb {
    /** What the output fields hold before the call. */
    private static final int UNSET_FRAMES = 0x7777;

    @Override
    public int command() {
        return GnttabOp.QUERY_SIZE;
    }

    @Override
    public int size() {
        return QuerySize.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("dom", Operand.DOMAIN);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set16(QuerySize.DOM, operation.operands.domain("dom", Domid.SELF));
        struct.set32(QuerySize.NR_FRAMES, UNSET_FRAMES);
        struct.set32(QuerySize.MAX_NR_FRAMES, UNSET_FRAMES);
        struct.set16(QuerySize.STATUS, Result.UNSET_STATUS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        short status = struct.get16(QuerySize.STATUS);
        operation.result.status(status);
        if (status == Status.OKAY) {
            operation.result.unsigned("nr", Integer.toUnsignedLong(struct.get32(QuerySize.NR_FRAMES)));
            operation.result.unsigned("max", Integer.toUnsignedLong(struct.get32(QuerySize.MAX_NR_FRAMES)));
        }
    }
}
