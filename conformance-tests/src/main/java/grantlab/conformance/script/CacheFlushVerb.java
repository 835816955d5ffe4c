package grantlab.conformance.script;

import grantlab.api.abi.CacheFlush;
import grantlab.api.abi.GnttabOp;
import java.util.Map;

/** {@code cache_flush}: GNTTABOP_cache_flush, which has no status: its answer is the hypercall's. */
final class CacheFlushVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.CACHE_FLUSH;
    }

    @Override
    public int size() {
        return CacheFlush.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of(
                "op", Operand.NUMBER,
                "ref", Operand.NUMBER,
                "dev", Operand.ADDRESS,
                "off", Operand.NUMBER,
                "len", Operand.NUMBER);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        Operands operands = operation.operands;
        struct.set32(CacheFlush.OP, operands.number("op", CacheFlush.CLEAN));
        struct.set16(CacheFlush.OFFSET, operands.number("off", 0));
        struct.set16(CacheFlush.LENGTH, operands.number("len", 64));
        if (operation.line.has("ref")) {
            struct.set32(CacheFlush.DEV_BUS_ADDR, operands.number("ref", 0));
        } else {
            struct.set64(CacheFlush.DEV_BUS_ADDR, operands.address("dev"));
        }
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        // the struct has no output
    }
}
