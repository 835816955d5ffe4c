package grantlab.iommu.table;

import grantlab.api.iommu.DeviceSpace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One page of a device-frame table: 512 words for as many blocks of one order. A word is an entry of that order ({@link
 * DeviceSpace#entry(long, int, int)}), or {@link #NOTHING}, or {@link #BELOW}: the node below says it in smaller blocks.
 *
 * <p>Words of pages change by compare-exchange; all others, and which nodes there are, with the lock of the table. Whoever is on
 * the way down when a larger entry comes may still change the node that it covers: that was before it, then.
 */
final class Node {
    static final int SHIFT = 9;

    static final long NOTHING = DeviceSpace.NO_ENTRY;

    /** No entry looks so: it gives no right. */
    static final long BELOW = 1L << 2;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle NODES = MethodHandles.arrayElementVarHandle(Node[].class);

    private static final int FANOUT = 1 << SHIFT;

    /** Of its entries. */
    private final int order;

    private final long[] words = new long[FANOUT];
    private final @Nullable Node[] below;

    /** Nothing at all. */
    Node(int order) {
        this.order = order;
        this.below = new @Nullable Node[order == 0 ? 0 : FANOUT];
    }

    int order() {
        return order;
    }

    int words() {
        return FANOUT;
    }

    int at(long dfn) {
        return (int) (dfn >>> order) & FANOUT - 1;
    }

    long word(int at) {
        return (long) WORDS.getAcquire(words, at);
    }

    boolean exchange(int at, long expected, long word) {
        return WORDS.compareAndSet(words, at, expected, word);
    }

    /** The node that BELOW stands for; null when it has just been covered. */
    @Nullable
    Node below(int at) {
        return (Node) NODES.getAcquire(below, at);
    }

    /** With the lock: what a word says is said by a node below from now on. */
    Node split(int at) {
        long word = word(at);
        Node there = below(at);
        if (word == BELOW && there != null) {
            return there;
        }
        Node parts = partsOf(word, order - SHIFT);
        // Whoever saw a BELOW of before may come in already: the node says what the word says, and it stays.
        NODES.setRelease(below, at, parts);
        WORDS.setVolatile(words, at, BELOW);
        return parts;
    }

    private static Node partsOf(long word, int order) {
        Node parts = new Node(order);
        if (word != NOTHING) {
            long first = DeviceSpace.frameOf(word);
            int access = DeviceSpace.accessOf(word);
            for (int at = 0; at < FANOUT; at++) {
                parts.words[at] = DeviceSpace.entry(first + ((long) at << order), order, access);
            }
        }
        return parts;
    }

    /** With the lock: an entry takes the place of a word, and of all that is below. */
    void put(int at, long entry) {
        WORDS.setVolatile(words, at, entry);
        NODES.setRelease(below, at, (Node) null);
    }
}
