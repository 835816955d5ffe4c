package grantlab.iommu.table;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random calls, each answered by the tables as by one long for each page. */
class SeparateTablesModelTest {
    private static final int STEPS = 2_000;

    /** Two blocks of 1 GiB. */
    private static final long FIRST = 3L << Page.ORDER_1G;

    private static final int PAGES = 2 << Page.ORDER_1G;

    private final SeparateTables tables = new SeparateTables(true);

    /** Entries of order 0; of what is larger the tables say the order, and it must cover the page in alignment. */
    private final long[] model = new long[PAGES];

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theTablesAnswerAsTheModel(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            String what = "seed " + seed + ", step " + step;
            int order = order(random);
            int at = page(random, order);
            step(random, at, order, what);
            assertSame(at, what);
            assertSame(at + (1 << order) - 1, what);
            assertSame(random.nextInt(PAGES), what);
            if (step % 200 == 0) {
                for (int each = 0; each < PAGES; each++) {
                    assertSame(each, what);
                }
                assertSearches(random, what);
            }
        }
        tables.clear();
        assertThat(tables.next(0)).isEqualTo(DeviceSpace.NONE);
    }

    private static int order(Random random) {
        int choice = random.nextInt(100);
        if (choice < 3) {
            return Page.ORDER_1G;
        }
        return choice < 25 ? Page.ORDER_2M : Page.ORDER_4K;
    }

    /** Mostly few pages in few blocks, so that things happen to the same ones. */
    private static int page(Random random, int order) {
        int giant = random.nextInt(2) << Page.ORDER_1G;
        int block = random.nextInt(3) << Page.ORDER_2M;
        int page = random.nextInt(10) == 0 ? random.nextInt(512) : random.nextInt(4);
        return (int) Blocks.first(giant + block + page, order);
    }

    /** Frames that mostly match what a large mapping would have there. */
    private static long frame(Random random, int at, int order) {
        long base = (long) (1 + random.nextInt(2)) << (Page.ORDER_1G + 2);
        return random.nextInt(8) == 0 ? Blocks.first(random.nextInt(1 << 20), order) : base + at;
    }

    private void step(Random random, int at, int order, String what) {
        long dfn = FIRST + at;
        long mfn = frame(random, at, order);
        int access = 1 + random.nextInt(3);
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                boolean displaces = mapInModel(at, order, mfn, access);
                int status = tables.map(dfn, mfn, order, access);
                assertThat(status).as(what).isIn(Status.OKAY, Status.MODIFIED);
                if (displaces) {
                    assertThat(status)
                            .as("%s: what was there may be remembered", what)
                            .isEqualTo(Status.MODIFIED);
                }
            }
            case 3, 4, 5 -> {
                int expected = becomeInModel(at, order, mfn, mfn, 0);
                assertThat(tables.unmap(dfn, mfn, order, access)).as(what).isEqualTo(expected);
            }
            case 6 -> {
                int expected = becomeInModel(at, order, mfn, mfn, Access.READ);
                assertThat(tables.downgrade(dfn, mfn, order)).as(what).isEqualTo(expected);
            }
            default -> {
                long scratch = Blocks.first(random.nextInt(1 << 20), order) + (1L << 30);
                int expected = becomeInModel(at, order, mfn, scratch, Access.WRITE);
                assertThat(tables.sink(dfn, mfn, order, scratch)).as(what).isEqualTo(expected);
            }
        }
    }

    private boolean mapInModel(int at, int order, long mfn, int access) {
        boolean displaces = false;
        for (int each = 0; each < 1 << order; each++) {
            long entry = DeviceSpace.entry(mfn + each, Page.ORDER_4K, access);
            displaces |= model[at + each] != DeviceSpace.NO_ENTRY && model[at + each] != entry;
            model[at + each] = entry;
        }
        return displaces;
    }

    private int becomeInModel(int at, int order, long mfn, long newMfn, int access) {
        boolean found = false;
        boolean changed = false;
        for (int each = 0; each < 1 << order; each++) {
            long entry = model[at + each];
            if (entry == DeviceSpace.NO_ENTRY || DeviceSpace.frameOf(entry) != mfn + each) {
                continue;
            }
            int rights = newMfn == mfn ? DeviceSpace.accessOf(entry) & access : access;
            long after = rights == 0 ? DeviceSpace.NO_ENTRY : DeviceSpace.entry(newMfn + each, Page.ORDER_4K, rights);
            found = true;
            changed |= after != entry;
            model[at + each] = after;
        }
        if (changed) {
            return Status.MODIFIED;
        }
        return found ? Status.OKAY : Status.GONE;
    }

    private void assertSame(int at, String what) {
        long dfn = FIRST + at;
        long entry = tables.entry(dfn);
        long expected = model[at];
        if (!isSame(dfn, entry, expected)) {
            assertThat(entry).as("%s: page %d", what, at).isEqualTo(expected);
        }
    }

    private static boolean isSame(long dfn, long entry, long expected) {
        if (entry == DeviceSpace.NO_ENTRY || expected == DeviceSpace.NO_ENTRY) {
            return entry == expected;
        }
        return DeviceSpace.frameOf(entry) == DeviceSpace.frameOf(expected)
                && DeviceSpace.accessOf(entry) == DeviceSpace.accessOf(expected)
                && isAligned(dfn, entry);
    }

    private static boolean isAligned(long dfn, long entry) {
        int order = DeviceSpace.orderOf(entry);
        return Blocks.within(dfn, order) == Blocks.within(DeviceSpace.frameOf(entry), order);
    }

    private void assertSearches(Random random, String what) {
        for (int search = 0; search < 6; search++) {
            int from = search == 0 ? 0 : page(random, Page.ORDER_4K);
            long mfn = frame(random, page(random, Page.ORDER_4K), Page.ORDER_4K);
            assertThat(tables.next(FIRST + from)).as(what).isEqualTo(nextInModel(from, -1));
            assertThat(tables.findNext(mfn, FIRST + from))
                    .as("%s: frame %d from %d", what, mfn, from)
                    .isEqualTo(nextInModel(from, mfn));
        }
    }

    private long nextInModel(int from, long mfn) {
        for (int each = from; each < PAGES; each++) {
            boolean wanted = mfn < 0 || DeviceSpace.frameOf(model[each]) == mfn;
            if (model[each] != DeviceSpace.NO_ENTRY && wanted) {
                return FIRST + each;
            }
        }
        return DeviceSpace.NONE;
    }
}
