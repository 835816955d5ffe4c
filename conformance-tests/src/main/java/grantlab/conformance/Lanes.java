package grantlab.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The threads that carry out the runs of a matrix, each one after the other. One whose run does not come to an end is given up: it is left
 * behind, and another takes its place.
 *
 * @param <T> what a run results in
 */
final class Lanes<T> {
    private static final long LOOK_MILLIS = 200;

    private final Processors processors;
    private final Duration patience;
    private final Work<T> work;
    private final AtomicReferenceArray<@Nullable T> results;
    private final CountDownLatch left;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /**
     * Nothing runs yet.
     *
     * @param processors that the runs share
     * @param patience a run that takes longer hangs: a watchdog, no measure
     * @param count of runs
     * @param work what they are
     */
    Lanes(Processors processors, Duration patience, int count, Work<T> work) {
        this.processors = processors;
        this.patience = patience;
        this.work = work;
        this.results = new AtomicReferenceArray<>(count);
        this.left = new CountDownLatch(count);
    }

    /**
     * What is run.
     *
     * @param <T> what a run results in
     */
    interface Work<T> {
        /** Carries out run n, on a thread of the lanes. */
        T carryOut(int n);

        /** What becomes of run n, whose thread hangs. */
        T giveUp(int n, Thread thread);

        /** Run n is over; told once, by any thread. */
        void done(T result);
    }

    /**
     * Carries out all of it, and waits for that.
     *
     * @return the results, by their numbers
     * @throws InterruptedException when the caller is interrupted; then no further run begins
     * @throws IllegalStateException when a run throws, which is none's own business
     */
    List<T> run() throws InterruptedException {
        for (int n = 0; n < processors.count(); n++) {
            begin();
        }
        try {
            while (!left.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                Throwable thrown = failure.get();
                if (thrown != null) {
                    throw new IllegalStateException("the kit itself failed", thrown);
                }
                lanes.forEach(Lane::look);
            }
        } finally {
            next.set(results.length());
        }
        List<T> all = new ArrayList<>();
        for (int n = 0; n < results.length(); n++) {
            all.add(results.get(n));
        }
        return all;
    }

    private void begin() {
        Lane lane = new Lane();
        lanes.add(lane);
        Thread.ofPlatform().daemon().start(lane);
    }

    /** @return false: somebody was first */
    private boolean settle(int n, T result) {
        if (!results.compareAndSet(n, null, result)) {
            return false;
        }
        work.done(result);
        left.countDown();
        return true;
    }

    /**
     * A run that is under way.
     *
     * @param n its number
     * @param thread that carries it out
     * @param begun by the clock of the JVM, in nanoseconds
     */
    private record UnderWay(int n, Thread thread, long begun) {}

    /** One thread. */
    private final class Lane implements Runnable {
        private volatile @Nullable UnderWay underWay;

        @Override
        public void run() {
            try {
                int n = next.getAndIncrement();
                while (n < results.length() && carryOut(n)) {
                    n = next.getAndIncrement();
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            } finally {
                lanes.remove(this);
            }
        }

        /** @return false: it took so long that this lane was given up */
        private boolean carryOut(int n) {
            processors.acquire();
            underWay = new UnderWay(n, Thread.currentThread(), System.nanoTime());
            T result = processors.shared(() -> work.carryOut(n));
            underWay = null;
            boolean first = settle(n, result);
            if (first) {
                processors.release();
            }
            return first;
        }

        /** By the thread that waits for all. What hangs has a processor of which nobody knows; there is another for the lane that follows. */
        private void look() {
            UnderWay run = underWay;
            if (run != null
                    && System.nanoTime() - run.begun() > patience.toNanos()
                    && settle(run.n(), work.giveUp(run.n(), run.thread()))) {
                lanes.remove(this);
                processors.release();
                begin();
            }
        }
    }
}
