package grantlab.paging.hvm;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class PlaceLocksTest {
    private static final int PLACES = 4;
    private static final int ROUNDS = 20_000;

    private final PlaceLocks locks = new PlaceLocks();

    /** How many hold each place at this moment. */
    private final AtomicIntegerArray holders = new AtomicIntegerArray(PLACES);

    @Test
    void onePlaceOrAllOfThemAtATime() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> running = new ArrayList<>();
            running.add(threads.submit(() -> lockPages(1)));
            running.add(threads.submit(() -> lockPages(3)));
            running.add(threads.submit(() -> lockBlocks(Page.ORDER_2M)));
            running.add(threads.submit(() -> lockBlocks(Page.ORDER_1G)));
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    private Void lockPages(int step) {
        for (int round = 0; round < ROUNDS; round++) {
            int place = round * step % PLACES;
            locks.lock(place, Page.ORDER_4K);
            hold(place, 1);
            hold(place, -1);
            locks.unlock(place, Page.ORDER_4K);
        }
        return null;
    }

    private Void lockBlocks(int order) {
        for (int round = 0; round < ROUNDS / 10; round++) {
            locks.lock(0, order);
            for (int place = 0; place < PLACES; place++) {
                hold(place, 1);
            }
            for (int place = 0; place < PLACES; place++) {
                hold(place, -1);
            }
            locks.unlock(0, order);
        }
        return null;
    }

    private void hold(int place, int change) {
        assertThat(holders.addAndGet(place, change)).isEqualTo(change > 0 ? 1 : 0);
    }
}
