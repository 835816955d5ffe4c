package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.V3Entry;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.script.Line;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.invariant.Leaves;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The marks in the leaves of trees, found by a walk of its own: MAPPED_R stands where the leaf is in use, MAPPED_W where a use may
 * write, and both go with the last (grant-v3.md, I4); and what is mapped anew the leaf allows (I11). A granter that writes to its
 * nodes, or leads two indices to one entry, confuses itself, and what becomes of these marks is nobody's fault: a leaf is judged
 * when an operation made or ended its use, or found it right before and is none with which a guest writes.
 */
final class LeafAudit {
    private static final long GRANT = V3Entry.FRAME_MASK | V3Entry.GEN_MASK;
    private static final long MARKS = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final long NOWHERE = -1;

    private final Machine machine;
    private final MachineMemory memory;
    private Map<Use, Sight> before = new HashMap<>();

    /**
     * One leaf in use.
     *
     * @param grantee who uses it
     * @param tree its number
     * @param key index of its first page
     */
    private record Use(int grantee, long tree, long key) {}

    /**
     * What a leaf looked like.
     *
     * @param address of its entry, or -1
     * @param snapshot of the entry when its use began
     * @param order of the leaf
     * @param marks that its uses ask for
     * @param right whether the marks were as they must be
     */
    private record Sight(long address, long snapshot, int order, long marks, boolean right) {}

    LeafAudit(Machine machine) {
        this.machine = machine;
        this.memory = machine.memory();
    }

    /** Checks after an operation. */
    void check(List<Line> executed) {
        GuestWrites writes = new GuestWrites(executed);
        Map<Use, Sight> now = new HashMap<>();
        Set<Long> seen = new HashSet<>();
        Set<Long> shared = new HashSet<>();
        before.values().forEach(sight -> note(sight.address(), seen, shared, false));
        seen.clear();
        machine.leaves().visit((grantee, tree, key, order, snapshot, written) -> {
            long address = address(tree, key, order);
            note(address, seen, shared, true);
            long asked = V3Entry.MAPPED_R | (written ? V3Entry.MAPPED_W : 0);
            boolean right = isRight(address, snapshot, asked);
            now.put(new Use(grantee.domid(), tree, key), new Sight(address, snapshot, order, asked, right));
        });
        boolean rewritten = writes.rewriteTrees();
        now.forEach((use, sight) -> judge(use, sight, rewritten || shared.contains(sight.address())));
        before.forEach((use, sight) -> {
            if (!now.containsKey(use) && sight.right() && !rewritten && !shared.contains(sight.address())) {
                judgeEnd(use, sight, seen);
            }
        });
        before = now;
    }

    private static void note(long address, Set<Long> seen, Set<Long> shared, boolean count) {
        if (address != NOWHERE && !seen.add(address) && count) {
            shared.add(address);
        }
    }

    private void judge(Use use, Sight sight, boolean excused) {
        Sight old = before.get(use);
        boolean moved = old == null || old.address() != sight.address();
        boolean mayBeElsewhere = moved && (sight.address() == NOWHERE || !isOf(memory.load64(sight.address()), sight));
        // Marks that the guest forged before stay until the uses end to which they belong.
        boolean expected = old == null ? isMarked(sight) : sight.right() || !old.right();
        if (!expected && !excused && !mayBeElsewhere) {
            throw new Finding(
                    Finding.MARKS,
                    "leaf %x of tree %x, which d%d uses, has the word %x"
                            .formatted(
                                    use.key(),
                                    use.tree(),
                                    use.grantee(),
                                    sight.address() == NOWHERE ? 0 : memory.load64(sight.address())));
        }
    }

    private boolean isMarked(Sight sight) {
        long word = sight.address() == NOWHERE ? 0 : memory.load64(sight.address());
        return isOf(word, sight) && (word & sight.marks()) == sight.marks();
    }

    /** With the last use the marks went, in the same grant. */
    private void judgeEnd(Use use, Sight sight, Set<Long> inUse) {
        if (machine.leaves().shape(use.tree()) == null || inUse.contains(sight.address())) {
            return;
        }
        long word = memory.load64(sight.address());
        boolean reached = address(use.tree(), use.key(), sight.order()) == sight.address();
        if (reached && isOf(word, sight) && (word & MARKS) != 0) {
            throw new Finding(
                    Finding.MARKS,
                    "leaf %x of tree %x, which d%d uses no more, has the word %x"
                            .formatted(use.key(), use.tree(), use.grantee(), word));
        }
    }

    private boolean isRight(long address, long snapshot, long marks) {
        if (address == NOWHERE) {
            return false;
        }
        long word = memory.load64(address);
        boolean seen = (marks & V3Entry.MAPPED_W) == 0 || (word & V3Entry.W_SEEN) != 0;
        return isGrant(word) && (word & GRANT) == (snapshot & GRANT) && (word & MARKS) == marks && seen;
    }

    private static boolean isOf(long word, Sight sight) {
        return isGrant(word) && (word & GRANT) == (sight.snapshot() & GRANT);
    }

    private static boolean isGrant(long word) {
        long type = word & V3Entry.TYPE_MASK;
        return type == V3Entry.LEAF || type == V3Entry.TOMBSTONE;
    }

    /** Walks as the granter would. */
    private long address(long tree, long key, int order) {
        Leaves.Shape shape = machine.leaves().shape(tree);
        if (shape == null) {
            return NOWHERE;
        }
        long frame = shape.root();
        // What a node of a dead granter was is nobody's, or another's, unless the tree holds it.
        for (int level = shape.levels();
                machine.frames().owner(frame) == shape.granter().domid();
                level--) {
            int shift = V3Entry.LEVEL_BITS * (level - 1);
            long address = Page.address(frame) + (key >>> shift & (1 << V3Entry.LEVEL_BITS) - 1) * V3Entry.SIZE;
            if (shift == order) {
                return address;
            }
            long word = memory.load64(address);
            long entry = (word & V3Entry.TYPE_MASK) == V3Entry.TABLE
                    ? shape.granter().physicalMap().entry((word & V3Entry.FRAME_MASK) >>> V3Entry.FRAME_SHIFT)
                    : PhysicalMap.INVALID;
            if (entry == PhysicalMap.INVALID || shift == 0) {
                return NOWHERE;
            }
            frame = PhysicalMap.frameOf(entry);
        }
        return NOWHERE;
    }
}
