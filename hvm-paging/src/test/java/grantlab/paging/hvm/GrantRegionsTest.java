package grantlab.paging.hvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Regions against a set of the JDK: each once, none lost while it grows, also by several threads. */
class GrantRegionsTest {
    private static final int MANY = 5_000;
    private static final int THREADS = 4;

    private final GrantRegions regions = new GrantRegions();

    @Test
    void remembersEachRegionOnce() {
        Set<Long> model = new TreeSet<>();
        Random random = new Random(7);
        for (int n = 0; n < MANY; n++) {
            long gfn = random.nextLong() >>> 28;
            regions.add(gfn);
            regions.add(gfn ^ 1);
            model.add(gfn >>> 9);
        }
        assertThat(regions.toArray()).hasSize(model.size());
        assertThat(known()).isEqualTo(model);
        assertThat(GrantRegions.firstFrame(regions.toArray()[0]) >>> 9).isEqualTo(regions.toArray()[0]);
    }

    /** All add the same regions in the same order, so that they meet at each. */
    @Test
    void threadsThatMeetAtARegionAddItOnce() throws InterruptedException {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        Thread[] threads = new Thread[THREADS];
        for (int n = 0; n < THREADS; n++) {
            threads[n] = Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (Exception failure) {
                    throw new IllegalStateException(failure);
                }
                LongStream.range(0, MANY).forEach(region -> regions.add(GrantRegions.firstFrame(region)));
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(regions.toArray()).hasSize(MANY);
        assertThat(known()).isEqualTo(LongStream.range(0, MANY).boxed().collect(Collectors.toSet()));
    }

    private Set<Long> known() {
        return LongStream.of(regions.toArray()).boxed().collect(Collectors.toSet());
    }
}
