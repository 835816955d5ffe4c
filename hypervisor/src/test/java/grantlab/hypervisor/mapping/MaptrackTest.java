package grantlab.hypervisor.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaptrackTest {
    private static final int USABLE_OF_ONE_FRAME = Maptrack.PER_FRAME - 1;

    @Test
    void nothingIsGivenWithoutFrames() {
        assertThat(new Maptrack(0, 1).take(0)).isEqualTo(Maptrack.NONE);
    }

    @Test
    void placeWithoutAMappingOrphansNobody() {
        Maptrack maptrack = new Maptrack(1, 1);
        int mapped = maptrack.take(0);
        maptrack.setPlace(mapped, 5);
        maptrack.publish(mapped, Maptrack.mapping(2, 1, 8));
        int free = maptrack.take(0);
        maptrack.setPlace(free, 6);
        maptrack.orphan(6, true);
        maptrack.orphan(7, true);
        assertThat(maptrack.place(mapped)).isEqualTo(5);
        assertThat(maptrack.place(free)).isEqualTo(6);
        maptrack.orphan(5, true);
        assertThat(Maptrack.isOrphaned(maptrack.place(mapped))).isTrue();
        assertThat(Maptrack.orphanedAccess(maptrack.place(mapped))).isEqualTo(Access.READ | Access.WRITE);
    }

    @Test
    void oneFrameGivesAllButItsLastHandle() {
        Maptrack maptrack = new Maptrack(1, 1);
        for (int handle = 0; handle < USABLE_OF_ONE_FRAME; handle++) {
            assertThat(maptrack.take(0)).isEqualTo(handle);
        }
        assertThat(maptrack.take(0)).isEqualTo(Maptrack.NONE);
    }

    /** With four frames the sentinel is still the last handle of the first, as Xen gives them out. */
    @Test
    void laterFramesAreGivenWhole() {
        Maptrack maptrack = new Maptrack(4, 1);
        BitSet given = new BitSet();
        for (int handle = maptrack.take(0); handle != Maptrack.NONE; handle = maptrack.take(0)) {
            assertThat(given.get(handle)).isFalse();
            given.set(handle);
        }
        assertThat(given.cardinality()).isEqualTo(4 * Maptrack.PER_FRAME - 1);
        assertThat(given.nextClearBit(0)).isEqualTo(USABLE_OF_ONE_FRAME);
    }

    /** The property behind all recordings: head taken, tail given back, whatever the order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void handlesAreReusedFirstInFirstOut(long seed) {
        Random random = new Random(seed);
        Maptrack maptrack = new Maptrack(1, 1);
        Deque<Integer> free = new ArrayDeque<>();
        for (int handle = 0; handle < Maptrack.PER_FRAME; handle++) {
            free.add(handle);
        }
        List<Integer> taken = new ArrayList<>();
        for (int step = 0; step < 5_000; step++) {
            if (random.nextInt(100) < 55) {
                int expected = free.size() > 1 ? free.removeFirst() : Maptrack.NONE;
                assertThat(maptrack.take(0)).isEqualTo(expected);
                if (expected != Maptrack.NONE) {
                    taken.add(expected);
                }
            } else if (!taken.isEmpty()) {
                int handle = taken.remove(/* index */ random.nextInt(taken.size()));
                maptrack.giveBack(handle);
                free.addLast(handle);
            }
        }
    }

    @Test
    void anExhaustedVcpuTakesFromAnother() {
        Maptrack maptrack = new Maptrack(1, 2);
        assertThat(maptrack.take(0)).isZero();
        // vCPU 1 has no list: it takes one handle as its sentinel and one to give.
        assertThat(maptrack.take(1)).isEqualTo(2);
        maptrack.giveBack(2);
        assertThat(maptrack.take(1))
                .as("the sentinel goes first, the returned handle stays")
                .isEqualTo(1);
    }

    /** XSA-228: many vCPUs with a small limit; no handle is given twice, and none is lost. */
    @Test
    void noHandleIsGivenTwice() throws Exception {
        int vcpus = 4;
        Maptrack maptrack = new Maptrack(1, vcpus);
        BitSet inUse = new BitSet();
        CyclicBarrier start = new CyclicBarrier(vcpus);
        try (ExecutorService threads = Executors.newFixedThreadPool(vcpus)) {
            List<Future<?>> running = new ArrayList<>();
            for (int vcpu = 0; vcpu < vcpus; vcpu++) {
                int self = vcpu;
                running.add(threads.submit(() -> churn(maptrack, self, inUse, start)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        int left = 0;
        for (int vcpu = 0; vcpu < vcpus; vcpu++) {
            while (maptrack.take(vcpu) != Maptrack.NONE) {
                left++;
            }
        }
        assertThat(left).isBetween(Maptrack.PER_FRAME - vcpus, USABLE_OF_ONE_FRAME);
    }

    private static Void churn(Maptrack maptrack, int vcpu, BitSet inUse, CyclicBarrier start) throws Exception {
        Random random = new Random(vcpu);
        List<Integer> mine = new ArrayList<>();
        start.await();
        for (int step = 0; step < 20_000; step++) {
            int handle = random.nextBoolean() ? maptrack.take(vcpu) : Maptrack.NONE;
            if (handle != Maptrack.NONE) {
                synchronized (inUse) {
                    assertThat(inUse.get(handle)).as("handle %d", handle).isFalse();
                    inUse.set(handle);
                }
                mine.add(handle);
            } else if (!mine.isEmpty()) {
                giveBack(maptrack, mine.removeLast(), inUse);
            }
        }
        mine.forEach(handle -> giveBack(maptrack, handle, inUse));
        return null;
    }

    private static void giveBack(Maptrack maptrack, int handle, BitSet inUse) {
        synchronized (inUse) {
            inUse.clear(handle);
        }
        maptrack.giveBack(handle);
    }

    @Test
    void mappingsOfAReferenceAreListedUntilTheyAreUnlinked() {
        Maptrack maptrack = new Maptrack(1, 1);
        Acts acts = new Acts();
        acts.grow(1);
        acts.lock(0);
        acts.adopt(0, 77, 0);
        int[] handles = {maptrack.take(0), maptrack.take(0), maptrack.take(0)};
        for (int handle : handles) {
            maptrack.link(acts, 0, handle);
        }
        assertThat(listed(maptrack, acts)).containsExactly(handles[2], handles[1], handles[0]);
        maptrack.unlink(acts, 0, handles[1]);
        assertThat(listed(maptrack, acts)).containsExactly(handles[2], handles[0]);
        maptrack.unlink(acts, 0, handles[2]);
        maptrack.unlink(acts, 0, handles[0]);
        assertThat(listed(maptrack, acts)).isEmpty();
    }

    private static List<Integer> listed(Maptrack maptrack, Acts acts) {
        List<Integer> listed = new ArrayList<>();
        for (int handle = acts.firstHandle(0); handle != Maptrack.NONE; handle = maptrack.next(handle)) {
            listed.add(handle);
        }
        return listed;
    }

    @Test
    void aPlaceThatARevocationFoundEmptyIsBelievedOnlyIfNobodyMovesTheMapping() {
        Maptrack maptrack = new Maptrack(1, 1);
        int handle = maptrack.take(0);
        maptrack.setPlace(handle, 0x1000);
        assertThat(maptrack.missed(handle)).isFalse();
        assertThat(maptrack.standsAt(handle, 0x1000)).isTrue();
        assertThat(Maptrack.address(maptrack.place(handle))).isEqualTo(0x1000);
        assertThat(maptrack.missed(handle)).isTrue();
        maptrack.setPlace(handle, 0x2000);
        assertThat(maptrack.missed(handle)).isFalse();
        maptrack.publish(handle, Maptrack.mapping(2, 1, 9));
        maptrack.orphan(0x2000, true);
        assertThat(Maptrack.isOrphaned(maptrack.place(handle)))
                .as("emptied there all the same")
                .isTrue();
        assertThat(Maptrack.address(Maptrack.TAKEN)).isEqualTo(Maptrack.TAKEN);
    }

    @Test
    void aHandleThatWasTakenFromADeadGranterEndsOnce() {
        Maptrack maptrack = new Maptrack(1, 1);
        Acts acts = new Acts();
        acts.grow(16);
        acts.adopt(9, 0x123, 0);
        int handle = mapped(maptrack, acts, 1, Maptrack.TAKEN);
        long mapping = maptrack.mapping(handle);
        maptrack.estrange(1);
        assertThat(maptrack.place(handle)).isEqualTo(Maptrack.FORSAKEN);
        maptrack.estrange(1);
        assertThat(maptrack.place(handle))
                .as("when another of the same number dies")
                .isEqualTo(Maptrack.FORSAKEN);
        assertThat(Maptrack.isEstranged(maptrack.place(handle))).isTrue();
        assertThat(maptrack.forget(handle, mapping)).isTrue();
        assertThat(maptrack.forget(handle, mapping)).isFalse();
        assertThat(maptrack.anyMapping()).isFalse();
    }

    @Test
    void handlesOfADeadGranterAreEstrangedAndTradePlaces() {
        Maptrack maptrack = new Maptrack(1, 1);
        Acts acts = new Acts();
        acts.grow(16);
        acts.adopt(9, 0x123, 0);
        int old = mapped(maptrack, acts, 1, 0x1000);
        int other = mapped(maptrack, acts, 2, 0x2000);
        maptrack.estrange(1);
        assertThat(maptrack.place(old)).isEqualTo(Maptrack.ESTRANGED);
        assertThat(maptrack.place(other)).isEqualTo(0x2000);

        acts.adopt(9, 0x123, 0);
        int fresh = mapped(maptrack, acts, 1, 0x3000);
        maptrack.trade(acts, 9, old, fresh);
        assertThat(maptrack.place(old)).isEqualTo(0x3000);
        assertThat(maptrack.place(fresh)).isEqualTo(Maptrack.ESTRANGED);
        assertThat(acts.firstHandle(9)).isEqualTo(old);
        assertThat(maptrack.next(old)).isEqualTo(Maptrack.NONE);
    }

    private static int mapped(Maptrack maptrack, Acts acts, int granter, long place) {
        int handle = maptrack.take(0);
        maptrack.setPlace(handle, place);
        maptrack.link(acts, 9, handle);
        maptrack.publish(handle, Maptrack.mapping(2, granter, 9));
        return handle;
    }
}
