package grantlab.api.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A count of changes of something that is looked at without a lock: whoever remembers what it saw there asks whether the
 * count is the same still. An object, so that asking costs one load whatever it is that changes. Any thread.
 */
public final class Changes {
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Changes.class, "count", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long count;

    /** None yet. */
    public Changes() {}

    /**
     * How many there were.
     *
     * @return a number that no earlier moment had, if something changed since
     */
    public long count() {
        return count;
    }

    /** One more, which has happened already. */
    public void add() {
        COUNT.getAndAdd(this, 1L);
    }
}
