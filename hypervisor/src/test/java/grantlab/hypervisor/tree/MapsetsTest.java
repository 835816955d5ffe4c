package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that leave a set together (grant-v3.md, sections 6 and 7.2). */
class MapsetsTest {
    private static final int ACCESS = Access.READ | Access.WRITE | Access.HOST;
    private static final int SLICE = 32;
    private static final int COUNT = 10 * SLICE;
    private static final int ROUNDS = 3000;

    private final PagePool pool = new PagePool();
    private final Records records = new Records(pool, 1);
    private final Mapsets sets = new Mapsets(pool, 1, records);
    private final int[] made = new int[COUNT];

    /** @param together whether each second octet is */
    private int setOfMany(boolean together) {
        int set = sets.begin(COUNT, sets.stock(0));
        for (int n = 0; n < COUNT; n += Slab.OCTET) {
            Slab.number(records.stock(0).takeOctet(), made, n);
            if (together && n / Slab.OCTET % 2 != 0) {
                addTogether(set, n);
            } else {
                addEach(set, n);
            }
        }
        sets.publish(set);
        return set;
    }

    private void addTogether(int set, int first) {
        long[] places =
                LongStream.range(first, first + Slab.OCTET).map(n -> 0x100 + n).toArray();
        long[] frames =
                LongStream.range(first, first + Slab.OCTET).map(n -> 0x200 + n).toArray();
        int position = sets.nextPosition(set);
        records.fillTogether(made[first], ACCESS, 0, places, frames, 1, first, set, sets.nextUnit(set), position);
        sets.append(set, Arrays.copyOfRange(made, first, first + Slab.OCTET), Slab.OCTET);
    }

    private void addEach(int set, int first) {
        for (int n = first; n < first + Slab.OCTET; n++) {
            records.fill(made[n], false, ACCESS, 0, 0, 0x100 + n, 0x200 + n, 1, n, false);
            assertThat(sets.append(set, made[n], 1)).isTrue();
        }
    }

    private void endAll() {
        for (int n = 0; n < COUNT; n += Slab.OCTET) {
            records.endOctet(made[n]);
            records.stock(0).giveOctet(made[n]);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsTakenOutIsClaimed(boolean together) {
        int set = setOfMany(together);
        assertThat(sets.lockSlot(set)).isTrue();
        int[] into = new int[SLICE];
        sets.beginTaking(set);
        assertThat(sets.takeOut(set, 0, COUNT, into, 0)).isEqualTo(SLICE);
        sets.endTaking(set);
        for (int n = 0; n < COUNT; n++) {
            assertThat(records.claim(made[n])).isEqualTo(n >= SLICE);
            assertThat(records.acknowledge(made[n])).isFalse();
            assertThat(records.exists(made[n])).isTrue();
        }
        assertThat(sets.takeOut(set, SLICE, COUNT, into, 0)).isZero();
    }

    /** One thread takes records out by slices, as v3_unmap does, another claims them one by one, as who takes them back: each has one winner. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(120)
    void eachRecordIsWonByOne(boolean together) throws Exception {
        long contested = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < ROUNDS; round++) {
                int set = setOfMany(together);
                assertThat(sets.lockSlot(set)).isTrue();
                boolean backwards = round % 2 != 0;
                AtomicInteger slices = new AtomicInteger();
                Future<boolean[]> unmapper = threads.submit(() -> takenOut(set, slices));
                Future<boolean[]> revoker = threads.submit(() -> claimed(backwards, slices));
                boolean[] taken = unmapper.get();
                boolean[] claimed = revoker.get();
                int won = 0;
                for (int n = 0; n < COUNT; n++) {
                    assertThat(taken[n] ^ claimed[n])
                            .as("round %d, record %d: taken out %s, claimed %s", round, n, taken[n], claimed[n])
                            .isTrue();
                    won += taken[n] ? 1 : 0;
                }
                contested += won != 0 && won != COUNT ? 1 : 0;
                sets.unlock(set, sets.stock(0));
                endAll();
            }
        }
        assertThat(contested).as("rounds in which both won something").isPositive();
    }

    private boolean[] takenOut(int set, AtomicInteger slices) {
        boolean[] taken = new boolean[COUNT];
        int[] into = new int[SLICE];
        for (int first = 0; first < COUNT; first += SLICE) {
            meet(slices, first / SLICE);
            for (int unit = first; unit < first + SLICE; ) {
                sets.beginTaking(set);
                int count = sets.takeOut(set, unit, first + SLICE, into, 0);
                sets.endTaking(set);
                for (int n = 0; n < count; n++) {
                    taken[records.unit(into[n])] = true;
                }
                // Whoever is in the way won, and ends it.
                unit += count == 0 ? 1 : count;
            }
        }
        return taken;
    }

    private boolean[] claimed(boolean backwards, AtomicInteger slices) {
        boolean[] claimed = new boolean[COUNT];
        for (int first = 0; first < COUNT; first += SLICE) {
            meet(slices, first / SLICE);
            for (int n = 0; n < SLICE; n++) {
                int which = first + (backwards ? SLICE - 1 - n : n);
                claimed[which] = records.claim(made[which]);
            }
        }
        return claimed;
    }

    /** Both begin a slice at the same moment. */
    private static void meet(AtomicInteger slices, int slice) {
        slices.incrementAndGet();
        for (int spin = 0; slices.get() < 2 * (slice + 1); spin++) {
            Spin.once(spin);
        }
    }
}
