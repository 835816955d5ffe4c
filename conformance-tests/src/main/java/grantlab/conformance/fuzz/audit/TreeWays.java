package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.V3Entry;
import grantlab.api.memory.Page;
import grantlab.conformance.script.Line;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.invariant.Leaves;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which lowest nodes of trees can be found in one way alone. A granter that changes a table entry has to say so by v3_invalidate;
 * until then its old node may be used (grant-v3.md, section 7.5). And one that leads two indices to one node gives both the same
 * marks. Of everybody else the marks can be told.
 */
final class TreeWays {
    private static final int MOST_LEVELS = 4;
    private static final int ENTRIES = 1 << V3Entry.LEVEL_BITS;

    private final Machine machine;
    private final Asked asked;
    private Map<Place, Sight> before = new HashMap<>();
    private Map<Place, Sight> now = new HashMap<>();

    /** What a line asked for in a field that may be a variable. */
    @FunctionalInterface
    interface Asked {
        /** The value of an operand. */
        long value(Line line, String key);
    }

    /** A lowest node of a tree: its index prefix. */
    private record Place(int granter, long tree, long prefix) {}

    /**
     * How it was found.
     *
     * @param changes of the granter's map until then
     * @param levels of the tree
     * @param certain whether nothing else can be in the structure cache
     */
    private record Sight(TreeWay way, long changes, int levels, boolean certain) {}

    TreeWays(Machine machine, Asked asked) {
        this.machine = machine;
        this.asked = asked;
    }

    /**
     * Looks anew after an operation.
     *
     * @param executed its lines
     * @param succeeded whether one of them was answered with success
     * @param keys by tree the leaves that matter, besides the first
     */
    void look(List<Line> executed, boolean succeeded, Map<Long, Set<Long>> keys) {
        before = now;
        now = new HashMap<>();
        for (Domain domain : machine.domains()) {
            for (Leaves.Shape shape : machine.leaves().shapes(domain)) {
                see(shape, 0, executed, succeeded);
                for (long key : keys.getOrDefault(shape.id(), Set.of())) {
                    see(shape, key >>> V3Entry.LEVEL_BITS, executed, succeeded);
                }
            }
        }
    }

    private void see(Leaves.Shape shape, long prefix, List<Line> executed, boolean succeeded) {
        now.computeIfAbsent(new Place(shape.granter().domid(), shape.id(), prefix), place -> {
            TreeWay way = TreeWay.to(machine, shape, prefix << V3Entry.LEVEL_BITS, 0);
            long changes = shape.granter().physicalMap().memoryChanges().count();
            Sight old = before.get(place);
            boolean empty = old == null
                    ? before.keySet().stream().noneMatch(seen -> seen.tree() == place.tree())
                    : old.levels() != shape.levels() || old.changes() != changes;
            boolean certain = empty
                    || (old != null && old.certain() && old.way().isSame(way))
                    || (succeeded && executed.stream().anyMatch(line -> invalidates(line, shape, prefix)));
            return new Sight(way, changes, shape.levels(), certain);
        });
    }

    private boolean invalidates(Line line, Leaves.Shape shape, long prefix) {
        if (!line.verb().equals("v3_invalidate")
                || line.executor() != shape.granter().domid()
                || !line.arguments().containsKey("tree")) {
            return false;
        }
        long reference = asked.value(line, "tree");
        int shift = V3Entry.LEVEL_BITS * ((int) line.number("level") - 2);
        return TreeReference.names(reference, shape)
                && (line.number("prefix") >>> V3Entry.LEVEL_BITS >>> shift) == prefix >>> shift;
    }

    /**
     * Whether a leaf was and is found in one way alone.
     *
     * @param shape of its tree
     * @param key index of its first page
     * @param order of it
     */
    boolean isCertain(Leaves.Shape shape, long key, int order) {
        if (lostATree(shape.granter())) {
            return false;
        }
        Place place = new Place(shape.granter().domid(), shape.id(), key >>> V3Entry.LEVEL_BITS);
        Sight old = before.get(place);
        Sight sight = now.get(place);
        boolean steady = order != 0
                ? old == null || sight == null || old.way().isSame(sight.way(), order)
                : sight != null
                        && sight.certain()
                        && (old == null || (old.certain() && old.way().isSame(sight.way())));
        TreeWay way = TreeWay.to(machine, shape, key, order);
        return steady && Arrays.stream(way.nodes()).allMatch(node -> waysTo(shape.granter(), node) <= 1);
    }

    /** A tree that is gone may have led where another still leads, and its uses ended with it. */
    private boolean lostATree(Domain granter) {
        return before.keySet().stream().anyMatch(place -> place.granter() == granter.domid() && !exists(place.tree()));
    }

    private boolean exists(long tree) {
        return machine.leaves().shape(tree) != null;
    }

    /** Roots and table entries of all trees of a domain that lead to a node, and places where it stands in the cache, but for those. */
    private int waysTo(Domain granter, long node) {
        int[] ways = new int[1];
        Set<Long> seen = new HashSet<>();
        for (Leaves.Shape shape : machine.leaves().shapes(granter)) {
            int outside = ways[0];
            ways[0] += shape.root() == node ? 1 : 0;
            count(shape, shape.root(), shape.levels(), node, seen, ways);
            int[] held = new int[1];
            machine.leaves().visitHeldNodes(shape, mfn -> held[0] += mfn == node ? 1 : 0);
            ways[0] += Math.max(0, held[0] - (ways[0] - outside));
        }
        return ways[0];
    }

    private void count(Leaves.Shape shape, long frame, int level, long node, Set<Long> seen, int[] ways) {
        if (level < 2 || !TreeWay.isNode(machine, shape, frame) || !seen.add(frame * (MOST_LEVELS + 1) + level)) {
            return;
        }
        for (int entry = 0; entry < ENTRIES; entry++) {
            long below =
                    TreeWay.below(shape, machine.memory().load64(Page.address(frame) + (long) entry * V3Entry.SIZE));
            if (below != TreeWay.NOWHERE) {
                ways[0] += below == node ? 1 : 0;
                count(shape, below, level - 1, node, seen, ways);
            }
        }
    }
}
