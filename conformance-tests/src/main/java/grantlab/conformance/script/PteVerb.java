package grantlab.conformance.script;

import grantlab.api.memory.Page;
import java.util.Map;

/** {@code pte}: the page-table entry of a slot of a PV domain. */
final class PteVerb implements Verb {
    private static final long PRESENT = 1;
    private static final long FRAME_MASK = 0xff_ffff_ffffL;

    /** All bits that are not the frame's. */
    private static final long BITS = 0xfff0_0000_0000_0fffL;

    /** Set by the processor whenever it likes: accessed and dirty. */
    private static final long ACCESSED_DIRTY = 0x60;

    @Override
    public Map<String, Operand> keys() {
        return Map.of("addr", Operand.ADDRESS);
    }

    @Override
    public void execute(Operation operation) {
        Symbol slot = operation.operands.symbol("addr");
        if (slot == null || slot.isPage() || !operation.world.hasPageTables(slot.owner())) {
            operation.result.word("n/a");
            return;
        }
        long entry = operation.world.memory().load64(slot.owner().slotEntry(slot.index()));
        if ((entry & PRESENT) == 0) {
            operation.result.word("absent");
            if (entry != 0) {
                operation.result.hex("bits", entry & BITS);
            }
            return;
        }
        operation.result.hex("bits", entry & BITS & ~ACCESSED_DIRTY);
        long mfn = Page.frame(entry) & FRAME_MASK;
        operation.result.word("frame=" + operation.world.frameNames().ofMachineFrame(mfn));
    }
}
