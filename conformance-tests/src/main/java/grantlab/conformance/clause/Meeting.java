package grantlab.conformance.clause;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Another CPU, which begins a call while this one is in the midst of its own. Whoever excludes the two makes the other wait: it is given a
 * moment, and this one goes on.
 */
final class Meeting {
    /** Long enough for a call that waits for nobody, on a machine that does much else too. */
    private static final Duration MOMENT = Duration.ofMillis(5);

    /** Long enough for most of them, where nothing depends on it. */
    private static final Duration INSTANT = Duration.ofMillis(1);

    /** Longer than anything takes that waits for nobody. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<FutureTask<Boolean>> calls = new ArrayList<>();

    /**
     * Begins a call on another CPU.
     *
     * @param call what it does
     * @return whether that is done while this one does nothing
     */
    boolean returnsMeanwhile(Runnable call) {
        return begins(call, MOMENT);
    }

    /**
     * Makes a call on another CPU that waits for nobody.
     *
     * @param call what it does
     * @return whether that is done; false: it waits for this one all the same
     */
    boolean returns(Runnable call) {
        return begins(call, PATIENCE);
    }

    /**
     * Begins a call on another CPU, and goes on soon, whether or not it is done.
     *
     * @param call what it does
     */
    void begins(Runnable call) {
        begins(call, INSTANT);
    }

    private boolean begins(Runnable call, Duration patience) {
        FutureTask<Boolean> task = new FutureTask<>(call, true);
        calls.add(task);
        try {
            return Thread.ofPlatform().daemon().start(task).join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while another CPU was waited for", e);
        }
    }

    /** Waits until the others are done; what one throws, this one throws. */
    void join() {
        for (FutureTask<Boolean> call : calls) {
            try {
                call.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while another CPU was waited for", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("another CPU failed", e.getCause());
            }
        }
    }
}
