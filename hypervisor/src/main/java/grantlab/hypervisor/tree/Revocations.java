package grantlab.hypervisor.tree;

import java.util.ArrayList;
import java.util.List;

/**
 * What the granter of one tree is taking back at this moment (grant-v3.md, 8.2): ranges that do not overlap, by names that no other
 * revocation of the tree ever has. Any thread.
 */
public final class Revocations {
    /** Revocations of one tree at a time. */
    public static final int MOST = 16;

    /** Everything, whatever indices exist. */
    public static final long WHOLE = Long.MAX_VALUE;

    /** {@link #begin}: there are as many as there may be. */
    public static final long NO_ROOM = -1;

    private final List<Range> underWay = new ArrayList<>();
    private long last;
    private int holders;
    private volatile boolean wholeTree;

    /**
     * A range that is being taken back.
     *
     * @param id its name
     * @param first index
     * @param count indices
     */
    private record Range(long id, long first, long count) {
        boolean overlaps(long otherFirst, long otherCount) {
            return first < end(otherFirst, otherCount) && otherFirst < end(first, count);
        }

        private static long end(long first, long count) {
            return count == WHOLE ? WHOLE : first + count;
        }
    }

    /** What {@link #begin} found. */
    public static final class Begun {
        /** The name of the revocation, or of the one in whose way it is. */
        public long id;

        /** Empty. */
        public Begun() {}
    }

    /** Nothing is taken back. */
    Revocations() {}

    /**
     * Begins to take a range back.
     *
     * @param first index
     * @param count indices, or {@link #WHOLE}
     * @param begun is given a name
     * @return false: another one is under way that overlaps it
     */
    public synchronized boolean begin(long first, long count, Begun begun) {
        for (Range range : underWay) {
            if (range.overlaps(first, count)) {
                begun.id = range.id();
                return false;
            }
        }
        if (underWay.size() == MOST) {
            begun.id = NO_ROOM;
            return false;
        }
        begun.id = ++last;
        underWay.add(new Range(begun.id, first, count));
        return true;
    }

    /** From now on nothing of the tree is mapped: it is taken back as a whole, and stays so. */
    public void takeWholeTree() {
        wholeTree = true;
    }

    /** Whether the tree was taken back as a whole, or is just being. */
    public boolean wholeTree() {
        return wholeTree;
    }

    /**
     * A revocation is over.
     *
     * @param id its name
     */
    public synchronized void end(long id) {
        underWay.removeIf(range -> range.id() == id);
    }

    /** A call goes through the tree in slices, and needs it until {@link #letGo}. The tree was found in the same section. */
    public synchronized void hold() {
        holders++;
    }

    /** It needs it no more. */
    public synchronized void letGo() {
        holders--;
    }

    /** Whether nothing is being taken back, and no call needs the tree. */
    public synchronized boolean none() {
        return underWay.isEmpty() && holders == 0;
    }
}
