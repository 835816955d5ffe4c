package grantlab.hypervisor.tree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** How many mappings of one granter's memory a grantee may have, and has: so no granter uses up what all share. */
public final class Share {
    /** Room for nothing: of a tree that grants to nobody. */
    public static final Share NONE = new Share(0);

    private static final VarHandle USED;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(Share.class, "used", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int used;
    private volatile int limit;

    Share(int limit) {
        this.limit = limit;
    }

    /**
     * Takes a part, whole or not at all; what is used is never beyond the limit in between.
     *
     * @param count of mappings, not negative
     * @return false: no room
     */
    public boolean take(int count) {
        while (true) {
            int seen = used;
            if (seen > limit - count) {
                return false;
            }
            if (USED.compareAndSet(this, seen, seen + count)) {
                return true;
            }
        }
    }

    /**
     * Gives back.
     *
     * @param count of mappings
     */
    public void give(int count) {
        USED.getAndAdd(this, -count);
    }

    /** Mappings that there are. */
    public int used() {
        return used;
    }

    /** Whether there are more than there may be: the limit was lowered since. */
    boolean isOver() {
        return used > limit;
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
