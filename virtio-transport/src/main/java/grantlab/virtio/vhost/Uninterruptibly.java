package grantlab.virtio.vhost;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waiting that an interrupt does not end: the thread is interrupted afterwards. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    private interface Wait<T> {
        T once() throws InterruptedException;
    }

    private static <T> T wait(Wait<T> wait) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return wait.once();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static void join(Thread thread) {
        wait(() -> {
            thread.join();
            return true;
        });
    }

    static <T> T take(BlockingQueue<T> queue) {
        return wait(queue::take);
    }

    /** @throws RuntimeException that the one threw whose result it is */
    static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException why) {
                throw why;
            }
            throw e;
        }
    }
}
