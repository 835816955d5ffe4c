package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.V3Entry;
import grantlab.api.memory.MachineMemory;
import grantlab.conformance.script.Line;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.invariant.Charges;
import grantlab.hypervisor.invariant.Leaves;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The leaves of trees that are in use, found by walks of its own. MAPPED_R stands where a leaf is in use, MAPPED_W where a use may
 * write, and both go with the last (grant-v3.md, I4). Of a use that began: the granter's words allow it (I11), and somebody who
 * might asked for it, by a reference and an epoch that are good (I10), within all bounds. A granter that writes to its nodes, or
 * leads two ways to one entry, confuses itself, and what becomes of these marks is nobody's fault: then nothing is judged.
 */
final class LeafAudit {
    private static final long GRANT = V3Entry.FRAME_MASK | V3Entry.GEN_MASK;
    private static final long MARKS = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    /** Bit 63, and bits 8:6. */
    private static final long ZERO_IN_LEAF = Long.MIN_VALUE | 7L << 6;

    private final Machine machine;
    private final MachineMemory memory;
    private final TreeWays.Asked asked;
    private final TreeWays ways;
    private final RingAudit rings;
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
     * @param marks that its uses ask for: MAPPED, or ATTACHED of what was taken back
     * @param uses that there are
     * @param right whether the marks were as they must be
     */
    private record Sight(long address, long snapshot, int order, long marks, long uses, boolean right) {}

    /**
     * Over a machine.
     *
     * @param machine whose trees
     * @param asked what operands mean
     */
    LeafAudit(Machine machine, TreeWays.Asked asked) {
        this.machine = machine;
        this.memory = machine.memory();
        this.asked = asked;
        this.ways = new TreeWays(machine, asked);
        this.rings = new RingAudit(machine);
    }

    /**
     * Checks after an operation.
     *
     * @param executed its lines
     * @param beyond whether the call had more elements than that
     * @param succeeded whether one of them was answered with success
     */
    void check(List<Line> executed, boolean beyond, boolean succeeded) {
        GuestWrites writes = new GuestWrites(executed);
        Map<Use, Sight> now = new HashMap<>();
        Map<Long, Set<Long>> keys = new HashMap<>();
        before.keySet().forEach(use -> note(use, keys));
        machine.leaves().visit((grantee, tree, key, order, snapshot, uses, written, revoked) -> {
            Use use = new Use(grantee.domid(), tree, key);
            long asks = revoked ? V3Entry.ATTACHED : V3Entry.MAPPED_R | (written ? V3Entry.MAPPED_W : 0);
            long address = address(use, order);
            note(use, keys);
            boolean right = isRight(address, snapshot, asks);
            now.put(use, new Sight(address, snapshot, order, asks, uses, right));
        });
        ways.look(executed, succeeded, keys);
        boolean rewritten = writes.touchMemory();
        now.forEach((use, sight) -> {
            Sight old = before.get(use);
            if (old != null) {
                judge(use, old, sight, rewritten);
            }
            if (old == null || sight.uses() > old.uses()) {
                judgeBegin(use, old, sight, rewritten);
                judgeRequest(use, old == null, executed, beyond);
            }
        });
        before.forEach((use, sight) -> {
            if (!now.containsKey(use) && sight.right() && !rewritten) {
                judgeEnd(use, sight);
            }
        });
        rings.look();
        before = now;
    }

    private static void note(Use use, Map<Long, Set<Long>> keys) {
        keys.computeIfAbsent(use.tree(), tree -> new HashSet<>()).add(use.key());
    }

    private boolean isCertain(Use use, int order) {
        Leaves.Shape shape = machine.leaves().shape(use.tree());
        return shape != null && ways.isCertain(shape, use.key(), order);
    }

    /** Marks that the guest forged before stay until the uses end to which they belong. */
    private void judge(Use use, Sight old, Sight sight, boolean rewritten) {
        boolean moved = old.address() != sight.address();
        if (old.right() && !sight.right() && !rewritten && !moved && isCertain(use, sight.order())) {
            throw new Finding(Finding.MARKS, use(use) + " uses, has the word " + word(sight.address()));
        }
    }

    /** The leaf allows what began, and tells it. What was used before the guest may have marked otherwise since. */
    private void judgeBegin(Use use, @Nullable Sight old, Sight sight, boolean rewritten) {
        Leaves.Shape shape = machine.leaves().shape(use.tree());
        long begun = old == null ? sight.marks() : V3Entry.MAPPED_R | (sight.marks() & ~old.marks());
        boolean granted = shape != null
                && isMarked(sight, begun)
                && (memory.load64(sight.address()) & V3Entry.TYPE_MASK) == V3Entry.LEAF
                && ((begun & V3Entry.MAPPED_W) == 0 || isWritable(shape, use, sight));
        if (!granted && !rewritten && isCertain(use, sight.order())) {
            throw new Finding(Finding.MARKS, use(use) + " began to use, has the word " + word(sight.address()));
        }
    }

    private boolean isWritable(Leaves.Shape shape, Use use, Sight sight) {
        return (memory.load64(sight.address()) & V3Entry.W) != 0
                && TreeWay.to(machine, shape, use.key(), sight.order()).isWritable();
    }

    /** A line of v3_map names the tree, if all that was asked for is in lines, and its grantee may use it. */
    private void judgeRequest(Use use, boolean first, List<Line> executed, boolean beyond) {
        Leaves.Shape shape = machine.leaves().shape(use.tree());
        if (shape == null || !executed.getFirst().verb().equals("v3_map")) {
            return;
        }
        boolean may = shape.inForce()
                && shape.grantee() == use.grantee()
                && !shape.granter().dying()
                && use.key() < shape.indexLimit();
        if (!may || (!beyond && executed.stream().noneMatch(line -> isRequest(line, shape)))) {
            throw new Finding(Finding.USES, use(use) + " may not use, is used");
        }
        for (Charges.TreeUse bounds : machine.charges(shape.granter().domid()).uses()) {
            boolean tooMany =
                    (first && bounds.leaves() > bounds.maxLeaves()) || bounds.mappings() > bounds.maxMappings();
            if (bounds.slot() == shape.slot() && tooMany) {
                throw new Finding(
                        Finding.USES,
                        use(use)
                                + " began to use, is one too many: %d of %d leaves, %d of %d mappings"
                                        .formatted(
                                                bounds.leaves(),
                                                bounds.maxLeaves(),
                                                bounds.mappings(),
                                                bounds.maxMappings()));
            }
        }
    }

    private boolean isRequest(Line line, Leaves.Shape shape) {
        return TreeReference.names(asked.value(line, "ref"), shape)
                && (int) asked.value(line, "epoch") == shape.epoch();
    }

    /** With the last use the marks went, in the same grant. */
    private void judgeEnd(Use use, Sight sight) {
        boolean reached = address(use, sight.order()) == sight.address();
        long word = reached ? memory.load64(sight.address()) : 0;
        if (isOf(word, sight) && (word & (MARKS | sight.marks())) != 0 && isCertain(use, sight.order())) {
            throw new Finding(Finding.MARKS, use(use) + " uses no more, has the word " + word(sight.address()));
        }
        Leaves.Shape shape = machine.leaves().shape(use.tree());
        boolean asksForNotice = isOf(word, sight) && (word & V3Entry.NOTIFY) != 0;
        if (shape != null
                && asksForNotice
                && !rings.tells(shape, use.key(), sight.order())
                && isCertain(use, sight.order())) {
            throw new Finding(Finding.USES, use(use) + " uses no more, was not told of");
        }
    }

    private static String use(Use use) {
        return "leaf %x of tree %x, which d%d".formatted(use.key(), use.tree(), use.grantee());
    }

    private String word(long address) {
        return address == TreeWay.NOWHERE ? "nowhere" : Long.toHexString(memory.load64(address));
    }

    private boolean isMarked(Sight sight, long marks) {
        long word = sight.address() == TreeWay.NOWHERE ? 0 : memory.load64(sight.address());
        return isOf(word, sight) && (word & marks) == marks;
    }

    private boolean isRight(long address, long snapshot, long marks) {
        if (address == TreeWay.NOWHERE) {
            return false;
        }
        long word = memory.load64(address);
        boolean seen = (marks & V3Entry.MAPPED_W) == 0 || (word & V3Entry.W_SEEN) != 0;
        return isGrant(word)
                && isSound(word)
                && (word & GRANT) == (snapshot & GRANT)
                && (word & MARKS) == (marks & MARKS)
                && (word & marks) == marks
                && seen;
    }

    private static boolean isOf(long word, Sight sight) {
        return isGrant(word) && (word & GRANT) == (sight.snapshot() & GRANT);
    }

    /** ATTACHED is the hypervisor's in a tombstone alone. In a leaf it is a mistake of the granter's, which is no leaf then for anybody. */
    private static boolean isSound(long word) {
        return (word & V3Entry.TYPE_MASK) == V3Entry.TOMBSTONE || (word & ZERO_IN_LEAF) == 0;
    }

    private static boolean isGrant(long word) {
        long type = word & V3Entry.TYPE_MASK;
        return type == V3Entry.LEAF || type == V3Entry.TOMBSTONE;
    }

    private long address(Use use, int order) {
        Leaves.Shape shape = machine.leaves().shape(use.tree());
        return shape == null
                ? TreeWay.NOWHERE
                : TreeWay.to(machine, shape, use.key(), order).address();
    }
}
