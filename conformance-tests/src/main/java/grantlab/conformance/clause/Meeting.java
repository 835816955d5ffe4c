package grantlab.conformance.clause;

import grantlab.conformance.Expect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.ToIntFunction;

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
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** For somebody on whom something depends. */
    private static final Duration LONGEST = Duration.ofMillis(100);

    private static final int MORE = 10;

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

    /**
     * Something that happens only where another CPU comes in time has to happen once at least. Where a machine does much else it may come
     * too late each time: then all is done again, with more patience.
     *
     * @param what it is
     * @param times does all, and tells how often it happened to who waited so long
     */
    static void expectOnce(String what, ToIntFunction<Duration> times) {
        Duration patience = INSTANT;
        int happened = times.applyAsInt(patience);
        while (happened == 0 && patience.compareTo(LONGEST) < 0) {
            patience = patience.multipliedBy(MORE);
            happened = times.applyAsInt(patience);
        }
        Expect.holds(what, happened > 0);
    }

    /**
     * Begins a call on another CPU, and waits for it.
     *
     * @param call what it does
     * @param patience how long
     * @return whether it is done
     */
    boolean begins(Runnable call, Duration patience) {
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
