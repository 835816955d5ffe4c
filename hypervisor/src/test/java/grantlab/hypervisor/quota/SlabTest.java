package grantlab.hypervisor.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SlabTest {
    private static final int VCPUS = 4;

    private final PagePool pool = new PagePool();
    private final Slab slab = new Slab(pool, VCPUS);

    private List<Integer> takeAll(Stock stock) {
        List<Integer> all = new ArrayList<>();
        for (int number = stock.take(); number != Slab.NONE; number = stock.take()) {
            all.add(number);
        }
        return all;
    }

    private static void takeAll(Stock stock, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(stock.take()).isNotEqualTo(Slab.NONE);
        }
    }

    @Test
    void whatWasGivenBackLastIsTakenFirst() {
        Stock stock = slab.stock(0);
        int first = stock.take();
        int second = stock.take();
        assertThat(second).isNotEqualTo(first);
        stock.give(first);
        stock.give(second);
        assertThat(stock.take()).isEqualTo(second);
        assertThat(stock.take()).isEqualTo(first);
        assertThat(pool.used()).isEqualTo(1);
    }

    /** The bound of the pool, from both sides: every object of every page is to be had, and no other. */
    @Test
    void aPoolIsUsedUpToItsLastObject() {
        pool.setQuota(3);
        List<Integer> all = takeAll(slab.stock(0));
        assertThat(all).hasSize(3 * Slab.PER_PAGE).doesNotHaveDuplicates();
        assertThat(slab.inUse()).isEqualTo(all.size());
        slab.stock(0).give(all.get(7));
        assertThat(slab.inUse()).isEqualTo(all.size() - 1);
        assertThat(slab.stock(0).take()).isEqualTo(all.get(7));
        assertThat(slab.stock(0).take()).isEqualTo(Slab.NONE);
    }

    /** A vCPU keeps a bounded number at hand; everything else that it gives back is to be had by the others. */
    @Test
    void othersGetWhatIsNotAtHand() {
        pool.setQuota(4);
        List<Integer> all = takeAll(slab.stock(0));
        all.forEach(slab.stock(0)::give);
        assertThat(slab.inUse()).isZero();
        int others = takeAll(slab.stock(1)).size();
        assertThat(others).isBetween(all.size() - Stock.MOST, all.size() - Stock.MOVED);
        assertThat(others + takeAll(slab.stock(0)).size()).isEqualTo(all.size());
    }

    @Test
    void whoIsNoVcpuKeepsNothing() {
        pool.setQuota(2);
        List<Integer> all = takeAll(slab.stock(0));
        Stock none = slab.noStock();
        all.forEach(none::give);
        assertThat(takeAll(slab.stock(3))).containsExactlyInAnyOrderElementsOf(all);
        all.forEach(slab.stock(3)::give);
        none.give(none.take());
        assertThat(slab.inUse()).as("one at a time goes through such a stock").isZero();
    }

    @Test
    void aDeadDomainIsChargedForNothing() {
        slab.stock(0).give(slab.stock(0).take());
        slab.dispose();
        assertThat(pool.used()).isZero();
        assertThat(slab.capacity()).isZero();
        assertThat(slab.stock(0).take())
                .as("nothing of the old pages is at hand")
                .isBetween(0, Slab.PER_PAGE - 1);
        assertThat(slab.inUse()).isEqualTo(1);
        assertThat(pool.used()).isEqualTo(1);
    }

    /** Who comes second to a list that is empty finds what the first one's page left over. */
    @Test
    void noPageIsTakenBesideFreeObjects() {
        slab.stock(0).take();
        assertThat(slab.grow()).isTrue();
        assertThat(pool.used()).isEqualTo(1);
        takeAll(slab.noStock(), Slab.PER_PAGE - Stock.MOVED);
        assertThat(pool.used()).isEqualTo(1);
        assertThat(slab.grow()).isTrue();
        assertThat(pool.used()).isEqualTo(2);
    }

    /** Objects wander between the vCPUs; none is ever with two. */
    @Test
    void noObjectIsTakenTwice() throws Exception {
        pool.setQuota(8);
        BitSet inUse = new BitSet();
        CyclicBarrier start = new CyclicBarrier(VCPUS);
        try (ExecutorService threads = Executors.newFixedThreadPool(VCPUS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
                int self = vcpu;
                running.add(threads.submit(() -> churn(self, inUse, start)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(slab.inUse()).isZero();
    }

    private Void churn(int vcpu, BitSet inUse, CyclicBarrier start) throws Exception {
        Random random = new Random(vcpu);
        Stock stock = slab.stock(vcpu);
        List<Integer> mine = new ArrayList<>();
        start.await();
        for (int step = 0; step < 200_000; step++) {
            boolean takes = mine.isEmpty() || (mine.size() < 150 && step / 200 % 2 == 0);
            if (takes) {
                int number = stock.take();
                if (number != Slab.NONE) {
                    synchronized (inUse) {
                        assertThat(inUse.get(number)).isFalse();
                        inUse.set(number);
                    }
                    slab.set(number, 0, -1);
                    mine.add(number);
                }
            } else {
                int number = mine.remove(/* index */ random.nextInt(mine.size()));
                synchronized (inUse) {
                    inUse.clear(number);
                }
                stock.give(number);
            }
        }
        mine.forEach(stock::give);
        return null;
    }
}
