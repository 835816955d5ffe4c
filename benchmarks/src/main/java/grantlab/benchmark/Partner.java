package grantlab.benchmark;

import org.jspecify.annotations.Nullable;

/**
 * A second thread that does its share of each repetition at the same time as the thread that measures. (Two threads of
 * JMH's own, each measured apart, are seldom on a processor together when the machine is busy: contention would not show.)
 */
final class Partner implements AutoCloseable {
    private final Thread thread;
    private final Runnable share;
    private volatile int asked;
    private volatile int done;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    Partner(Runnable share) {
        this.share = share;
        this.thread = new Thread(this::serve, "partner");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try {
            for (int served = 0; !closed; ) {
                if (asked == served) {
                    Thread.onSpinWait();
                } else {
                    share.run();
                    done = ++served;
                }
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** Both begin now; returns when both have ended. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread asks
    void together(Runnable own) {
        asked++;
        own.run();
        while (done != asked) {
            if (failure != null) {
                throw new IllegalStateException("the other thread failed", failure);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
