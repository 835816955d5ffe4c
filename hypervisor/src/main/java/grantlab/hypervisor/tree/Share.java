package grantlab.hypervisor.tree;

import java.util.concurrent.atomic.AtomicInteger;

/** How many mappings of one granter's memory a grantee may have, and has: so no granter uses up what all share. */
public final class Share {
    /** Room for nothing: of a tree that grants to nobody. */
    public static final Share NONE = new Share(0);

    private final AtomicInteger used = new AtomicInteger();
    private volatile int limit;

    Share(int limit) {
        this.limit = limit;
    }

    /**
     * Takes a part, whole or not at all.
     *
     * @param count of mappings, not negative
     * @return false: no room
     */
    public boolean take(int count) {
        return Counters.takeUpTo(used, limit, count);
    }

    /**
     * Gives back.
     *
     * @param count of mappings
     */
    public void give(int count) {
        used.addAndGet(-count);
    }

    /** Mappings that there are. */
    public int used() {
        return used.get();
    }

    /** Mappings that there may be. */
    public int limit() {
        return limit;
    }

    /** Another limit; less than what there is takes nothing away. */
    public void setLimit(int count) {
        limit = count;
    }
}
