package grantlab.iommu.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.iommu.Threads;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A frame has the rights that its uses ask for. */
class IdentityTablesTest {
    private static final int BOTH = Access.READ | Access.WRITE;
    private static final long FRAME = 3L << Page.ORDER_1G;

    private final IdentityTables tables = new IdentityTables();

    private int map(int access) {
        return tables.map(FRAME, FRAME, Page.ORDER_4K, access);
    }

    private int unmap(int access) {
        return tables.unmap(FRAME, FRAME, Page.ORDER_4K, access);
    }

    private int rights(long frame) {
        return DeviceSpace.accessOf(tables.entry(frame));
    }

    /** xen-semantics 3.10. */
    @Test
    void theLastWriterLeavesReadAndTheLastUserNothing() {
        assertThat(map(Access.READ)).isZero();
        assertThat(rights(FRAME)).isEqualTo(Access.READ);
        assertThat(map(BOTH)).as("first writer").isEqualTo(Status.MODIFIED);
        assertThat(map(BOTH)).as("second writer").isZero();
        assertThat(rights(FRAME)).isEqualTo(BOTH);
        assertThat(unmap(BOTH)).isZero();
        assertThat(rights(FRAME)).isEqualTo(BOTH);
        assertThat(unmap(BOTH)).as("last writer").isEqualTo(Status.MODIFIED);
        assertThat(rights(FRAME)).isEqualTo(Access.READ);
        assertThat(unmap(Access.READ)).as("last user").isEqualTo(Status.MODIFIED);
        assertThat(tables.entry(FRAME)).isEqualTo(DeviceSpace.NO_ENTRY);
        assertThat(unmap(Access.READ)).isEqualTo(Status.GONE);
        assertThat(unmap(BOTH)).isEqualTo(Status.GONE);
    }

    @Test
    void aWriterCanBecomeAReader() {
        map(BOTH);
        map(BOTH);
        assertThat(tables.downgrade(FRAME, FRAME, Page.ORDER_4K))
                .as("another writes")
                .isZero();
        assertThat(rights(FRAME)).isEqualTo(BOTH);
        assertThat(tables.downgrade(FRAME, FRAME, Page.ORDER_4K)).isEqualTo(Status.MODIFIED);
        assertThat(rights(FRAME)).isEqualTo(Access.READ);
        assertThat(tables.downgrade(FRAME, FRAME, Page.ORDER_4K))
                .as("nobody writes")
                .isZero();
        unmap(Access.READ);
        unmap(Access.READ);
        assertThat(tables.downgrade(FRAME, FRAME, Page.ORDER_4K)).isEqualTo(Status.GONE);
    }

    /** A use of the block may be remembered for its pages, and the other way round. */
    @Test
    void rightsOfABlockAddToThoseOfItsPages() {
        assertThat(tables.map(FRAME, FRAME, Page.ORDER_2M, Access.READ))
                .as("pages may be remembered")
                .isEqualTo(Status.MODIFIED);
        assertThat(map(BOTH)).as("the page was readable before").isEqualTo(Status.MODIFIED);
        assertThat(rights(FRAME)).isEqualTo(BOTH);
        assertThat(rights(FRAME + 1)).isEqualTo(Access.READ);
        assertThat(rights(FRAME + 512)).isZero();
        assertThat(tables.next(0)).isEqualTo(FRAME);
        assertThat(tables.next(FRAME + 511)).isEqualTo(FRAME + 511);
        assertThat(tables.next(FRAME + 512)).isEqualTo(DeviceSpace.NONE);
        unmap(BOTH);
        assertThat(rights(FRAME)).isEqualTo(Access.READ);
    }

    @Test
    void frameNumbersEnd() {
        long last = Page.FRAME_LIMIT - 1;
        assertThat(tables.map(last, last, Page.ORDER_4K, BOTH)).isZero();
        assertThat(tables.next(0)).isEqualTo(last);
        assertThat(tables.findNext(last, 0)).isEqualTo(last);
        assertThat(tables.entry(Page.FRAME_LIMIT)).isEqualTo(DeviceSpace.NO_ENTRY);
        assertThat(tables.entry(-1)).isEqualTo(DeviceSpace.NO_ENTRY);
        assertThatThrownBy(() -> tables.map(1, 2, Page.ORDER_4K, BOTH)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFullCountIsRefused() {
        long full = Uses.LIMIT | Uses.LIMIT << 32;
        assertThat(Uses.isFull(full, Access.READ)).isTrue();
        assertThat(Uses.isFull(full, BOTH)).isTrue();
        long lastReader = Uses.withoutOne(full, Access.READ);
        assertThat(Uses.isFull(lastReader, Access.READ)).isFalse();
        assertThat(Uses.isFull(lastReader, BOTH)).isTrue();
        assertThat(Uses.readers(lastReader)).isEqualTo(Uses.LIMIT - 1);
        assertThat(Uses.writers(lastReader)).isEqualTo(Uses.LIMIT);
    }

    /** Random uses of two pages and the blocks around them; the model counts each. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theTablesAnswerAsTheModel(long seed) {
        Random random = new Random(seed);
        int[] orders = {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G};
        long[] pages = {FRAME, FRAME + 511, FRAME + 512};
        int[][][] uses = new int[3][3][2];
        for (int step = 0; step < 20_000; step++) {
            int level = random.nextInt(3);
            int which = random.nextInt(3);
            long frame = Blocks.first(pages[which], orders[level]);
            which = indexOf(pages, frame, orders[level]);
            int writes = random.nextInt(2);
            int access = writes == 1 ? BOTH : Access.READ;
            if (random.nextBoolean()) {
                assertThat(tables.map(frame, frame, orders[level], access)).isIn(Status.OKAY, Status.MODIFIED);
                uses[level][which][writes]++;
            } else {
                int status = tables.unmap(frame, frame, orders[level], access);
                assertThat(status == Status.GONE).isEqualTo(uses[level][which][writes] == 0);
                uses[level][which][writes] -= status == Status.GONE ? 0 : 1;
            }
            for (long page : pages) {
                assertThat(rights(page))
                        .as("seed %d, step %d", seed, step)
                        .isEqualTo(rightsInModel(uses, pages, orders, page));
            }
        }
    }

    private static int indexOf(long[] pages, long frame, int order) {
        for (int index = 0; index < pages.length; index++) {
            if (Blocks.first(pages[index], order) == frame) {
                return index;
            }
        }
        throw new IllegalArgumentException("frame " + frame);
    }

    private static int rightsInModel(int[][][] uses, long[] pages, int[] orders, long page) {
        int rights = 0;
        for (int level = 0; level < orders.length; level++) {
            int[] counts = uses[level][indexOf(pages, Blocks.first(page, orders[level]), orders[level])];
            rights |= counts[0] > 0 ? Access.READ : 0;
            rights |= counts[1] > 0 ? BOTH : 0;
        }
        return rights;
    }

    /** Whoever has a use has the right, whatever the others do; at the end nothing is left. */
    @Test
    @Timeout(60)
    void usesOfManyAreCountedOneByOne() throws Exception {
        Threads.run(4, thread -> {
            Random random = new Random(thread);
            for (int round = 0; round < 50_000; round++) {
                int access = random.nextBoolean() ? BOTH : Access.READ;
                int order = random.nextInt(4) == 0 ? Page.ORDER_2M : Page.ORDER_4K;
                tables.map(FRAME, FRAME, order, access);
                assertThat(rights(FRAME) & access).isEqualTo(access);
                if (access == BOTH && random.nextBoolean()) {
                    tables.downgrade(FRAME, FRAME, order);
                    access = Access.READ;
                }
                assertThat(tables.unmap(FRAME, FRAME, order, access)).isNotEqualTo(Status.GONE);
            }
        });
        assertThat(tables.next(0)).isEqualTo(DeviceSpace.NONE);
    }
}
