package grantlab.hypervisor.quiescence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class QuiescenceTest {
    private static final int READERS = 3;
    private static final int CHANGES = 2_000;

    /** What a writer took away and then waited for, no reader uses any more. */
    @Test
    @Timeout(60)
    void afterAwaitNobodyUsesWhatWasUnpublished() throws Exception {
        Quiescence quiescence = new Quiescence();
        AtomicReference<AtomicBoolean> published = new AtomicReference<>(new AtomicBoolean(true));
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Section section = quiescence.join();
                readers.add(threads.submit(() -> read(section, published, stop)));
            }
            for (int change = 0; change < CHANGES; change++) {
                AtomicBoolean old = published.getAndSet(new AtomicBoolean(true));
                quiescence.await();
                old.set(false);
            }
            stop.set(true);
            for (Future<Long> reader : readers) {
                assertThat(reader.get())
                        .as("looks at something that was taken away")
                        .isZero();
            }
        }
    }

    private static long read(Section section, AtomicReference<AtomicBoolean> published, AtomicBoolean stop) {
        long dead = 0;
        while (!stop.get()) {
            section.enter();
            AtomicBoolean seen = published.get();
            for (int look = 0; look < 10; look++) {
                dead += seen.get() ? 0 : 1;
            }
            section.leave();
        }
        return dead;
    }

    @Test
    @Timeout(60)
    void whoeverIsOutsideIsNotWaitedFor() {
        Quiescence quiescence = new Quiescence();
        Section section = quiescence.join();
        section.enter();
        section.leave();
        quiescence.await();
        assertThat(section.inside()).isFalse();
    }

    @Test
    @Timeout(60)
    void whoeverLeftForGoodIsForgotten() {
        Quiescence quiescence = new Quiescence();
        Section section = quiescence.join();
        section.enter();
        quiescence.part(section);
        quiescence.await();
        assertThat(section.inside()).isTrue();
    }

    /** What a vCPU keeps: its own thread's while it is inside, whoever's recalls it while it is outside, and never both's. */
    private static final class Keeper {
        private final Section section;
        private final AtomicLong calls = new AtomicLong();
        private long kept;
        private volatile boolean inUse;
        private long clashes;
        private long givenBack;

        Keeper(Quiescence quiescence) {
            section = quiescence.join();
            section.keeps(this, this::giveBack);
        }

        private void giveBack() {
            clashes += inUse ? 1 : 0;
            givenBack += kept != 0 ? 1 : 0;
            kept = 0;
        }

        /** @return whether it keeps what somebody had recalled before it came */
        private boolean callOnce(AtomicLong current) {
            section.enter();
            inUse = true;
            long now = current.get();
            boolean stale = kept != 0 && kept < now - 1;
            if (kept == 0) {
                kept = now;
            }
            use();
            inUse = false;
            section.leave();
            calls.incrementAndGet();
            return stale;
        }

        /** For long enough that somebody else may come meanwhile. */
        private static void use() {
            for (int look = 0; look < 10; look++) {
                Thread.onSpinWait();
            }
        }
    }

    /**
     * Each recall comes behind a change: who finds an older state than that before the last afterwards has kept it over a recall. And
     * nobody gives back what its vCPU is just using. A machine may be so busy that all changes are made before a user comes: it goes on
     * until each has called as often.
     */
    @Test
    @Timeout(60)
    void afterRecallNobodyKeepsWhatHeHadBefore() throws Exception {
        Quiescence quiescence = new Quiescence();
        AtomicLong current = new AtomicLong(1);
        AtomicBoolean stop = new AtomicBoolean();
        List<Keeper> keepers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(READERS + 1)) {
            List<Future<Long>> users = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Keeper keeper = new Keeper(quiescence);
                keepers.add(keeper);
                users.add(threads.submit(() -> {
                    long stale = 0;
                    while (!stop.get()) {
                        stale += keeper.callOnce(current) ? 1 : 0;
                    }
                    return stale;
                }));
            }
            Future<?> second = threads.submit(() -> {
                while (!stop.get()) {
                    quiescence.recall();
                }
            });
            for (int change = 0;
                    change < CHANGES
                            || (!allCalled(keepers) && !Thread.currentThread().isInterrupted());
                    change++) {
                current.incrementAndGet();
                quiescence.recall();
            }
            stop.set(true);
            second.get();
            for (Future<Long> user : users) {
                assertThat(user.get()).as("kept over a recall").isZero();
            }
        }
        quiescence.recall();
        for (Keeper keeper : keepers) {
            assertThat(keeper.clashes).as("given back while in use").isZero();
            assertThat(keeper.kept).isZero();
            assertThat(keeper.givenBack).isPositive();
        }
    }

    private static boolean allCalled(List<Keeper> keepers) {
        return keepers.stream().allMatch(keeper -> keeper.calls.get() >= CHANGES);
    }

    @Test
    @Timeout(60)
    void recallFromOneDomainLeavesOthersAlone() {
        Quiescence quiescence = new Quiescence();
        AtomicLong current = new AtomicLong(1);
        Keeper one = new Keeper(quiescence);
        Keeper other = new Keeper(quiescence);
        assertThat(one.callOnce(current) || other.callOnce(current)).isFalse();
        other.section.enter();
        quiescence.recall(one);
        other.section.leave();
        assertThat(one.kept).isZero();
        assertThat(other.kept).isEqualTo(1);
    }

    /** It need not come again: it is outside. */
    @Test
    @Timeout(60)
    void whatAnIdleOneKeepsIsGivenBackInItsPlace() {
        Quiescence quiescence = new Quiescence();
        Keeper idle = new Keeper(quiescence);
        assertThat(idle.callOnce(new AtomicLong(5))).isFalse();
        assertThat(idle.kept).isEqualTo(5);
        quiescence.recall();
        assertThat(idle.kept).isZero();
        assertThat(idle.givenBack).isEqualTo(1);
        quiescence.recall();
        assertThat(idle.givenBack).isEqualTo(1);
    }
}
