package grantlab.hypervisor.tree;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the granter of one tree is taking back at this moment (grant-v3.md, 8.2): ranges that do not overlap, by names that no other
 * revocation of the tree ever has; and the ranges for which it asked its grantee, who has not let go of all yet. Any thread.
 */
public final class Revocations {
    /** Revocations of one tree at a time; requests do not count, so that nobody who does not answer them is in the way of FORCE. */
    public static final int MOST = 16;

    /** Everything, whatever indices exist. */
    public static final long WHOLE = Long.MAX_VALUE;

    /** {@link #begin}: there are as many as there may be. */
    public static final long NO_ROOM = -1;

    private final List<Range> underWay = new ArrayList<>();
    private final List<Request> requests = new ArrayList<>();
    private long last;
    private int holders;

    /** Requests that came to nothing: leaves that they closed are in use yet, and nobody waits for their end. */
    private final List<Range> abandoned = new ArrayList<>();

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

        boolean contains(Range other) {
            return first <= other.first && end(other.first, other.count) <= end(first, count);
        }

        /** The least range that has both in it. */
        Range with(Range other) {
            long from = Math.min(first, other.first);
            long to = Math.max(end(first, count), end(other.first, other.count));
            return new Range(id, from, to == WHOLE ? WHOLE : to - from);
        }

        private static long end(long first, long count) {
            return count == WHOLE ? WHOLE : first + count;
        }
    }

    /** A range for which the grantee was asked (SOFT). */
    public static final class Request {
        private final Range range;
        private final long cookie;
        private final Waits waits;

        /** Leaves in use, and one more while the call that asks looks for them. */
        private int open = 1;

        private Request(Range range, long cookie, Waits waits) {
            this.range = range;
            this.cookie = cookie;
            this.waits = waits;
        }

        /** Its name. */
        public long id() {
            return range.id();
        }

        /** The call's. */
        public long cookie() {
            return cookie;
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
        begun.id = inTheWayOf(first, count);
        if (begun.id != 0) {
            return false;
        }
        if (underWay.size() == MOST) {
            begun.id = NO_ROOM;
            return false;
        }
        begun.id = ++last;
        underWay.add(new Range(begun.id, first, count));
        return true;
    }

    // Requests

    /**
     * A range of the flat table is asked for, of which nothing is kept here: its references know it (grant-v3.md, 8.2, Slot 0).
     *
     * @param first reference
     * @param count references
     * @return the name of a revocation under way that overlaps it, or 0
     */
    public synchronized long inTheWayOf(long first, long count) {
        for (Range range : underWay) {
            if (range.overlaps(first, count)) {
                return range.id();
            }
        }
        return 0;
    }

    /**
     * The grantee is asked for a range. Until {@link #settle} the caller looks which leaves of it are in use.
     *
     * @param first index
     * @param count indices, or {@link #WHOLE}
     * @param cookie of the call
     * @param waits of the granter: one more, until the request is none any more
     * @param begun is given a name
     * @return null: as begin, or the granter waits for as many as it may
     */
    public synchronized @Nullable Request ask(long first, long count, long cookie, Waits waits, Begun begun) {
        begun.id = inTheWayOf(first, count);
        if (begun.id != 0) {
            return null;
        }
        if (!waits.begin()) {
            begun.id = NO_ROOM;
            return null;
        }
        begun.id = ++last;
        Request request = new Request(new Range(begun.id, first, count), cookie, waits);
        requests.add(request);
        return request;
    }

    /**
     * A leaf in use may be used by nobody else from now on: all requests for it wait for its end. Under the lock of its act.
     *
     * @param key of the leaf
     */
    public synchronized void closing(long key) {
        for (Request request : requests) {
            request.open += request.range.overlaps(key, 1) ? 1 : 0;
        }
    }

    /**
     * One more request waits for the end of a leaf that nobody else may use already. Under the lock of its act.
     *
     * @param request for the leaf
     */
    public synchronized void waiting(Request request) {
        request.open++;
    }

    /**
     * The last use of a leaf ended that nobody else may use. Under the lock of its act.
     *
     * @param key of the leaf
     * @return the requests that are fulfilled by it, and are none any more
     */
    public synchronized List<Request> drained(long key) {
        if (requests.isEmpty()) {
            return List.of();
        }
        List<Request> fulfilled = new ArrayList<>();
        for (Request request : requests) {
            if (request.range.overlaps(key, 1) && --request.open == 0) {
                fulfilled.add(request);
            }
        }
        fulfilled.forEach(this::remove);
        return fulfilled;
    }

    /**
     * All leaves of a request were looked at.
     *
     * @return whether nothing is in use, and it is none any more
     */
    public synchronized boolean settle(Request request) {
        return --request.open == 0 && remove(request);
    }

    /**
     * A request comes to nothing.
     *
     * @return false: it is none any more already, since a revocation took over
     */
    public synchronized boolean withdraw(Request request) {
        abandon(request.range);
        return remove(request);
    }

    private boolean remove(Request request) {
        boolean was = requests.remove(request);
        if (was) {
            request.waits.end();
        }
        return was;
    }

    /**
     * A revocation takes what the grantee was asked for.
     *
     * @param first index
     * @param count indices, or {@link #WHOLE}
     * @return the requests that overlap it, and are none any more
     */
    public synchronized List<Request> takeOver(long first, long count) {
        List<Request> taken = requests.stream()
                .filter(request -> request.range.overlaps(first, count))
                .toList();
        for (Request request : taken) {
            remove(request);
            abandon(request.range);
        }
        return taken;
    }

    /** What is remembered of it is bounded: beyond {@link #MOST} ranges it is one that has all in it. */
    private void abandon(Range range) {
        abandoned.removeIf(range::contains);
        Range all = range;
        if (abandoned.size() == MOST) {
            for (Range other : abandoned) {
                all = all.with(other);
            }
            abandoned.clear();
        }
        abandoned.add(all);
    }

    /** Whether the grantee was asked for a leaf, or may have been by a request that came to nothing; at rest. */
    public synchronized boolean wasAskedFor(long key) {
        return requests.stream().anyMatch(request -> request.range.overlaps(key, 1))
                || abandoned.stream().anyMatch(range -> range.overlaps(key, 1));
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

    /** Whether nothing is being taken back, and no call needs the tree; the grantee may have been asked. */
    public synchronized boolean none() {
        return underWay.isEmpty() && holders == 0;
    }
}
