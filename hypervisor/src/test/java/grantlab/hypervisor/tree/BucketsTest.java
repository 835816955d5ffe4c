package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.quota.PagePool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
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
        int bucket = buckets.lock(acts.tree(act), acts.key(act));
        buckets.remove(bucket, act, acts.page(act));
        buckets.unlock(bucket);
        acts.stock(0).give(act);
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
