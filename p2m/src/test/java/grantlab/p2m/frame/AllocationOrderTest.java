package grantlab.p2m.frame;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.RamLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which frame comes next, and that all come once in every order. */
class AllocationOrderTest {
    private static final long FIRST = 512;
    private static final int FRAMES = 4;
    private static final RamLayout SMALL = new RamLayout(List.of(new RamLayout.Extent(FIRST, FRAMES)));

    private static long[] allAfterGivingBack(AllocationOrder order, int... givenBack) {
        try (Books books = new Books(SMALL, order)) {
            AtomicFrameTable frames = books.frames;
            frames.admit(1, false);
            for (int n = 0; n < FRAMES; n++) {
                assertThat(frames.allocate(1, 0)).isEqualTo(FIRST + n);
            }
            assertThat(frames.allocate(1, 0)).isEqualTo(FrameTable.NONE);
            for (int frame : givenBack) {
                books.giveUp(FIRST + frame, 1);
            }
            long[] again = new long[givenBack.length];
            for (int n = 0; n < again.length; n++) {
                again[n] = frames.allocate(1, 0) - FIRST;
            }
            assertThat(frames.allocate(1, 0)).isEqualTo(FrameTable.NONE);
            return again;
        }
    }

    @Test
    void lowestFirst() {
        assertThat(allAfterGivingBack(AllocationOrder.LOWEST_FIRST, 2, 0, 1)).containsExactly(0, 1, 2);
    }

    @Test
    void lastFreedFirst() {
        assertThat(allAfterGivingBack(AllocationOrder.LAST_FREED_FIRST, 2, 0, 1))
                .containsExactly(1, 0, 2);
    }

    @Test
    void firstFreedFirst() {
        assertThat(allAfterGivingBack(AllocationOrder.FIRST_FREED_FIRST, 2, 0, 1))
                .containsExactly(2, 0, 1);
    }

    @Test
    void rotatingGoesOnBehindTheLastAllocation() {
        RamLayout large = new RamLayout(List.of(new RamLayout.Extent(FIRST, 1 << 14)));
        try (Books books = new Books(large, AllocationOrder.ROTATING)) {
            books.frames.admit(1, false);
            long first = books.frames.allocate(1, 0);
            books.giveUp(first, 1);
            assertThat(books.frames.allocate(1, 0)).isEqualTo(first + 1);
        }
        assertThat(allAfterGivingBack(AllocationOrder.ROTATING, 2, 0, 1)).containsExactly(0, 1, 2);
    }
}
