package grantlab.p2m;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What map, unmap and copy do with memory, books and maps allocates nothing. */
class HotPathTest {
    private static final int TIMES = 20_000;

    private final long[] words = new long[7];
    private long sink;

    @ParameterizedTest
    @ValueSource(strings = {"off-heap", "on-heap", "checked"})
    void nothingIsAllocated(String kind) {
        try (MachineRam ram = Machines.create(kind, Machines.SPARSE)) {
            FrameTable frames = ram.frames();
            frames.admit(1, true);
            frames.admit(2, false);
            long mfn = frames.allocate(1, 0);
            long high = frames.allocateFrom(1, 0, 1L << 32);
            long block = frames.allocate(1, 9);
            PhysicalMap pv = ram.identityMap(1);
            PhysicalMap hvm = ram.translatedMap(2);
            long page = frames.allocate(2, 0);
            hvm.populate(100, page);
            hvm.set(512, block, 9, PhysicalMap.RAM_RW);

            Runnable path = () -> {
                memory(ram.memory(), Page.address(mfn), Page.address(high));
                books(frames, mfn, block);
                maps(pv, hvm, ram.frames(), mfn);
            };
            for (int i = 0; i < TIMES; i++) {
                path.run();
            }
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                least = Math.min(least, allocated(path));
            }
            // Some bytes for the measurement itself; one object a turn would be a million.
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

    private void memory(MachineMemory memory, long low, long high) {
        memory.store8(low, (byte) 1);
        memory.store16(low + 2, (short) 2);
        memory.store32(low + 4, 3);
        memory.store64(high, 4);
        memory.store64Release(high + 8, 5);
        sink += memory.load8(low) + memory.load16(low + 2) + memory.load32(low + 4) + memory.load64(high);
        sink += memory.load32Acquire(low) + memory.load64Acquire(high + 8);
        sink += memory.compareAndExchange32(low, 0, 1) + memory.compareAndExchange64(high, 4, 6);
        sink += memory.getAndBitwiseOr32(low, 8) + memory.getAndBitwiseAnd32(low, -1);
        sink += memory.getAndBitwiseAnd64(high, -1);
        memory.load64s(high, words, words.length);
        memory.store64s(high, words, words.length);
        memory.copy(low + 8, high + 8, 64);
    }

    private void books(FrameTable frames, long mfn, long block) {
        sink += frames.get(mfn, 0, 1) ? 1 : 0;
        sink += frames.get(mfn, 0, 2) ? 1 : 0;
        sink += frames.getType(mfn, FrameTable.TYPE_WRITABLE) ? 1 : 0;
        sink += frames.getType(mfn, FrameTable.TYPE_L1) ? 1 : 0;
        sink += frames.get(block, 9, 1) ? 1 : 0;
        sink += frames.owner(mfn) + frames.references(mfn) + frames.type(mfn) + frames.pages(1);
        sink += frames.typed(1) ? 1 : 0;
        frames.put(block, 9);
        frames.putType(mfn);
        frames.put(mfn, 0);
        frames.setMachineToPhysical(mfn, 7);
        sink += frames.machineToPhysical(mfn);
    }

    private void maps(PhysicalMap pv, PhysicalMap hvm, FrameTable frames, long mfn) {
        sink += pv.frameToGrant(mfn) + pv.entry(mfn) + pv.memoryChanges().count();
        sink += pv.getFrameToGrant(mfn);
        frames.put(mfn, 0);
        sink += hvm.frameToGrant(100)
                + hvm.entry(515)
                + hvm.machineFrame(99)
                + hvm.memoryChanges().count();
        sink += hvm.set(101, mfn, 0, PhysicalMap.GRANT_RW) + hvm.clear(101, 0);
    }
}
