package grantlab.p2m.frame;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.Threads;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/** Threads that take, drop, allocate and free at once: nothing is lost, nothing is had twice. */
class FrameTableStressTest {
    private static final long FIRST = 1024;
    private static final int FRAMES = 1024;
    private static final RamLayout LAYOUT = new RamLayout(List.of(new RamLayout.Extent(FIRST, FRAMES)));

    /**
     * Each thread allocates frames as its own domain, signs them, and gives them up later; all threads take references on
     * any frame. While a reference is held, the owner stays, and no signature but its own is there.
     */
    @Test
    void aReferenceKeepsFrameAndOwner() throws InterruptedException {
        int threads = 4;
        AtomicLong heldByOthers = new AtomicLong();
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            for (int domid = 0; domid < threads; domid++) {
                table.admit(domid, false);
            }
            Threads.run(threads, domid -> {
                Random random = new Random(domid);
                long[] mine = new long[40];
                for (int step = 0; step < 60_000; step++) {
                    int slot = random.nextInt(mine.length);
                    if (mine[slot] == 0) {
                        mine[slot] = table.allocate(domid, 0);
                        assertThat(books.memory.load64(Page.address(mine[slot])))
                                .isZero();
                        books.memory.store64Release(Page.address(mine[slot]), 1000 + domid);
                    } else if (random.nextInt(3) == 0) {
                        books.memory.store64Release(Page.address(mine[slot]), 0);
                        books.giveUp(mine[slot], domid);
                        mine[slot] = 0;
                    }
                    long any = FIRST + random.nextInt(200);
                    if (table.get(any, 0, FrameTable.NO_OWNER)) {
                        int owner = table.owner(any);
                        long signature = books.memory.load64Acquire(Page.address(any));
                        assertThat(owner).isBetween(0, threads - 1);
                        assertThat(signature).isIn(0L, 1000L + owner);
                        heldByOthers.addAndGet(owner == domid ? 0 : 1);
                        Threads.pause(step % 50);
                        assertThat(table.owner(any)).isEqualTo(owner);
                        table.put(any, 0);
                    }
                }
                for (long mfn : mine) {
                    if (mfn != 0) {
                        books.memory.store64Release(Page.address(mfn), 0);
                        books.giveUp(mfn, domid);
                    }
                }
            });
            assertThat(heldByOthers.get()).as("the threads must have met").isPositive();
            assertEverythingIsFree(table, threads);
        }
    }

    /** The last reference of a frame against the last one of its block: freed by one of both, once. */
    @Test
    void frameAndBlockFreeOnceBetweenThem() throws InterruptedException {
        int rounds = 4_000;
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            table.admit(0, false);
            table.admit(1, false);
            long block = table.allocate(0, 9);
            long[] victims = new long[rounds];
            for (int i = 0; i < rounds; i++) {
                victims[i] = block + i % 512;
            }
            CyclicBarrier round = new CyclicBarrier(2);
            Threads.run(2, thread -> {
                for (int i = 0; i < rounds; i++) {
                    if (thread == 0 && i % 512 == 0 && i > 0) {
                        // All frames of the block are gone: it is free as a whole, and whole again.
                        assertThat(table.allocate(0, 9)).isEqualTo(block);
                    }
                    round.await();
                    // References are there before the race: both of the block's, though it breaks in the first round.
                    if (thread == 0) {
                        assertThat(i % 512 != 0 || table.get(block, 9, 0)).isTrue();
                        assertThat(table.get(victims[i], 0, 0)).isTrue();
                        assertThat(table.releaseAllocation(victims[i])).isTrue();
                    }
                    round.await();
                    if (thread == 0) {
                        table.put(victims[i], 0);
                    } else if (i % 512 == 0) {
                        table.put(block, 9);
                    }
                    round.await();
                    assertThat(table.owner(victims[i])).isEqualTo(FrameTable.NO_OWNER);
                    assertThat(table.pages(0)).isEqualTo(511 - i % 512);
                    round.await();
                }
            });
        }
    }

    /** The same race, each round with a fresh block, and with the other thread still taking. */
    @Test
    void blockReferencesTakenWhileItBreaksKeepItsFrames() throws InterruptedException {
        int rounds = 3_000;
        AtomicLong taken = new AtomicLong();
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            table.admit(0, false);
            table.admit(1, false);
            AtomicLongArray shared = new AtomicLongArray(1);
            CyclicBarrier round = new CyclicBarrier(2);
            Threads.run(2, thread -> {
                for (int i = 0; i < rounds; i++) {
                    if (thread == 0) {
                        shared.set(0, table.allocate(0, 9));
                    }
                    round.await();
                    long block = shared.get(0);
                    if (thread == 0) {
                        books.giveUp(block + 5, 0);
                    } else if (table.get(block, 9, 0)) {
                        taken.incrementAndGet();
                        assertThat(table.owner(block + 5)).isZero();
                        assertThat(table.allocateFrom(1, 0, block + 5)).isNotEqualTo(block + 5);
                        table.put(block, 9);
                    }
                    round.await();
                    if (thread == 0) {
                        assertThat(table.owner(block + 5)).isEqualTo(FrameTable.NO_OWNER);
                        assertThat(table.pages(0)).isEqualTo(511);
                        giveUpAll(books, 0);
                        giveUpAll(books, 1);
                        assertEverythingIsFree(table, 2);
                    }
                    round.await();
                }
            });
            assertThat(taken.get()).as("the block must have been had sometimes").isBetween(1L, (long) rounds);
        }
    }

    /** A failed attempt to steal never makes a reference on the block fail. */
    @Test
    void attemptsToStealDoNotDisturbTheBlock() throws InterruptedException {
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            table.admit(0, false);
            long block = table.allocate(0, 9);
            Threads.run(2, thread -> {
                for (int i = 0; i < 100_000; i++) {
                    if (thread == 0) {
                        assertThat(table.steal(block + 1, 0, 2)).isFalse();
                    } else {
                        assertThat(table.get(block, 9, 0)).isTrue();
                        table.put(block, 9);
                    }
                }
            });
            assertThat(table.references(block)).isEqualTo(1);
        }
    }

    /** Whoever holds the block holds each frame of it; and only a theft that succeeds breaks it. */
    @Test
    void blockAndTheftExcludeEachOther() throws InterruptedException {
        int rounds = 2_000;
        AtomicLong thefts = new AtomicLong();
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            table.admit(0, false);
            CyclicBarrier round = new CyclicBarrier(3);
            long block = FIRST;
            Threads.run(3, thread -> {
                for (int i = 0; i < rounds; i++) {
                    if (thread == 0) {
                        assertThat(table.allocate(0, 9)).isEqualTo(block);
                    }
                    round.await();
                    boolean stolen = false;
                    for (int turn = 0; turn < 20; turn++) {
                        if (thread == 0) {
                            stolen |= table.steal(block + 1, 0, 1);
                        } else if (thread == 1 && table.get(block, 9, 0)) {
                            Threads.pause(turn);
                            assertThat(table.owner(block + 1)).isZero();
                            table.put(block, 9);
                        } else if (thread == 1) {
                            assertThat(table.owner(block + 1)).isEqualTo(FrameTable.NO_OWNER);
                        } else if (table.get(block + 1, 0, 0)) {
                            table.put(block + 1, 0);
                        }
                    }
                    thefts.addAndGet(stolen ? 1 : 0);
                    round.await();
                    if (thread == 0) {
                        if (stolen) {
                            table.assign(block + 1, 0);
                        }
                        giveUpAll(books, 0);
                        assertThat(table.pages(0)).isZero();
                    }
                    round.await();
                }
            });
            assertThat(thefts.get()).isPositive();
        }
    }

    /** No theft forgets a reference that is taken at the same time. */
    @Test
    void theftsAndReferencesDoNotLoseEachOther() throws InterruptedException {
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            table.admit(0, false);
            long mfn = table.allocate(0, 0);
            Threads.run(2, thread -> {
                for (int i = 0; i < 200_000; i++) {
                    if (thread == 0) {
                        if (table.steal(mfn, 0, 1)) {
                            table.assign(mfn, 0);
                        }
                    } else if (table.get(mfn, 0, 0)) {
                        table.put(mfn, 0);
                    }
                }
            });
            assertThat(table.references(mfn)).isEqualTo(1);
            assertThat(table.pages(0)).isEqualTo(1);
        }
    }

    /** Of all who steal one frame with one reference, one gets it; a holder of a reference makes all fail. */
    @Test
    void aFrameIsStolenOnce() throws InterruptedException {
        int rounds = 5_000;
        try (Books books = new Books(LAYOUT)) {
            FrameTable table = books.frames;
            table.admit(0, false);
            long mfn = table.allocate(0, 0);
            AtomicLong thefts = new AtomicLong();
            CyclicBarrier round = new CyclicBarrier(2);
            Threads.run(2, thread -> {
                for (int i = 0; i < rounds; i++) {
                    round.await();
                    boolean stolen = table.get(mfn, 0, 0) && (table.steal(mfn, 0, 2) || drop(table, mfn));
                    thefts.addAndGet(stolen ? 1 : 0);
                    round.await();
                    if (stolen) {
                        table.assign(mfn, 0);
                    }
                    round.await();
                    assertThat(table.references(mfn)).isEqualTo(1);
                    assertThat(table.pages(0)).isEqualTo(1);
                }
            });
            assertThat(thefts.get()).isBetween(1L, (long) rounds);
        }
    }

    private static boolean drop(FrameTable table, long mfn) {
        table.put(mfn, 0);
        return false;
    }

    private static void giveUpAll(Books books, int domid) {
        FrameTable table = books.frames;
        for (long mfn = table.nextOwned(domid, 0); mfn >= 0; mfn = table.nextOwned(domid, mfn + 1)) {
            books.giveUp(mfn, domid);
        }
    }

    private static void assertEverythingIsFree(FrameTable table, int domains) {
        for (int domid = 0; domid < domains; domid++) {
            assertThat(table.pages(domid)).isZero();
            assertThat(table.nextOwned(domid, 0)).isEqualTo(FrameTable.NONE);
        }
        for (long mfn = FIRST; mfn < FIRST + FRAMES; mfn++) {
            assertThat(table.references(mfn)).as("references of %d", mfn).isZero();
        }
        Set<Long> blocks = new HashSet<>();
        for (long block = table.allocate(0, 9); block >= 0; block = table.allocate(0, 9)) {
            blocks.add(block);
        }
        assertThat(blocks).containsExactlyInAnyOrder(FIRST, FIRST + 512);
        for (long block : blocks) {
            for (long mfn = block; mfn < block + 512; mfn++) {
                table.get(mfn, 0, 0);
                table.releaseAllocation(mfn);
                table.put(mfn, 0);
            }
        }
        assertThat(table.pages(0)).isZero();
    }
}
