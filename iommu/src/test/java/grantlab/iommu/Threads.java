package grantlab.iommu;

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
                    executor.shutdownNow();
                    throw new AssertionError(e.getCause());
                }
            }
        }
    }
}
