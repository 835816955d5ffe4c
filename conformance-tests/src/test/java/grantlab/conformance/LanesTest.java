package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LanesTest {
    private static final int RUNS = 500;
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration SHORT = Duration.ofSeconds(2);

    private final Processors processors = new Processors(2);
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());

    /** What a run does; its result is its number. */
    @FunctionalInterface
    private interface Run {
        void of(int n);
    }

    private List<String> all(Duration patience, int count, Run run) throws InterruptedException {
        return new Lanes<>(processors, patience, count, new Lanes.Work<String>() {
                    @Override
                    public String carryOut(int n) {
                        threads.add(Thread.currentThread());
                        run.of(n);
                        return "run " + n;
                    }

                    @Override
                    public String giveUp(int n, Thread thread) {
                        return "run " + n + " of " + (threads.contains(thread) ? "a lane" : "nobody") + " hangs";
                    }

                    @Override
                    public void done(String result) {
                        told.add(result);
                    }
                })
                .run();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(n -> "run " + n).toList();
    }

    @Test
    void resultsAreInTheOrderOfTheRunsAndEachIsToldOnce() throws InterruptedException {
        assertThat(all(LONG, RUNS, n -> {})).isEqualTo(numbers(RUNS));
        assertThat(told).containsExactlyInAnyOrderElementsOf(numbers(RUNS));
        assertThat(threads).hasSizeBetween(1, 2);
    }

    @Test
    void nothingToDoIsDoneAtOnce() throws InterruptedException {
        assertThat(all(LONG, 0, n -> {})).isEmpty();
    }

    @Test
    void whatHangsIsGivenUpAndTheOthersGoOn() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        List<String> results = all(SHORT, 10, n -> {
            if (n == 3 || n == 4 || n == 7) {
                hang(never);
            }
        });
        assertThat(results)
                .containsExactly(
                        "run 0",
                        "run 1",
                        "run 2",
                        "run 3 of a lane hangs",
                        "run 4 of a lane hangs",
                        "run 5",
                        "run 6",
                        "run 7 of a lane hangs",
                        "run 8",
                        "run 9");
        assertThat(told).hasSize(10);

        // Those that were left behind come to an end after all, and take nobody's processor with them.
        never.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(processors.idle()).isEqualTo(2);
        assertThat(told).hasSize(10);
    }

    private static void hang(CountDownLatch never) {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aRunThatThrowsIsAFailureOfTheKit() {
        assertThatThrownBy(() -> all(LONG, RUNS, n -> {
                    if (n == 5) {
                        throw new IllegalArgumentException("five");
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the kit itself failed")
                .hasRootCauseMessage("five");
    }

    @Test
    void whoIsInterruptedBeginsNothingMore() {
        Thread waiting = Thread.currentThread();
        assertThatThrownBy(() -> all(LONG, RUNS, n -> {
                    waiting.interrupt();
                    sleep();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(told).hasSizeLessThan(RUNS);
    }

    private static void sleep() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
