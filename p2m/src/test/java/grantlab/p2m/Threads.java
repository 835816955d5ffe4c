package grantlab.p2m;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs a task on several threads at once and passes on what the first of them throws. */
public final class Threads {
    private Threads() {}

    /** What one thread does. */
    public interface Task {
        void run(int thread) throws Exception;
    }

    /** Gives the other threads some time to get in between. */
    public static void pause(int turns) {
        for (int i = 0; i < turns; i++) {
            Thread.onSpinWait();
        }
    }

    public static void run(int threads, Task task) throws InterruptedException {
        CyclicBarrier start = new CyclicBarrier(threads);
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            ExecutorCompletionService<Void> tasks = new ExecutorCompletionService<>(executor);
            for (int i = 0; i < threads; i++) {
                int thread = i;
                tasks.submit(() -> {
                    start.await();
                    task.run(thread);
                    return null;
                });
            }
            for (int i = 0; i < threads; i++) {
                try {
                    tasks.take().get();
                } catch (ExecutionException e) {
                    // The others may wait for it at a barrier.
                    executor.shutdownNow();
                    throw new AssertionError(e.getCause());
                }
            }
        }
    }
}
