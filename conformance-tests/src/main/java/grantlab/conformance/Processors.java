package grantlab.conformance;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The processors that the runs of a matrix share. A run has one; threads that race with each other have all for so long, and nobody else
 * runs: threads that wait for a processor do not meet, and what they do instead is to spin.
 */
public final class Processors {
    /** The ones of the matrix that a thread's run belongs to. */
    private static final ScopedValue<Processors> SHARED = ScopedValue.newInstance();

    /** Others end sooner than this. Who hangs keeps his for ever, and a race goes on beside him. */
    private static final int PATIENCE_SECONDS = 20;

    private final int count;
    private final Semaphore free;

    /**
     * All are free.
     *
     * @param count how many
     */
    Processors(int count) {
        this.count = count;
        this.free = new Semaphore(count, true);
    }

    int count() {
        return count;
    }

    /** How many nobody has. */
    int idle() {
        return free.availablePermits();
    }

    /** Waits for a processor, and has it until {@link #release}. */
    void acquire() {
        free.acquireUninterruptibly();
    }

    /** Of whoever has one. */
    void release() {
        free.release();
    }

    /** Does what a thread has its processor for: its races have all of them. */
    <T> T shared(Supplier<T> work) {
        return ScopedValue.where(SHARED, this).call(work::get);
    }

    /**
     * Waits for all processors, and has them while it works. Outside of a matrix nobody shares any.
     *
     * @param work of several threads, which this thread waits for
     */
    public static void all(Runnable work) {
        if (SHARED.isBound()) {
            SHARED.get().whole(work);
        } else {
            work.run();
        }
    }

    /** Gives its own back first: of two who each kept one none would get all. */
    private void whole(Runnable work) {
        free.release();
        boolean alone = await();
        try {
            work.run();
        } finally {
            if (alone) {
                free.release(count);
            }
            free.acquireUninterruptibly();
        }
    }

    private boolean await() {
        try {
            return free.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
