package grantlab.iommu;

import static grantlab.iommu.DeviceWorld.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import grantlab.api.Access;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows a grant into a device space, and what a device does, allocates nothing. */
class HotPathTest {
    private static final int TIMES = 20_000;

    private final MemorySegment word = MemorySegment.ofArray(new byte[8]);
    private final MemorySegment block = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
    private long sink;

    @ParameterizedTest
    @ValueSource(strings = {"identity", "shared", "separate-wo"})
    void nothingIsAllocated(String kind) {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_2M);
            long dfn = world.dfn(0, mfn);
            world.map(dfn + 1, mfn + 1, Page.ORDER_4K, WRITE);
            Runnable path = () -> once(world, dfn, mfn);
            for (int i = 0; i < TIMES; i++) {
                path.run();
            }
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                least = Math.min(least, allocated(path));
            }
            // Some bytes for the measurement itself; one object a turn would be a third of a million.
            assertThat(least).isLessThan(TIMES);
            assertThat(sink).isNotZero();
        }
    }

    private static long allocated(Runnable path) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
            path.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void once(DeviceWorld world, long dfn, long mfn) {
        sink += world.map(dfn, mfn, Page.ORDER_4K, WRITE);
        sink += world.device.write(Page.address(dfn), word) + world.device.read(Page.address(dfn) + 24, block);
        sink += world.device.compareAndExchange(Page.address(dfn), 8, 0, 1) + world.device.witness();
        sink += world.downgrade(dfn, mfn, Page.ORDER_4K);
        sink += world.unmap(dfn, mfn, Page.ORDER_4K, Access.READ) + world.space.entry(dfn + 1);
        world.space.queueInvalidation(dfn, Page.ORDER_4K);
        sink += world.space.drain();
        sink += world.device.read(Page.address(dfn), word) == DeviceFault.NOT_MAPPED ? 1 : 0;
    }
}
