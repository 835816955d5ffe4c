package grantlab.iommu;

import static grantlab.iommu.DeviceWorld.LONG;
import static grantlab.iommu.DeviceWorld.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.iommu.Device;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices work while vCPUs map and unmap. */
@Timeout(120)
class ConcurrencyTest {
    private static final int ROUNDS = 30_000;

    /** Device frames so far apart are remembered in one line. */
    private static final int LINES = 256;

    private static final long POISON = 0xdeadL;
    private static final long WRITTEN = 0xbeefL;

    /**
     * Once the drain has returned the page is its owner's: what is poisoned then is never read by a device, and what is written then
     * is never overwritten by one.
     */
    @ParameterizedTest
    @ValueSource(strings = {"identity", "shared", "separate", "separate-wo"})
    void noDeviceReachesAnUnmappedPageAfterTheDrain(String kind) throws Exception {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(0, mfn);
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong seen = new AtomicLong();
            AtomicLong wrote = new AtomicLong();
            Threads.run(3, thread -> {
                switch (thread) {
                    case 0 -> {
                        try {
                            share(world, dfn, mfn, seen, wrote);
                        } finally {
                            stop.set(true);
                        }
                    }
                    case 1 -> read(world.space.attach(), dfn, stop, seen);
                    default -> write(world.space.attach(), dfn, stop, wrote);
                }
            });
            assertThat(seen.get()).as("reads that found the mapping").isPositive();
            assertThat(wrote.get()).as("writes that found the mapping").isPositive();
        }
    }

    private static void share(DeviceWorld world, long dfn, long mfn, AtomicLong seen, AtomicLong wrote) {
        for (int round = 0; round < ROUNDS || seen.get() == 0 || wrote.get() == 0; round++) {
            world.fill(mfn, 1);
            world.map(dfn, mfn, Page.ORDER_4K, WRITE);
            Thread.onSpinWait();
            world.unmap(dfn, mfn, Page.ORDER_4K, WRITE);
            world.invalidate(dfn, Page.ORDER_4K);
            assertThat(world.space.remembers(mfn)).as("round %d", round).isFalse();
            world.fill(mfn, POISON);
            Thread.onSpinWait();
            assertThat(world.content(mfn)).as("round %d", round).isEqualTo(POISON);
        }
    }

    private static void read(Device device, long dfn, AtomicBoolean stop, AtomicLong seen) {
        MemorySegment word = MemorySegment.ofArray(new byte[8]);
        while (!stop.get()) {
            if (device.read(Page.address(dfn), word) == 0) {
                assertThat(word.get(LONG, 0)).isNotEqualTo(POISON);
                seen.incrementAndGet();
            }
        }
    }

    private static void write(Device device, long dfn, AtomicBoolean stop, AtomicLong wrote) {
        MemorySegment word = MemorySegment.ofArray(new byte[8]);
        word.set(LONG, 0, WRITTEN);
        while (!stop.get()) {
            if (device.write(Page.address(dfn), word) == 0) {
                wrote.incrementAndGet();
            }
        }
    }

    /** Two take turns of their own at unmapping and draining: each is right about its own page, whoever does the work. */
    @ParameterizedTest
    @ValueSource(strings = {"identity", "separate"})
    void drainsOfSeveralServeEachOfThem(String kind) throws Exception {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long[] mfns = {world.granted(Page.ORDER_4K), world.granted(Page.ORDER_4K)};
            AtomicBoolean stop = new AtomicBoolean();
            Threads.run(3, thread -> {
                if (thread == 2) {
                    Device device = world.space.attach();
                    MemorySegment word = MemorySegment.ofArray(new byte[8]);
                    while (!stop.get()) {
                        device.read(Page.address(world.dfn(0, mfns[0])), word);
                        device.read(Page.address(world.dfn(1, mfns[1])), word);
                    }
                    return;
                }
                long mfn = mfns[thread];
                long dfn = world.dfn(thread, mfn);
                try {
                    for (int round = 0; round < ROUNDS; round++) {
                        world.space.map(dfn, mfn, Page.ORDER_4K, WRITE);
                        Thread.onSpinWait();
                        world.space.unmap(dfn, mfn, Page.ORDER_4K, WRITE);
                        world.invalidate(dfn, Page.ORDER_4K);
                        assertThat(world.space.remembers(mfn))
                                .as("round %d", round)
                                .isFalse();
                    }
                } finally {
                    stop.set(true);
                }
            });
        }
    }

    /** What two devices remember displaces each other all the time, and each reads its own page. */
    @Test
    void aLineIsOneOrTheOther() throws Exception {
        try (DeviceWorld world = new DeviceWorld("separate")) {
            long[] mfns = {world.granted(Page.ORDER_4K), world.granted(Page.ORDER_4K)};
            long[] dfns = {world.dfn(0, mfns[0]), world.dfn(LINES, mfns[1])};
            for (int each = 0; each < 2; each++) {
                world.fill(mfns[each], each);
                world.space.map(dfns[each], mfns[each], Page.ORDER_4K, WRITE);
            }
            Threads.run(2, thread -> {
                Device device = world.space.attach();
                MemorySegment word = MemorySegment.ofArray(new byte[8]);
                for (int round = 0; round < 40 * ROUNDS; round++) {
                    assertThat(device.read(Page.address(dfns[thread]), word)).isZero();
                    if (word.get(LONG, 0) != thread) {
                        assertThat(word.get(LONG, 0)).as("round %d", round).isEqualTo(thread);
                    }
                }
            });
        }
    }
}
