package grantlab.iommu.table;

import static grantlab.api.iommu.DeviceSpace.entry;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.iommu.Threads;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeparateTablesTest {
    private static final int BOTH = Access.READ | Access.WRITE;
    private static final long BLOCK = 5L << Page.ORDER_1G;
    private static final long MFN = 1L << 20;

    private final SeparateTables tables = new SeparateTables(false);

    @ParameterizedTest
    @ValueSource(ints = {Page.ORDER_2M, Page.ORDER_1G})
    void aPageTakenOutOfALargeEntrySplitsIt(int order) {
        tables.map(BLOCK, MFN, order, BOTH);
        assertThat(tables.entry(BLOCK + 7)).isEqualTo(entry(MFN + 7, order, BOTH));

        assertThat(tables.unmap(BLOCK + 7, MFN + 8, Page.ORDER_4K, BOTH)).isEqualTo(Status.GONE);
        assertThat(tables.entry(BLOCK + 7)).as("not split for nothing").isEqualTo(entry(MFN + 7, order, BOTH));

        assertThat(tables.unmap(BLOCK + 7, MFN + 7, Page.ORDER_4K, BOTH)).isEqualTo(Status.MODIFIED);
        assertThat(tables.entry(BLOCK + 7)).isEqualTo(DeviceSpace.NO_ENTRY);
        assertThat(tables.entry(BLOCK + 6)).isEqualTo(entry(MFN + 6, Page.ORDER_4K, BOTH));
        long last = (1L << order) - 1;
        int lastOrder = order == Page.ORDER_2M ? Page.ORDER_4K : Page.ORDER_2M;
        assertThat(tables.entry(BLOCK + last)).isEqualTo(entry(MFN + last, lastOrder, BOTH));

        assertThat(tables.unmap(BLOCK, MFN, order, BOTH)).as("the rest of it").isEqualTo(Status.MODIFIED);
        assertThat(tables.next(0)).isEqualTo(DeviceSpace.NONE);
        assertThat(tables.unmap(BLOCK, MFN, order, BOTH)).isEqualTo(Status.GONE);
    }

    @Test
    void beyondTheTableNothingIsMapped() {
        long beyond = 1L << 36;
        assertThat(tables.map(beyond, MFN, Page.ORDER_4K, BOTH)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(tables.unmap(beyond, MFN, Page.ORDER_4K, BOTH)).isEqualTo(Status.GONE);
        assertThat(tables.entry(beyond)).isEqualTo(DeviceSpace.NO_ENTRY);
        assertThat(tables.entry(-1)).isEqualTo(DeviceSpace.NO_ENTRY);
        assertThat(tables.map(beyond - 1, MFN, Page.ORDER_4K, BOTH)).isZero();
        assertThat(tables.findNext(MFN, 0)).isEqualTo(beyond - 1);
    }

    /**
     * Two map and unmap pages of their own, a third covers the block that they are in and uncovers it again, and looks at it. Outside of
     * its changes everybody's page is as its owner left it, and whoever looks finds an entry that somebody made.
     */
    @Test
    @Timeout(60)
    void noChangeOfAPageIsLostWhenBlocksComeAndGo() throws Exception {
        int rounds = 60_000;
        AtomicLong changes = new AtomicLong();
        AtomicInteger working = new AtomicInteger(2);
        AtomicInteger undisturbed = new AtomicInteger();
        Threads.run(3, thread -> {
            if (thread == 2) {
                coverAndUncover(changes, working);
                return;
            }
            long own = MFN * 3 + thread;
            for (int round = 0; round < rounds; round++) {
                long before = changes.get();
                tables.map(BLOCK + thread, own, Page.ORDER_4K, BOTH);
                long found = tables.entry(BLOCK + thread);
                if ((before & 1) == 0 && changes.get() == before) {
                    assertThat(found).isEqualTo(entry(own, Page.ORDER_4K, BOTH));
                    undisturbed.incrementAndGet();
                }
                assertMadeBySomebody(found, thread, own);
                before = changes.get();
                int status = tables.unmap(BLOCK + thread, own, Page.ORDER_4K, BOTH);
                found = tables.entry(BLOCK + thread);
                assertThat(status).isIn(Status.MODIFIED, Status.GONE);
                assertThat(found == DeviceSpace.NO_ENTRY || DeviceSpace.frameOf(found) == MFN + thread)
                        .as("found %x", found)
                        .isTrue();
            }
            working.decrementAndGet();
        });
        assertThat(undisturbed.get())
                .as("rounds in which the rule could be looked at")
                .isPositive();
        tables.unmap(BLOCK, MFN, Page.ORDER_2M, BOTH);
        assertThat(tables.next(0)).isEqualTo(DeviceSpace.NONE);
    }

    private void coverAndUncover(AtomicLong changes, AtomicInteger working) {
        for (int order = Page.ORDER_2M; working.get() > 0; order = Page.ORDER_2M + Page.ORDER_1G - order) {
            changes.incrementAndGet();
            tables.map(BLOCK, MFN, order, BOTH);
            changes.incrementAndGet();
            assertThat(DeviceSpace.frameOf(tables.entry(BLOCK + 100))).isEqualTo(MFN + 100);
            changes.incrementAndGet();
            tables.unmap(BLOCK, MFN, order, BOTH);
            changes.incrementAndGet();
            assertThat(tables.entry(BLOCK + 100)).isEqualTo(DeviceSpace.NO_ENTRY);
            for (int idle = 0; idle < 200; idle++) {
                Thread.onSpinWait();
            }
        }
    }

    private static void assertMadeBySomebody(long found, int thread, long own) {
        if (found != DeviceSpace.NO_ENTRY) {
            assertThat(DeviceSpace.frameOf(found)).isIn(own, MFN + thread);
            assertThat(DeviceSpace.accessOf(found)).isEqualTo(BOTH);
        }
    }

    /** A page beside a block that is split and made again all the time is there all the time. */
    @Test
    @Timeout(60)
    void lookingWaitsForNobodyAndSeesWhole() throws Exception {
        tables.map(BLOCK, MFN, Page.ORDER_1G, BOTH);
        AtomicBoolean stop = new AtomicBoolean();
        Threads.run(2, thread -> {
            if (thread == 0) {
                for (int round = 0; round < 20_000; round++) {
                    tables.map(BLOCK + 1, MFN + 1, Page.ORDER_4K, Access.READ);
                    tables.map(BLOCK, MFN, round % 16 == 0 ? Page.ORDER_1G : Page.ORDER_2M, BOTH);
                }
                stop.set(true);
            }
            while (!stop.get()) {
                long entry = tables.entry(BLOCK + 2);
                assertThat(DeviceSpace.frameOf(entry)).isEqualTo(MFN + 2);
                assertThat(DeviceSpace.accessOf(entry)).isEqualTo(BOTH);
            }
        });
    }

    /** The nodes that lead to them are made by whoever comes first. */
    @Test
    @Timeout(60)
    void whatSeveralMapWhereNothingWasIsAllThere() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        Threads.run(2, thread -> {
            for (long round = 0; round < 3_000; round++) {
                long dfn = round << Page.ORDER_2M;
                together.await();
                tables.map(dfn + thread, MFN + thread, Page.ORDER_4K, BOTH);
                together.await();
                assertThat(tables.entry(dfn)).isEqualTo(entry(MFN, Page.ORDER_4K, BOTH));
                assertThat(tables.entry(dfn + 1)).isEqualTo(entry(MFN + 1, Page.ORDER_4K, BOTH));
            }
        });
    }
}
