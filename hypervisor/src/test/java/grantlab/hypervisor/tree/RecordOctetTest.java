package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Eight records that are together are in all respects what eight by themselves are (grant-v3.md, section 6). */
class RecordOctetTest {
    private static final int ACCESS = Access.READ | Access.WRITE | Access.HOST;
    private static final int GRANTER = 7;
    private static final int PAGES = 96;
    private static final int ROUNDS = 2000;

    private final PagePool pool = new PagePool();
    private final Records records = new Records(pool, 1);
    private final Mapsets sets = new Mapsets(pool, 1, records);
    private final Stock stock = records.stock(0);

    private int octets;

    /** What is known of a mapping. */
    private record Mapping(int record, int unit, long place, long frame, int act) {}

    /** A set with an index, and what it should have. */
    private final class Run {
        private final int set;
        private final List<Mapping> mappings = new ArrayList<>();

        /** Of the octets that it was given. */
        private final Set<Integer> firsts = new HashSet<>();

        private Run(Random random, int apart) {
            this.set = sets.begin(PAGES, sets.stock(0));
            long place = 0x1000L * random.nextInt(1000);
            while (mappings.size() < PAGES) {
                boolean room = PAGES - mappings.size() >= Slab.OCTET;
                int octet = room && random.nextInt(3) != 0 ? stock.takeOctet() : Slab.NONE;
                if (octet != Slab.NONE) {
                    addOctet(octet, random, place, apart);
                } else {
                    addOne(random, place + (long) mappings.size() * apart);
                }
            }
            sets.publish(set);
        }

        private void addOctet(int record, Random random, long start, int apart) {
            int[] fresh = new int[Slab.OCTET];
            long[] places = new long[Slab.OCTET];
            long[] frames = new long[Slab.OCTET];
            int act = Slab.OCTET * random.nextInt(100);
            for (int n = 0; n < Slab.OCTET; n++) {
                int unit = mappings.size();
                fresh[n] = record + n;
                places[n] = start + (long) unit * apart;
                frames[n] = random.nextInt(1 << 20);
                mappings.add(new Mapping(fresh[n], unit, places[n], frames[n], act + n));
            }
            assertThat(RecordOctet.fits(places)).isTrue();
            int unit = sets.nextUnit(set);
            records.fillTogether(record, ACCESS, 0, places, frames, GRANTER, act, set, unit, sets.nextPosition(set));
            sets.append(set, fresh, Slab.OCTET);
            firsts.add(record);
            octets++;
        }

        private void addOne(Random random, long place) {
            int record = stock.take();
            Mapping mapping =
                    new Mapping(record, mappings.size(), place, random.nextInt(1 << 20), random.nextInt(1000));
            records.fill(record, false, ACCESS, 0, 0, place, mapping.frame, GRANTER, mapping.act, false);
            assertThat(sets.append(set, record, 1)).isTrue();
            mappings.add(mapping);
        }

        private void check() {
            assertThat(sets.mapped(set)).isEqualTo(mappings.size());
            for (Mapping mapping : mappings) {
                int record = mapping.record;
                checkWords(mapping);
                assertThat(records.exists(record)).isTrue();
                assertThat(records.access(record)).isEqualTo(ACCESS);
                assertThat(records.order(record)).isZero();
                assertThat(records.nextOfAct(record)).isEqualTo(Records.NONE);
                assertThat(records.handle(record)).isZero();
                assertThat(records.acknowledge(record)).isFalse();
                assertThat(sets.find(set, mapping.unit)).isEqualTo(record);
            }
        }

        private void checkWords(Mapping mapping) {
            int record = mapping.record;
            assertThat(records.place(record)).as("place of %s", mapping).isEqualTo(mapping.place);
            assertThat(records.frame(record)).as("frame of %s", mapping).isEqualTo(mapping.frame);
            assertThat(records.act(record)).as("act of %s", mapping).isEqualTo(mapping.act);
            assertThat(records.granter(record)).as("granter of %s", mapping).isEqualTo(GRANTER);
            assertThat(records.unit(record)).as("unit of %s", mapping).isEqualTo(mapping.unit);
            assertThat(records.set(record)).as("set of %s", mapping).isEqualTo(set);
        }

        /** As v3_unmap does, from a mapping on, and what is in the way by itself. */
        private void takeOut(int first, int most) {
            UnmappedLeaves unmapped = new UnmappedLeaves();
            int unit = mappings.get(first).unit;
            int pages = unmapped.addTogether(records, sets, set, unit, unit + (long) most);
            assertThat(pages).isEqualTo(unmapped.size());
            if (pages == 0) {
                takeOne(mappings.remove(first));
                return;
            }
            for (int i = 0; i < pages; i++) {
                Mapping mapping = mappings.remove(first);
                assertThat(unmapped.record(i)).isEqualTo(mapping.record);
                assertThat(unmapped.frame(i)).isEqualTo(mapping.frame);
                assertThat(unmapped.act(i)).isEqualTo(mapping.act);
                assertThat(unmapped.granter(i)).isEqualTo(GRANTER);
                assertThat(unmapped.access(i)).isEqualTo(ACCESS);
                assertThat(unmapped.order(i)).isZero();
                assertThat(sets.find(set, mapping.unit)).isEqualTo(Records.NONE);
                assertThat(records.claim(mapping.record)).isFalse();
                assertThat(records.set(mapping.record)).isEqualTo(Records.NONE);
            }
            assertThat(unmapped.ordinary()).isTrue();
            for (int i = 0; i < pages; ) {
                if (unmapped.beginsOctet(i, pages)) {
                    records.endOctet(unmapped.record(i));
                    stock.giveOctet(unmapped.record(i));
                    i += Slab.OCTET;
                } else {
                    end(unmapped.record(i));
                    i++;
                }
            }
        }

        /** Octets as such. */
        private void endAll() {
            for (Mapping mapping : mappings) {
                if (firsts.contains(mapping.record)) {
                    records.endOctet(mapping.record);
                    stock.giveOctet(mapping.record);
                } else if (!firsts.contains(mapping.record & -Slab.OCTET)) {
                    end(mapping.record);
                }
            }
        }

        private void takeOne(Mapping mapping) {
            assertThat(records.claim(mapping.record)).isTrue();
            assertThat(records.claim(mapping.record)).isFalse();
            sets.remove(set, mapping.record);
            assertThat(records.frame(mapping.record)).isEqualTo(mapping.frame);
            end(mapping.record);
        }
    }

    private void end(int record) {
        records.end(record);
        stock.give(record);
    }

    /** What comes and goes in whatever order is always what it was made, and handles of those alone are good once. */
    @RepeatedTest(60)
    void areWhatTheyWereMade(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int apart = new int[] {1, 8, 4096}[random.nextInt(3)];
        List<Long> handles = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            Run run = new Run(random, apart);
            run.check();
            while (!run.mappings.isEmpty()) {
                assertThat(sets.lockSlot(run.set)).isTrue();
                int which = random.nextInt(run.mappings.size());
                switch (random.nextInt(6)) {
                    case 0 -> records.part(run.mappings.get(which).record);
                    case 1 -> run.takeOne(run.mappings.remove(which));
                    case 2 -> aloneAndGone(handles, random);
                    default -> run.takeOut(which, 1 + random.nextInt(40));
                }
                run.check();
                for (long handle : handles) {
                    assertThat(records.claimAlone(handle, 1)).isEqualTo(Records.STALE);
                }
                sets.unlock(run.set, sets.stock(0));
            }
            assertThat(records.inUse()).isZero();
            assertThat(sets.inUse()).isZero();
        }
        assertThat(octets).as("octets").isPositive();
    }

    /** Of single records, and of an octet that may have been one of a run. */
    private void aloneAndGone(List<Long> handles, Random random) {
        int single = stock.take();
        handles.add(aloneAndGone(single));
        stock.give(single);
        int octet = stock.takeOctet();
        if (octet == Slab.NONE) {
            return;
        }
        for (int n = 0; n < Slab.OCTET; n++) {
            for (int times = random.nextInt(3); times > 0; times--) {
                handles.add(aloneAndGone(octet + n));
            }
        }
        stock.giveOctet(octet);
    }

    private long aloneAndGone(int record) {
        assertThat(records.exists(record)).isFalse();
        records.fill(record, true, ACCESS, 0, 0, 0x100, 0x200, 1, 7, false);
        long handle = records.publish(record);
        assertThat(records.claimAlone(handle, 1)).isEqualTo(record);
        records.end(record);
        return handle;
    }

    @Test
    void placesOfOtherDistancesDoNotFit() {
        long[] places = {10, 11, 12, 13, 14, 15, 16, 17};
        assertThat(RecordOctet.fits(places)).isTrue();
        for (int n = 0; n < Slab.OCTET; n++) {
            places[n] += 100;
            assertThat(RecordOctet.fits(places)).as("place %d", n).isFalse();
            places[n] -= 100;
        }
    }

    /** One takes out what is together, another parts it at the same time: what was taken out was read as it was made. */
    @Test
    @Timeout(120)
    void whatIsTakenOutIsReadWhole() throws Exception {
        Random random = new Random(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < ROUNDS; round++) {
                Run run = new Run(random, 1);
                AtomicInteger slices = new AtomicInteger();
                boolean backwards = round % 2 != 0;
                assertThat(sets.lockSlot(run.set)).isTrue();
                Future<?> unmapper = threads.submit(() -> takeAllOut(run, slices));
                Future<?> joiner = threads.submit(() -> partAll(run, slices, backwards));
                unmapper.get();
                joiner.get();
                sets.unlock(run.set, sets.stock(0));
                for (Mapping mapping : run.mappings) {
                    assertThat(records.exists(mapping.record)).isTrue();
                    assertThat(records.claim(mapping.record)).isFalse();
                    assertThat(records.frame(mapping.record)).isEqualTo(mapping.frame);
                }
                run.endAll();
            }
        }
        assertThat(records.inUse()).isZero();
        assertThat(octets).as("octets").isGreaterThan(ROUNDS);
    }

    private void takeAllOut(Run run, AtomicInteger slices) {
        UnmappedLeaves unmapped = new UnmappedLeaves();
        for (int unit = 0; unit < PAGES; ) {
            if (unit % Slab.OCTET == 0) {
                meet(slices, unit / Slab.OCTET);
            }
            int end = (unit / Slab.OCTET + 1) * Slab.OCTET;
            int pages = unmapped.addTogether(records, sets, run.set, unit, end);
            for (int i = 0; i < pages; i++) {
                Mapping mapping = run.mappings.get(unit + i);
                assertThat(unmapped.record(i)).isEqualTo(mapping.record);
                assertThat(unmapped.frame(i)).isEqualTo(mapping.frame);
                assertThat(unmapped.act(i)).isEqualTo(mapping.act);
            }
            unmapped.clear();
            if (pages == 0) {
                // As whoever finds one in the way and goes on with it by itself.
                records.part(run.mappings.get(unit).record);
            }
            unit += pages;
        }
    }

    private void partAll(Run run, AtomicInteger slices, boolean backwards) {
        for (int first = 0; first < PAGES; first += Slab.OCTET) {
            meet(slices, first / Slab.OCTET);
            for (int n = 0; n < Slab.OCTET; n++) {
                records.part(run.mappings.get(first + (backwards ? Slab.OCTET - 1 - n : n)).record);
            }
        }
    }

    /** Both begin a slice at the same moment. */
    private static void meet(AtomicInteger slices, int slice) {
        slices.incrementAndGet();
        for (int spin = 0; slices.get() < 2 * (slice + 1); spin++) {
            Spin.once(spin);
        }
    }

    /** Whoever looks for what stands where locks nothing, also when the first of eight goes and becomes something else. */
    @Test
    @Timeout(120)
    void whoLooksSeesWhatIsThere() throws Exception {
        Random random = new Random(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < ROUNDS; round++) {
                Run run = new Run(random, 1);
                List<Mapping> firsts = run.mappings.stream()
                        .filter(mapping -> mapping.record % Slab.OCTET == 0)
                        .toList();
                run.mappings.removeAll(firsts);
                AtomicBoolean over = new AtomicBoolean();
                Future<?> onlooker = threads.submit(() -> {
                    while (!over.get()) {
                        run.mappings.forEach(run::checkWords);
                    }
                });
                Future<?> unmapper = threads.submit(() -> {
                    for (Mapping first : firsts) {
                        run.takeOne(first);
                        int alone = stock.take();
                        records.fill(alone, true, ACCESS, 0, 0, 0x7777, 0x8888, 1, 0x9999, false);
                        records.publish(alone);
                    }
                });
                unmapper.get();
                over.set(true);
                onlooker.get();
            }
        }
        assertThat(octets).as("octets").isGreaterThan(ROUNDS);
    }

    /** Parting is no claim: whoever claims one of them meanwhile gets it. */
    @Test
    @Timeout(120)
    void whoPartsThemClaimsNone() throws Exception {
        Random random = new Random(3);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < ROUNDS; round++) {
                Run run = new Run(random, 1);
                AtomicInteger slices = new AtomicInteger();
                boolean backwards = round % 2 != 0;
                Future<?> joiner = threads.submit(() -> partAll(run, slices, backwards));
                Future<?> revoker = threads.submit(() -> {
                    for (int n = 0; n < PAGES; n++) {
                        if (n % Slab.OCTET == 0) {
                            meet(slices, n / Slab.OCTET);
                        }
                        assertThat(records.claim(run.mappings.get(n).record)).isTrue();
                    }
                });
                joiner.get();
                revoker.get();
                run.endAll();
            }
        }
        assertThat(octets).as("octets").isGreaterThan(ROUNDS);
    }
}
