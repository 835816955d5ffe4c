package grantlab.p2m.map;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.PhysicalMap;
import grantlab.p2m.Threads;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuperpageTableTest {
    private static final long LIMIT = 1L << 20;
    private static final long GIANT = 1L << 18;

    private final SuperpageTable table = new SuperpageTable(LIMIT);

    private static long ram(long mfn, int order) {
        return PhysicalMap.entry(mfn, order, PhysicalMap.RAM_RW);
    }

    private static long part(long entry, long distance) {
        return entry + (distance << PhysicalMap.FRAME_SHIFT);
    }

    @Test
    void nothingIsWhereNothingWasPut() {
        for (long gfn : new long[] {0, 511, GIANT, LIMIT - 1, LIMIT, -1, Long.MIN_VALUE, 1L << 52}) {
            assertThat(table.entry(gfn)).as("gfn %x", gfn).isEqualTo(PhysicalMap.INVALID);
        }
        assertThat(table.exchange(5, PhysicalMap.INVALID)).isEqualTo(PhysicalMap.INVALID);
        assertThat(table.memoryChanges().count()).isZero();
    }

    @Test
    void eachGfnOfALargeEntryHasItsOwnFrame() {
        long entry = ram(1L << 36, 18);
        table.exchangeLarge(GIANT, 18, entry);
        assertThat(table.entry(GIANT - 1)).isEqualTo(PhysicalMap.INVALID);
        assertThat(table.entry(GIANT)).isEqualTo(entry);
        assertThat(table.entry(2 * GIANT - 1)).isEqualTo(ram((1L << 36) + GIANT - 1, 18));
        assertThat(table.entry(2 * GIANT)).isEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void vacantIsWhereNothingStandsAtAnyGfn() {
        assertThat(table.isVacant(512, 9)).isTrue();
        assertThat(table.isVacant(GIANT, 18)).isTrue();
        for (long gfn : new long[] {512, 700, 1023}) {
            table.exchange(gfn, ram(7, 0));
            assertThat(table.isVacant(512, 9)).as("gfn %d", gfn).isFalse();
            assertThat(table.isVacant(0, 18)).isFalse();
            assertThat(table.isVacant(0, 9)).isTrue();
            assertThat(table.isVacant(1024, 9)).isTrue();
            table.exchange(gfn, PhysicalMap.INVALID);
            assertThat(table.isVacant(512, 9)).isTrue();
        }
        table.exchangeLarge(GIANT + 1024, 9, ram(512, 9));
        assertThat(table.isVacant(GIANT + 1024, 9)).isFalse();
        assertThat(table.isVacant(GIANT, 18)).isFalse();
        assertThat(table.isVacant(GIANT, 9)).isTrue();
        table.exchangeLarge(GIANT, 18, ram(GIANT, 18));
        assertThat(table.isVacant(GIANT, 9)).isFalse();
        table.exchangeLarge(GIANT, 18, PhysicalMap.INVALID);
        assertThat(table.isVacant(GIANT, 18)).isTrue();
    }

    @Test
    void replacingAPartShattersAsFarAsNeeded() {
        table.exchangeLarge(0, 18, ram(GIANT, 18));
        long before = table.memoryChanges().count();

        assertThat(table.exchange(1000, ram(7, 0))).isEqualTo(ram(GIANT + 1000, 18));

        assertThat(table.memoryChanges().count()).isGreaterThan(before);
        assertThat(table.entry(1000)).isEqualTo(ram(7, 0));
        assertThat(table.entry(1001)).isEqualTo(ram(GIANT + 1001, 0));
        assertThat(table.entry(512)).isEqualTo(ram(GIANT + 512, 0));
        assertThat(table.entry(511)).isEqualTo(ram(GIANT + 511, 9));
        assertThat(table.entry(1024)).isEqualTo(ram(GIANT + 1024, 9));
        assertThat(table.entry(GIANT - 1)).isEqualTo(ram(2 * GIANT - 1, 9));

        assertThat(table.exchangeLarge(512, 9, PhysicalMap.INVALID)).isEqualTo(ram(GIANT + 512, 0));
        assertThat(table.entry(1000)).isEqualTo(PhysicalMap.INVALID);
        assertThat(table.entry(511)).isEqualTo(ram(GIANT + 511, 9));
        assertThat(table.exchangeLarge(0, 18, PhysicalMap.INVALID)).isEqualTo(ram(GIANT, 9));
        assertThat(table.entry(511)).isEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void aSmallEntryEntersAmongSmallOnesWhereNothingStands() {
        long grant = PhysicalMap.entry(9, 0, PhysicalMap.V3_GRANT_RW);
        assertThat(table.enter(5, grant)).as("there are no small entries").isFalse();
        table.exchangeLarge(512, 9, ram(512, 9));
        assertThat(table.enter(513, grant)).as("a large entry stands there").isFalse();
        assertThat(table.entry(513)).isEqualTo(part(ram(512, 9), 1));
        table.exchange(6, ram(7, 0));
        long changes = table.memoryChanges().count();
        assertThat(table.enter(5, grant)).isTrue();
        assertThat(table.entry(5)).isEqualTo(grant);
        assertThat(table.enter(5, ram(8, 0))).as("something stands there").isFalse();
        assertThat(table.entry(5)).isEqualTo(grant);
        assertThat(table.memoryChanges().count())
                .as("a grant came where nothing was")
                .isEqualTo(changes);
        assertThat(table.enter(4, ram(8, 0))).isTrue();
        assertThat(table.memoryChanges().count()).isEqualTo(changes + 1);
    }

    @Test
    void replaceNeedsWhatIsExpected() {
        assertThat(table.replace(3, ram(1, 0), ram(2, 0))).isFalse();
        assertThat(table.replace(3, PhysicalMap.INVALID, ram(2, 0))).isTrue();
        assertThat(table.replace(3, PhysicalMap.INVALID, ram(3, 0))).isFalse();
        assertThat(table.entry(3)).isEqualTo(ram(2, 0));
        table.exchangeLarge(512, 9, ram(1024, 9));
        assertThat(table.replace(514, ram(1025, 9), ram(9, 0))).isFalse();
        assertThat(table.entry(514)).isEqualTo(ram(1026, 9));
        assertThat(table.replace(514, ram(1026, 9), PhysicalMap.INVALID)).isTrue();
        assertThat(table.entry(514)).isEqualTo(PhysicalMap.INVALID);
        assertThat(table.entry(513)).isEqualTo(ram(1025, 0));
    }

    /** Changes of all orders against one entry per gfn, in a window of two GiB that is sparsely compared. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void theTableAnswersAsTheModel(long seed) {
        TreeMap<Long, Long> model = new TreeMap<>();
        Random random = new Random(seed);
        for (int step = 0; step < 2_500; step++) {
            String what = "seed " + seed + ", step " + step;
            int order = random.nextInt(250) == 0 ? 18 : random.nextInt(10) == 0 ? 9 : 0;
            // 2 GiB; of each, two blocks of order 9 at either end, so that changes meet.
            long gfn = (random.nextInt(2) * GIANT) + (random.nextBoolean() ? GIANT - 1024 : 0) + random.nextInt(1024);
            gfn &= -1L << order;
            long entry = random.nextInt(3) == 0
                    ? PhysicalMap.INVALID
                    : PhysicalMap.entry((long) random.nextInt(1 << 10) << order, order, 1 + random.nextInt(6));
            long before = table.memoryChanges().count();

            long old = order == 0 ? table.exchange(gfn, entry) : table.exchangeLarge(gfn, order, entry);

            assertThat(old).as(what).isEqualTo(model.getOrDefault(gfn, PhysicalMap.INVALID));
            change(model, gfn, order, entry);
            if (order != 0 || !isGrantOrNothing(old) || !isGrantOrNothing(entry)) {
                assertThat(table.memoryChanges().count()).as(what).isGreaterThan(before);
            } else {
                assertThat(table.memoryChanges().count()).as(what).isEqualTo(before);
            }
            for (int look = 0; look < 8; look++) {
                long any = (gfn & -GIANT) + (random.nextBoolean() ? GIANT - 1024 : 0) + random.nextInt(1024);
                assertThat(table.entry(any))
                        .as("%s: gfn %x after %x at %x order %d", what, any, entry, gfn, order)
                        .isEqualTo(model.getOrDefault(any, PhysicalMap.INVALID));
            }
            if (step % 100 == 0) {
                assertFinds(model, random, what);
            }
        }
    }

    private static boolean isGrantOrNothing(long entry) {
        return entry == PhysicalMap.INVALID
                || PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RW
                || PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RO;
    }

    /** One entry for each gfn; a change of a part leaves the rest as entries of the next order that fits. */
    private static void change(NavigableMap<Long, Long> model, long gfn, int order, long entry) {
        if (order < 18) {
            shatter(model, gfn, 18, 9);
        }
        if (order < 9) {
            shatter(model, gfn, 9, 0);
        }
        for (long i = 0; i < 1L << order; i++) {
            if (entry == PhysicalMap.INVALID) {
                model.remove(gfn + i);
            } else {
                model.put(gfn + i, part(entry, i));
            }
        }
    }

    private static void shatter(NavigableMap<Long, Long> model, long gfn, int from, int to) {
        if (PhysicalMap.orderOf(model.getOrDefault(gfn, 0L)) == from) {
            long first = gfn & (-1L << from);
            for (Map.Entry<Long, Long> each :
                    model.subMap(first, first + (1L << from)).entrySet()) {
                long old = each.getValue();
                each.setValue(PhysicalMap.entry(PhysicalMap.frameOf(old), to, PhysicalMap.typeOf(old)));
            }
        }
    }

    private void assertFinds(NavigableMap<Long, Long> model, Random random, String what) {
        long mfn = random.nextInt(1 << 12);
        long expected = 0;
        long found = table.find(mfn, 0);
        for (Map.Entry<Long, Long> each : model.entrySet()) {
            if (PhysicalMap.frameOf(each.getValue()) == mfn) {
                expected++;
                assertThat(found).as("%s: search for %x", what, mfn).isEqualTo(each.getKey());
                found = table.find(mfn, found + 1);
            }
        }
        assertThat(found).as("%s: search for %x after %d", what, mfn, expected).isEqualTo(PhysicalMap.INVALID);
    }

    /** While one thread puts a large entry and replaces a part of it in turn, its other parts never seem absent. */
    @ParameterizedTest
    @ValueSource(ints = {9, 18})
    void readersNeverMissWhatIsThereAllTheTime(int order) throws InterruptedException {
        long frame = 1L << 30;
        table.exchangeLarge(0, order, ram(frame, order));
        AtomicBoolean done = new AtomicBoolean();
        Threads.run(3, thread -> {
            if (thread == 0) {
                for (int i = 0; i < 30_000; i++) {
                    table.exchange(200, ram(i, 0));
                    Threads.pause(i % 64 * 8);
                    table.exchangeLarge(0, order, ram(frame, order));
                }
                done.set(true);
                return;
            }
            Random random = new Random(thread);
            while (!done.get() && !Thread.interrupted()) {
                long gfn = random.nextInt(random.nextBoolean() ? 512 : 1 << order);
                long entry = table.entry(gfn);
                assertThat(entry).as("gfn %d", gfn).isNotEqualTo(PhysicalMap.INVALID);
                if (gfn != 200) {
                    assertThat(PhysicalMap.frameOf(entry)).isEqualTo(frame + gfn);
                }
                long found = table.find(frame + 300, 0);
                assertThat(found).isEqualTo(300);
            }
        });
    }

    /** Two threads change entries of their own in one leaf while a third one takes all away: no change is forgotten. */
    @Test
    void smallChangesAndLargeOnesDoNotLoseEachOther() throws InterruptedException {
        int times = 40_000;
        long[] displacedByOthers = new long[2];
        long[] put = new long[2];
        Threads.run(3, thread -> {
            if (thread == 2) {
                for (int i = 0; i < 2_000; i++) {
                    table.exchangeLarge(512, 9, PhysicalMap.INVALID);
                    table.exchangeLarge(512, 9, ram(512, 9));
                }
                table.exchangeLarge(512, 9, PhysicalMap.INVALID);
                return;
            }
            for (int i = 1; i <= times; i++) {
                long gfn = thread;
                long entry = ram(4096L * thread + i, 0);
                long old = table.exchange(gfn, entry);
                assertThat(old).isEqualTo(i == 1 ? PhysicalMap.INVALID : ram(4096L * thread + i - 1, 0));
                // Beside, in the block that comes and goes: the entry read back is one's own, or of the block, or none.
                table.exchange(512 + thread, entry);
                long seen = table.entry(512 + thread);
                assertThat(seen).isIn(entry, PhysicalMap.INVALID, ram(512 + thread, 9), ram(512 + thread, 0));
                put[thread]++;
                displacedByOthers[thread] += seen == entry ? 0 : 1;
            }
        });
        assertThat(put).containsExactly(times, times);
        assertThat(table.entry(0)).isEqualTo(ram(times, 0));
        assertThat(table.entry(1)).isEqualTo(ram(4096 + times, 0));
        for (long gfn = 514; gfn < 1024; gfn++) {
            assertThat(table.entry(gfn)).isIn(PhysicalMap.INVALID, ram(gfn, 0), ram(gfn, 9));
        }
        table.exchangeLarge(512, 9, ram(512, 9));
        assertThat(table.entry(512)).isEqualTo(ram(512, 9));
    }

    @Test
    void whatStandsIsFoundAndHolesArePassedOver() {
        table.exchange(3, ram(7, 0));
        table.exchange(700, ram(8, 0));
        table.exchangeLarge(1 << 18, 9, ram(1 << 9, 9));
        assertThat(table.next(0)).isEqualTo(3);
        assertThat(table.next(4)).isEqualTo(700);
        assertThat(table.next(701)).isEqualTo(1 << 18);
        assertThat(table.next((1 << 18) + 511)).isEqualTo((1 << 18) + 511);
        assertThat(table.next((1 << 18) + 512)).isEqualTo(PhysicalMap.INVALID);
    }

    /** Each replaced entry is answered to exactly one of those who replace. */
    @Test
    void whatIsDisplacedIsAnsweredOnce() throws InterruptedException {
        int threads = 3;
        int times = 100_000;
        AtomicIntegerArray answered = new AtomicIntegerArray(threads * times + 1);
        Threads.run(threads, thread -> {
            for (int i = 0; i < times; i++) {
                int name = 1 + thread * times + i;
                long old = thread == 2 && i % 500 == 0
                        ? table.exchangeLarge(0, 9, PhysicalMap.INVALID)
                        : table.exchange(0, ram(name, 0));
                if (old != PhysicalMap.INVALID) {
                    answered.incrementAndGet((int) PhysicalMap.frameOf(old));
                }
            }
        });
        long last = table.exchange(0, PhysicalMap.INVALID);
        if (last != PhysicalMap.INVALID) {
            answered.incrementAndGet((int) PhysicalMap.frameOf(last));
        }
        for (int name = 1; name <= threads * times; name++) {
            int i = (name - 1) % times;
            boolean cleared = (name - 1) / times == 2 && i % 500 == 0;
            assertThat(answered.get(name)).as("entry %d", name).isEqualTo(cleared ? 0 : 1);
        }
    }
}
