package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.PagePool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketsTest {
    private static final long TREE = 0x1_0010_01L;
    private static final long OTHER_TREE = 0x1_0020_01L;

    private final PagePool pool = new PagePool();
    private final LeafActs acts = new LeafActs(pool, 1);
    private final Buckets buckets = new Buckets(pool, acts);

    private int inserted(long tree, long key) {
        int act = acts.stock(0).take();
        int bucket = buckets.lock(tree, key);
        buckets.insert(bucket, act, tree, key, 0, key << 12, LeafPins.fresh(), Records.NONE, false);
        buckets.unlock(bucket);
        buckets.spread();
        return act;
    }

    private int found(long tree, long key) {
        int bucket = buckets.lock(tree, key);
        int act = buckets.find(bucket, tree, key);
        buckets.unlock(bucket);
        return act;
    }

    private void removed(int act) {
        ended(act);
        acts.stock(0).give(act);
    }

    private void ended(int act) {
        int bucket = buckets.lock(acts.tree(act), acts.key(act));
        buckets.remove(bucket, act, acts.page(act));
        buckets.unlock(bucket);
    }

    @Test
    void neighboursShareALock() {
        for (long key = 64; key < 72; key++) {
            assertThat(Buckets.together(64, key)).isTrue();
            int bucket = buckets.lock(TREE, key);
            buckets.unlock(bucket);
            assertThat(bucket).isEqualTo(buckets.lock(TREE, 64));
            buckets.unlock(bucket);
        }
        assertThat(Buckets.together(64, 72)).isFalse();
        assertThat(Buckets.together(64, 63)).isFalse();
    }

    private int bucketOf(long key) {
        int bucket = buckets.lock(TREE, key);
        buckets.unlock(bucket);
        return bucket;
    }

    /** So that a run of pages meets itself in no chain, and neither do many runs that begin alike. */
    @Test
    void leavesOfOneNodeLieApartAndNodesAreScattered() {
        assertThat(LongStream.range(0, 64).mapToObj(octet -> bucketOf(512 + 8 * octet)))
                .doesNotHaveDuplicates();
        Map<Integer, Long> nodes = LongStream.range(0, 256)
                .boxed()
                .collect(Collectors.groupingBy(node -> bucketOf(node << 9), Collectors.counting()));
        assertThat(nodes.values()).allMatch(count -> count <= 16);
    }

    @Test
    void unusedNeighboursEndAtTheFirstAct() {
        inserted(TREE, 69);
        inserted(OTHER_TREE, 66);
        int bucket = buckets.lock(TREE, 64);
        assertThat(buckets.unused(bucket, TREE, 64, 8)).isEqualTo(5);
        assertThat(buckets.unused(bucket, TREE, 64, 3)).isEqualTo(3);
        assertThat(buckets.unused(bucket, TREE, 69, 1)).isZero();
        assertThat(buckets.unused(bucket, TREE, 70, 2)).isEqualTo(2);
        buckets.unlock(bucket);
        assertThat(Buckets.together(64)).isEqualTo(8);
        assertThat(Buckets.together(71)).isEqualTo(1);
    }

    @Test
    void actIsOfItsTreeAndKeyAlone() {
        int act = inserted(TREE, 5);
        assertThat(found(TREE, 5)).isEqualTo(act);
        assertThat(found(TREE, 4)).isEqualTo(LeafActs.NONE);
        assertThat(found(TREE, 13)).isEqualTo(LeafActs.NONE);
        assertThat(found(OTHER_TREE, 5)).isEqualTo(LeafActs.NONE);
        assertThat(acts.tree(act)).isEqualTo(TREE);
        assertThat(acts.key(act)).isEqualTo(5);
        assertThat(acts.snapshot(act)).isEqualTo(5 << 12);
        removed(act);
        assertThat(found(TREE, 5)).isEqualTo(LeafActs.NONE);
        assertThat(acts.exists(act)).isFalse();
    }

    /** While acts come and go and buckets are split, each is found, and no other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyActIsFound(long seed) {
        Random random = new Random(seed);
        Map<Long, Integer> there = new HashMap<>();
        List<Long> keys = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            long key = random.nextInt(4) == 0 ? (long) random.nextInt(1 << 10) << 9 : random.nextInt(1 << 12);
            if (random.nextInt(5) < 3) {
                there.computeIfAbsent(key, fresh -> {
                    keys.add(fresh);
                    return inserted(TREE, fresh);
                });
            } else if (!keys.isEmpty()) {
                long gone = keys.remove(/* index */ random.nextInt(keys.size()));
                removed(there.remove(gone));
            }
            assertThat(found(TREE, key)).isEqualTo(there.getOrDefault(key, LeafActs.NONE));
        }
        there.forEach((key, act) -> assertThat(found(TREE, key)).isEqualTo(act));
        assertThat(acts.inUse()).isEqualTo(there.size());
        assertThat(pool.used()).isEqualTo(acts.pages() + buckets.pages());
        assertThat(buckets.pages()).isGreaterThan(1);
        buckets.dispose();
        acts.dispose();
        assertThat(pool.used()).isZero();
    }

    // Acts that are together

    private static final long PINS = LeafPins.fresh() + LeafPins.increment(Access.READ | Access.WRITE);
    private static final int RECORD = 800;

    private final Deque<Integer> octets = new ArrayDeque<>();

    /** So many octets are there before any is broken up for single acts; whoever has one of them keeps it. */
    private void prepare(int count) {
        for (int n = 0; n < count; n++) {
            octets.add(acts.stock(0).takeOctet());
        }
        assertThat(octets).doesNotContain(LeafActs.NONE);
    }

    /** Eight leaves from a key on. @return the first act */
    private int insertedTogether(long tree, long key, boolean insist) {
        int first = octets.remove();
        long[] snapshots = LongStream.range(0, 8).map(n -> snapshot(key + n)).toArray();
        int bucket = buckets.lock(tree, key);
        buckets.insertTogether(bucket, first, tree, key, snapshots, PINS, RECORD, insist);
        buckets.unlock(bucket);
        buckets.spread();
        return first;
    }

    private static long snapshot(long key) {
        return key * 0x9e37_79b9_7f4a_7c15L | 1;
    }

    private void assertIsOf(int act, long tree, long key, int record, boolean insist) {
        assertThat(acts.exists(act)).isTrue();
        assertThat(acts.tree(act)).isEqualTo(tree);
        assertThat(acts.key(act)).isEqualTo(key);
        assertThat(acts.order(act)).isZero();
        assertThat(acts.snapshot(act)).isEqualTo(snapshot(key));
        assertThat(acts.pins(act)).isEqualTo(PINS);
        assertThat(acts.inFlight(act)).isZero();
        assertThat(acts.firstRecord(act)).isEqualTo(record);
        assertThat(acts.firstTaken(act)).isEqualTo(Records.NONE);
        assertThat(acts.insistent(act)).isEqualTo(insist ? 1 : 0);
        assertThat(acts.hasRecords(act)).isTrue();
    }

    /** Whoever reads one by its number sees the same before they are parted and afterwards; whoever finds one parts them. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5, 7})
    void togetherOrPartedEachIsItsOwn(int found) {
        prepare(3);
        int other = insertedTogether(OTHER_TREE, 64, false);
        for (boolean insist : new boolean[] {true, false}) {
            int first = insertedTogether(TREE, 64, insist);
            for (int n = 0; n < 8; n++) {
                assertThat(acts.isTogether(first + n)).isTrue();
                assertIsOf(first + n, TREE, 64 + n, RECORD + n, insist);
            }
            assertThat(found(TREE, 64 + found)).isEqualTo(first + found);
            for (int n = 0; n < 8; n++) {
                assertThat(acts.isTogether(first + n)).isFalse();
                assertIsOf(first + n, TREE, 64 + n, RECORD + n, insist);
                assertThat(found(TREE, 64 + n)).isEqualTo(first + n);
                assertThat(found(TREE, 72 + n)).isEqualTo(LeafActs.NONE);
            }
            for (int n = 0; n < 8; n++) {
                ended(first + n);
                assertThat(acts.exists(first + n)).isFalse();
            }
        }
        assertThat(acts.isTogether(other)).as("of another tree").isTrue();
        assertIsOf(other, OTHER_TREE, 64, RECORD, false);
    }

    @Test
    void neighboursOfActsThatAreTogetherAreUsed() {
        prepare(1);
        int first = insertedTogether(TREE, 64, false);
        int bucket = buckets.lock(TREE, 64);
        assertThat(buckets.unused(bucket, TREE, 64, 8)).isZero();
        assertThat(buckets.unused(bucket, TREE, 67, 2)).isZero();
        assertThat(acts.isTogether(first)).isTrue();
        buckets.removeTogether(bucket, first);
        assertThat(buckets.unused(bucket, TREE, 64, 8)).isEqualTo(8);
        buckets.unlock(bucket);
        for (int n = 0; n < 8; n++) {
            assertThat(acts.exists(first + n)).isFalse();
            assertThat(found(TREE, 64 + n)).isEqualTo(LeafActs.NONE);
        }
    }

    /** While acts come and go, eight together and one by one, and buckets are split: each is found, and no other. */
    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void everyActIsFoundWhoeverItIsTogetherWith(long seed) {
        prepare(7_000);
        Random random = new Random(seed);
        TreeMap<Long, Integer> there = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            long key = random.nextInt(1 << 12);
            long eight = key & ~7;
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (there.subMap(eight, eight + 8).isEmpty()) {
                        int first = insertedTogether(TREE, eight, true);
                        LongStream.range(0, 8).forEach(n -> there.put(eight + n, first + (int) n));
                    }
                }
                case 2 -> there.computeIfAbsent(key, fresh -> inserted(TREE, fresh));
                case 3 -> {
                    if (there.containsKey(key)) {
                        assertThat(found(TREE, key)).isEqualTo(there.get(key));
                        ended(there.remove(key));
                    }
                }
                case 4 -> {
                    int first = there.getOrDefault(eight, LeafActs.NONE);
                    if (first != LeafActs.NONE && acts.isTogether(first)) {
                        int bucket = buckets.lock(TREE, eight);
                        buckets.removeTogether(bucket, first);
                        buckets.unlock(bucket);
                        octets.add(first);
                        there.subMap(eight, eight + 8).clear();
                    }
                }
                default -> assertThat(found(TREE, key)).isEqualTo(there.getOrDefault(key, LeafActs.NONE));
            }
        }
        there.forEach((key, act) -> assertThat(acts.key(act)).isEqualTo(key));
        assertThat(8L * buckets.octets())
                .isEqualTo(there.values().stream().filter(acts::isTogether).count());
        there.forEach((key, act) -> assertThat(found(TREE, key)).isEqualTo(act));
        assertThat(buckets.octets()).isZero();
        int existing = 0;
        for (int act = 0; act < acts.capacity(); act++) {
            existing += acts.exists(act) ? 1 : 0;
        }
        assertThat(existing).isEqualTo(there.size());
        assertThat(buckets.pages()).isGreaterThan(1);
    }

    /** Who reads whose an act in use is needs no lock, while somebody parts it from its neighbours. */
    @Test
    @Timeout(60)
    void actThatIsJustPartedIsReadWhole() throws Exception {
        prepare(5_000);
        AtomicInteger current = new AtomicInteger(LeafActs.NONE);
        AtomicLong looks = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Long> reader = threads.submit(() -> {
                long wrong = 0;
                while (!stop.get()) {
                    int first = current.get();
                    for (int n = 0; first != LeafActs.NONE && n < 8; n++) {
                        wrong += acts.key(first + n) != 64 + n || acts.tree(first + n) != TREE ? 1 : 0;
                    }
                    looks.incrementAndGet();
                }
                return wrong;
            });
            for (int round = 0; round < 5_000; round++) {
                int first = insertedTogether(TREE, 64, true);
                current.set(first);
                awaitLooks(looks);
                assertThat(found(TREE, 64 + (round & 7))).isEqualTo(first + (round & 7));
                current.set(LeafActs.NONE);
                awaitLooks(looks);
                for (int n = 0; n < 8; n++) {
                    ended(first + n);
                }
            }
            stop.set(true);
            assertThat(reader.get()).isZero();
        }
    }

    /** One that began afterwards is over. */
    private static void awaitLooks(AtomicLong looks) {
        long before = looks.get();
        for (int spin = 0; looks.get() < before + 2; spin++) {
            Spin.once(spin);
        }
    }

    @Test
    void withoutAPageThereIsNoBucket() {
        pool.setQuota(0);
        assertThat(buckets.lock(TREE, 1)).isEqualTo(Buckets.NONE);
        int bucket = buckets.lockLook(TREE, 1);
        assertThat(bucket).isEqualTo(Buckets.NONE);
        buckets.unlockLook(bucket);
        pool.setQuota(1);
        bucket = buckets.lock(TREE, 1);
        assertThat(bucket).isNotEqualTo(Buckets.NONE);
        buckets.unlock(bucket);
    }

    /** One at a time: who holds a bucket waits for no other. */
    @Test
    void heldBucketIsTheNeighboursToo() {
        HeldBucket held = new HeldBucket(buckets);
        int bucket = held.hold(TREE, 64);
        assertThat(held.hold(TREE, 71)).isEqualTo(bucket);
        int other = held.hold(TREE, 72);
        assertThat(other).isNotEqualTo(bucket);
        assertThat(buckets.lock(TREE, 64)).as("the first is free").isEqualTo(bucket);
        buckets.unlock(bucket);
        int third = held.hold(OTHER_TREE, 72);
        assertThat(third).isNotEqualTo(other);
        assertThat(buckets.lock(TREE, 72)).as("a key alone is not enough").isEqualTo(other);
        buckets.unlock(other);
        held.letGo();
        held.letGo();
        assertThat(buckets.lock(OTHER_TREE, 72)).isEqualTo(third);
        buckets.unlock(third);
    }

    /** A lock that is let go of is looked for again: its bucket may have been split meanwhile. */
    @Test
    void bucketThatWasLetGoOfIsLockedAnew() {
        HeldBucket held = new HeldBucket(buckets);
        held.hold(TREE, 64);
        held.letGo();
        for (long key = 0; key < 4096; key++) {
            inserted(TREE, key);
        }
        int bucket = held.hold(TREE, 64);
        assertThat(buckets.find(bucket, TREE, 64)).isNotEqualTo(LeafActs.NONE);
        held.letGo();
    }
}
