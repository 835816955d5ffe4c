package grantlab.conformance.clause;

import grantlab.conformance.Processors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that begin together. Each has a bounded number of things to do; what one throws, the clause throws. */
final class Race {
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
        Processors.all(() -> together(runners));
    }

    private static void together(Runner... runners) {
        CyclicBarrier start = new CyclicBarrier(runners.length);
        List<Future<Boolean>> ends = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(runners.length)) {
            for (Runner runner : runners) {
                ends.add(threads.submit(at(start, runner)));
            }
        }
        for (Future<Boolean> end : ends) {
            await(end);
        }
    }

    private static Callable<Boolean> at(CyclicBarrier start, Runner runner) {
        return () -> {
            start.await();
            runner.run();
            return true;
        };
    }

    private static void await(Future<Boolean> end) {
        try {
            end.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a race was running", e);
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
