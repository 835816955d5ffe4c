package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.invariant.Leaves;
import java.util.HashMap;
import java.util.Map;

/** The rings of granters: what ended is in one since the last look, or its tree is dirty there (grant-v3.md, I9). */
final class RingAudit {
    private static final int ENTRIES_OF_PAGE = Page.SIZE / V3RingEntry.SIZE;
    private static final int MOST_SLOTS_OF_WORD = Integer.SIZE;

    private final Machine machine;
    private final MachineMemory memory;

    /** Positions at the last look, by header. */
    private Map<Long, Integer> positions = new HashMap<>();

    RingAudit(Machine machine) {
        this.machine = machine;
        this.memory = machine.memory();
    }

    /** The operation was judged; what comes from now on is new. */
    void look() {
        Map<Long, Integer> now = new HashMap<>();
        for (Domain domain : machine.domains()) {
            for (Leaves.Shape shape : machine.leaves().shapes(domain)) {
                Leaves.RingPages ring = machine.leaves().ring(shape);
                if (ring != null) {
                    now.put(ring.header(), ring.position());
                }
            }
        }
        positions = now;
    }

    /**
     * Whether the granter of a tree was told since the last look that the last use of a leaf ended, in one way or the other.
     *
     * @param shape of the tree
     * @param key index of the leaf's first page
     * @param order of the leaf
     * @return true also where nobody is to be told
     */
    boolean tells(Leaves.Shape shape, long key, int order) {
        Leaves.RingPages ring = machine.leaves().ring(shape);
        Integer last = ring == null ? null : positions.get(ring.header());
        return ring == null || last == null || isDirty(ring, shape.slot()) || isPosted(ring, last, shape, key, order);
    }

    private boolean isDirty(Leaves.RingPages ring, int slot) {
        int word = memory.load32(
                Page.address(ring.header()) + V3RingHeader.DIRTY + (long) (slot / MOST_SLOTS_OF_WORD) * Integer.BYTES);
        return (word >>> (slot % MOST_SLOTS_OF_WORD) & 1) != 0;
    }

    private boolean isPosted(Leaves.RingPages ring, int last, Leaves.Shape shape, long key, int order) {
        for (int position = last; position != ring.position(); position++) {
            int at = position & ring.data().size() * ENTRIES_OF_PAGE - 1;
            long entry = Page.address(ring.data().get(at / ENTRIES_OF_PAGE))
                    + (long) (at % ENTRIES_OF_PAGE) * V3RingEntry.SIZE;
            long first = memory.load64(entry + V3RingEntry.FIRST);
            long count = memory.load32(entry + V3RingEntry.COUNT) & 0xffff_ffffL;
            if (memory.load16(entry + V3RingEntry.TYPE) == V3RingEntry.UNMAPPED
                    && memory.load16(entry + V3RingEntry.SLOT) == shape.slot()
                    && (memory.load8(entry + V3RingEntry.GEN) & 0xff) == shape.generation()
                    && (memory.load8(entry + V3RingEntry.ORDER) & 0xff) == order
                    && first <= key
                    && key < first + count) {
                return true;
            }
        }
        return false;
    }
}
