package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.quota.PagePool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeafActsTest {
    private static final long TREE = 0x1_0010_01L;
    private static final long OTHER_TREE = 0x1_0020_01L;

    private final PagePool pool = new PagePool();
    private final LeafActs acts = new LeafActs(pool, 1);

    private int inserted(long tree, long key) {
        int act = acts.stock(0).take();
        int bucket = acts.lock(tree, key);
        acts.insert(bucket, act, tree, key, 0, key << 12, LeafPins.fresh(), Records.NONE);
        acts.unlock(bucket);
        acts.spread();
        return act;
    }

    private int found(long tree, long key) {
        int bucket = acts.lock(tree, key);
        int act = acts.find(bucket, tree, key);
        acts.unlock(bucket);
        return act;
    }

    private void removed(int act) {
        int bucket = acts.lock(acts.tree(act), acts.key(act));
        acts.remove(bucket, act);
        acts.unlock(bucket);
        acts.stock(0).give(act);
    }

    @Test
    void neighboursShareALock() {
        for (long key = 64; key < 72; key++) {
            assertThat(LeafActs.together(64, key)).isTrue();
            int bucket = acts.lock(TREE, key);
            acts.unlock(bucket);
            assertThat(bucket).isEqualTo(acts.lock(TREE, 64));
            acts.unlock(bucket);
        }
        assertThat(LeafActs.together(64, 72)).isFalse();
        assertThat(LeafActs.together(64, 63)).isFalse();
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
        assertThat(pool.used()).isEqualTo(acts.pages()).isGreaterThan(acts.capacity() / 64 + 1);
        acts.dispose();
        assertThat(pool.used()).isZero();
    }

    @Test
    void withoutAPageThereIsNoBucket() {
        pool.setQuota(0);
        assertThat(acts.lock(TREE, 1)).isEqualTo(LeafActs.NONE);
        int bucket = acts.lockLook(TREE, 1);
        assertThat(bucket).isEqualTo(LeafActs.NONE);
        acts.unlockLook(bucket);
        pool.setQuota(1);
        bucket = acts.lock(TREE, 1);
        assertThat(bucket).isNotEqualTo(LeafActs.NONE);
        acts.unlock(bucket);
    }
}
