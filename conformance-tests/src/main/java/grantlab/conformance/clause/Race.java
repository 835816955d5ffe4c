package grantlab.conformance.clause;

import grantlab.conformance.Expect;
import grantlab.conformance.Processors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Threads that begin together. Each has a bounded number of things to do; what one throws, the clause throws. */
final class Race {
    /** Those of the races that follow each other on this thread. */
    private static final ScopedValue<ExecutorService> THREADS = ScopedValue.newInstance();

    /** More looks than anybody needs who is under way on another CPU, and few enough to come to an end with one who is not. */
    private static final int MOST_LOOKS = 20_000_000;

    private static final int LOOKS_IN_A_ROW = 4096;

    private static final int TURNS_IN_A_ROW = 16;

    private static final int MOMENTS_IN_A_ROW = 8;

    private static final int SPINS = 300;

    private Race() {}

    /** What one CPU does. */
    @FunctionalInterface
    interface Runner {
        /** All of it. */
        void run();
    }

    /**
     * Runs each on a thread of its own, until all are done. Of a matrix no other clause runs meanwhile: who races needs the processors.
     *
     * @param runners what the CPUs do
     */
    static void run(Runner... runners) {
        if (THREADS.isBound()) {
            together(THREADS.get(), runners);
        } else {
            alone(() -> together(THREADS.get(), runners));
        }
    }

    /**
     * Races one after the other, with the processors and the threads of the first.
     *
     * @param count how many rounds
     * @param round what happens in one, which calls {@link #run}, by its number from 0
     */
    static void rounds(int count, IntConsumer round) {
        alone(() -> {
            for (int n = 0; n < count; n++) {
                round.accept(n);
            }
        });
    }

    /**
     * Another CPU is about to do something, and this one looks again and again. It may have no processor to do it on while this one
     * looks: now and then it is given one.
     *
     * @param what is waited for
     * @param looks how often it has looked
     */
    static void expectSoon(String what, int looks) {
        Expect.holds(what, looks < MOST_LOOKS);
        if (looks % LOOKS_IN_A_ROW == LOOKS_IN_A_ROW - 1) {
            giveWay();
        }
    }

    /** Of more threads than processors one that waits lets another one run. */
    @SuppressWarnings("ThreadPriorityCheck")
    static void giveWay() {
        Thread.yield();
    }

    /**
     * Whoever never rests gives way now and then: on one processor nobody else would get any further.
     *
     * @param turn of his, which is over
     */
    static void giveWayNowAndThen(long turn) {
        if (turn % TURNS_IN_A_ROW == 0) {
            giveWay();
        }
    }

    /**
     * Others get a little further: on processors of their own, and where there is none for them, on this one now and then. On a machine that
     * does much else each time that this one is given away costs a slice of theirs.
     *
     * @param turn which of many this is
     */
    static void moment(int turn) {
        if (turn % MOMENTS_IN_A_ROW == 0) {
            giveWay();
        } else {
            Traffic.pause(SPINS);
        }
    }

    private static void alone(Runnable races) {
        Processors.all(() -> {
            try (ExecutorService threads = Executors.newCachedThreadPool()) {
                ScopedValue.where(THREADS, threads).run(races);
            }
        });
    }

    private static void together(ExecutorService threads, Runner... runners) {
        CyclicBarrier start = new CyclicBarrier(runners.length);
        CountDownLatch over = new CountDownLatch(runners.length);
        List<Future<Boolean>> ends = new ArrayList<>();
        for (Runner runner : runners) {
            ends.add(threads.submit(at(start, runner, over)));
        }
        // Nobody runs any more when one of them is found to have failed.
        await(over);
        for (Future<Boolean> end : ends) {
            await(end);
        }
    }

    private static Callable<Boolean> at(CyclicBarrier start, Runner runner, CountDownLatch over) {
        return () -> {
            try {
                start.await();
                runner.run();
                return true;
            } finally {
                over.countDown();
            }
        };
    }

    private static void await(CountDownLatch over) {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while a race was running", e);
    }

    private static void await(Future<Boolean> end) {
        try {
            end.get();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case RuntimeException exception -> throw exception;
                case BrokenBarrierException broken -> throw new IllegalStateException("a race did not start", broken);
                case null, default -> throw new IllegalStateException("a race was lost", e);
            }
        }
    }
}
