package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@SuppressWarnings("ThreadPriorityCheck") // others must get to run to be seen
class ProcessorsTest {
    private static final int RUNS = 64;
    private static final int LOOKS = 4;
    private static final int SPINS = 500;

    private final Processors processors = new Processors(2);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger besideARace = new AtomicInteger();

    private void run() {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        letOthersRun();
        running.decrementAndGet();
    }

    private static void letOthersRun() {
        for (int n = 0; n < SPINS; n++) {
            Thread.onSpinWait();
        }
        Thread.yield();
    }

    private void race() {
        run();
        Processors.all(() -> {
            for (int look = 0; look < LOOKS; look++) {
                besideARace.addAndGet(running.get());
                letOthersRun();
            }
        });
        run();
    }

    @Test
    void nobodyRunsBesideARace() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(2 * RUNS);
        for (int n = 0; n < RUNS; n++) {
            start(this::run, done);
            start(this::race, done);
        }
        done.await();
        assertThat(besideARace.get()).as("others seen by races").isZero();
        assertThat(most.get()).as("at a time").isBetween(1, 2);
    }

    private void start(Runnable work, CountDownLatch done) {
        Thread.ofPlatform().daemon().start(() -> {
            processors.acquire();
            processors.shared(() -> {
                work.run();
                return work;
            });
            processors.release();
            done.countDown();
        });
    }

    @Test
    void outsideOfAMatrixARaceWaitsForNobody() {
        AtomicInteger raced = new AtomicInteger();
        Processors.all(raced::incrementAndGet);
        assertThat(raced.get()).isOne();
    }
}
