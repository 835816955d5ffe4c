package grantlab.hypervisor.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
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
        takeAll(slab.noStock(), Slab.PER_PAGE - Slab.OCTET);
        assertThat(pool.used()).isEqualTo(1);
        assertThat(slab.grow()).isTrue();
        assertThat(pool.used()).isEqualTo(2);
    }

    @Test
    void anOctetIsEightBesideOneAnother() {
        Stock stock = slab.stock(0);
        int first = stock.takeOctet();
        int second = stock.takeOctet();
        assertThat(first % Slab.OCTET).isZero();
        assertThat(second % Slab.OCTET).isZero();
        assertThat(second).isNotEqualTo(first);
        assertThat(slab.inUse()).isEqualTo(2 * Slab.OCTET);
        stock.giveOctet(first);
        assertThat(stock.takeOctet()).as("what came back last").isEqualTo(first);
        assertThat(pool.used()).isEqualTo(1);
    }

    /** Every octet of every page is to be had, and what they leave over is none. */
    @Test
    void aPoolIsUsedUpByOctets() {
        pool.setQuota(2);
        List<Integer> octets = takeAllOctets(slab.stock(0));
        assertThat(octets).hasSize(2 * Slab.PER_PAGE / Slab.OCTET).doesNotHaveDuplicates();
        assertThat(slab.stock(0).take()).isEqualTo(Slab.NONE);
        slab.stock(0).giveOctet(octets.get(3));
        assertThat(takeAll(slab.stock(0)))
                .as("it is broken up for single ones")
                .hasSize(Slab.OCTET)
                .allMatch(number -> number / Slab.OCTET * Slab.OCTET == octets.get(3));
    }

    /** Whoever has eight that lie apart takes no page for eight that do not. */
    @Test
    void noPageIsTakenForAnOctetBesideSingleObjects() {
        pool.setQuota(2);
        List<Integer> all = takeAll(slab.stock(0));
        Collections.shuffle(all, new Random(1));
        all.subList(0, 100).forEach(slab.stock(0)::give);
        assertThat(slab.stock(0).takeOctet()).isEqualTo(Slab.NONE);
        assertThat(slab.stock(1).takeOctet()).isEqualTo(Slab.NONE);
        assertThat(slab.inUse()).isEqualTo(all.size() - 100);
    }

    @Test
    void eightThatComeBackBesideOneAnotherAreAnOctetAgain() {
        pool.setQuota(1);
        Stock stock = slab.stock(0);
        List<Integer> all = takeAll(stock);
        int[] eight = all.stream()
                .sorted()
                .mapToInt(Integer::intValue)
                .limit(Slab.OCTET)
                .toArray();
        stock.give(eight, Slab.OCTET);
        assertThat(stock.takeOctet()).isEqualTo(eight[0]);
        int swapped = eight[1];
        eight[1] = eight[2];
        eight[2] = swapped;
        stock.give(eight, Slab.OCTET);
        assertThat(stock.takeOctet())
                .as("in another order they are eight single ones")
                .isEqualTo(Slab.NONE);
        assertThat(takeAll(stock)).hasSize(Slab.OCTET);
    }

    private static List<Integer> takeAllOctets(Stock stock) {
        List<Integer> all = new ArrayList<>();
        for (int first = stock.takeOctet(); first != Slab.NONE; first = stock.takeOctet()) {
            all.add(first);
        }
        return all;
    }

    /** Objects wander between the vCPUs, single ones and octets; none is ever with two. */
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
        List<Integer> octets = new ArrayList<>();
        start.await();
        for (int step = 0; step < 200_000; step++) {
            boolean takes =
                    mine.size() + octets.size() == 0 || (mine.size() + octets.size() < 60 && step / 200 % 2 == 0);
            boolean octet = step / 50 % 2 == 0;
            if (takes) {
                int number = octet ? stock.takeOctet() : stock.take();
                if (number != Slab.NONE) {
                    take(inUse, number, octet ? Slab.OCTET : 1);
                    (octet ? octets : mine).add(number);
                }
            } else if (!octets.isEmpty() && (octet || mine.isEmpty())) {
                int first = octets.remove(/* index */ random.nextInt(octets.size()));
                inUse(inUse, first, Slab.OCTET, false);
                stock.giveOctet(first);
            } else {
                int number = mine.remove(/* index */ random.nextInt(mine.size()));
                inUse(inUse, number, 1, false);
                stock.give(number);
            }
        }
        octets.forEach(stock::giveOctet);
        mine.forEach(stock::give);
        return null;
    }

    private void take(BitSet inUse, int first, int count) {
        synchronized (inUse) {
            assertThat(inUse.get(first, first + count).isEmpty()).isTrue();
        }
        inUse(inUse, first, count, true);
        for (int number = first; number < first + count; number++) {
            slab.set(number, 0, -1);
        }
    }

    private static void inUse(BitSet inUse, int first, int count, boolean now) {
        synchronized (inUse) {
            inUse.set(first, first + count, now);
        }
    }
}
