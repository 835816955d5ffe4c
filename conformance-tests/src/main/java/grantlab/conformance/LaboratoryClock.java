package grantlab.conformance;

import grantlab.api.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The clock of a world: it stands still until a clause lets time pass. Any thread. */
public final class LaboratoryClock implements Clock {
    private final AtomicLong now = new AtomicLong();

    LaboratoryClock() {}

    @Override
    public long nanos() {
        return now.get();
    }

    /**
     * Time passes.
     *
     * @param duration how much
     */
    public void advance(Duration duration) {
        now.addAndGet(duration.toNanos());
    }
}
