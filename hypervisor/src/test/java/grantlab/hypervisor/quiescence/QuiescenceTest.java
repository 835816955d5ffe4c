package grantlab.hypervisor.quiescence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
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
}
