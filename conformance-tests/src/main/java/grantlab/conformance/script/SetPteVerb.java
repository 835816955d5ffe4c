package grantlab.conformance.script;

import grantlab.api.abi.Hypercall;
import grantlab.api.memory.Page;
import java.util.Map;

/** {@code setpte}: update_va_mapping. */
final class SetPteVerb implements Verb {
    /** Present, user, accessed, dirty. */
    private static final long READ_ONLY = 0x65;

    private static final long WRITABLE = 0x67;

    @Override
    public Map<String, Operand> keys() {
        return Map.of("addr", Operand.ADDRESS, "frame", Operand.FRAME, "rw", Operand.SWITCH);
    }

    @Override
    public void execute(Operation operation) {
        Operands operands = operation.operands;
        long frame = operands.frame("frame", -1);
        long entry = frame == -1 ? 0 : entry(frame, operands.number("rw", 1) != 0);
        operation.result.rc(operation.hypercall(
                Hypercall.UPDATE_VA_MAPPING, operands.address("addr"), entry, ScriptWorld.FLUSH_ONE));
    }

    /** An entry of a page table. */
    static long entry(long frame, boolean writable) {
        return Page.address(frame) | (writable ? WRITABLE : READ_ONLY);
    }
}
