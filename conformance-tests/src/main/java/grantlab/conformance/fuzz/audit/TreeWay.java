package grantlab.conformance.fuzz.audit;

import grantlab.api.abi.V3Entry;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.invariant.Leaves;
import java.util.Arrays;

/**
 * The way from the root of a tree to an entry, found as the granter would: by its own table entries and its own map. Two that are
 * equal lead through the same nodes by the same words.
 */
final class TreeWay {
    /** {@link #address} of an entry to which no way leads. */
    static final long NOWHERE = -1;

    private static final int ENTRIES = 1 << V3Entry.LEVEL_BITS;

    /** Frames of the nodes and words of the table entries, in turn; the node of the entry comes last. */
    private final long[] steps;

    private final int count;
    private final long address;

    private TreeWay(long[] steps, int count, long address) {
        this.steps = steps;
        this.count = count;
        this.address = address;
    }

    /**
     * Walks.
     *
     * @param machine at rest
     * @param shape of the tree
     * @param key an index
     * @param order of what the entry stands for
     */
    static TreeWay to(Machine machine, Leaves.Shape shape, long key, int order) {
        MachineMemory memory = machine.memory();
        long[] steps = new long[2 * shape.levels()];
        int count = 0;
        long frame = shape.root();
        for (int level = shape.levels(); isNode(machine, shape, frame); level--) {
            int shift = V3Entry.LEVEL_BITS * (level - 1);
            long address = Page.address(frame) + (key >>> shift & ENTRIES - 1) * V3Entry.SIZE;
            steps[count++] = frame;
            if (shift == order) {
                return new TreeWay(steps, count, address);
            }
            long word = memory.load64(address);
            steps[count++] = word;
            frame = shift == 0 ? NOWHERE : below(shape, word);
            if (frame == NOWHERE) {
                break;
            }
        }
        return new TreeWay(steps, count, NOWHERE);
    }

    /**
     * Whether a frame may be a node. What was one of a dead granter is nobody's, or another's, unless the tree holds it; what he gave back is
     * none, though a vCPU that came by it may keep it from being somebody else's (grant-v3.md, WALK-2).
     */
    static boolean isNode(Machine machine, Leaves.Shape shape, long frame) {
        return machine.frames().owner(frame) == shape.granter().domid()
                && (frame == shape.root() || machine.frames().isAllocated(frame));
    }

    /** The frame to which a word leads, as a table entry of a granter. */
    static long below(Leaves.Shape shape, long word) {
        long entry = (word & V3Entry.TYPE_MASK) == V3Entry.TABLE
                ? shape.granter().physicalMap().entry((word & V3Entry.FRAME_MASK) >>> V3Entry.FRAME_SHIFT)
                : PhysicalMap.INVALID;
        return entry == PhysicalMap.INVALID ? NOWHERE : PhysicalMap.frameOf(entry);
    }

    /** The machine address of the entry, or {@link #NOWHERE}. */
    long address() {
        return address;
    }

    /** The nodes on the way, the root first. */
    long[] nodes() {
        long[] nodes = new long[(count + 1) / 2];
        for (int n = 0; n < nodes.length; n++) {
            nodes[n] = steps[2 * n];
        }
        return nodes;
    }

    /** Whether all table entries on the way allow to write. */
    boolean isWritable() {
        for (int at = 1; at < count; at += 2) {
            if ((steps[at] & V3Entry.W) == 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether another way leads through the same nodes by the same words as far as to the entry of a leaf.
     *
     * @param order of the leaf
     */
    boolean isSame(TreeWay other, int order) {
        int end = steps.length - 1 - 2 * (order / V3Entry.LEVEL_BITS);
        return end <= count && end <= other.count && Arrays.equals(steps, 0, end, other.steps, 0, end);
    }

    /** Whether another way leads through the same nodes by the same words. */
    boolean isSame(TreeWay other) {
        return Arrays.equals(steps, 0, count, other.steps, 0, other.count);
    }
}
