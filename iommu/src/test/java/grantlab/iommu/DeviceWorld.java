package grantlab.iommu;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.IommuProvider;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A domain with a device, and a granter whose pages it uses. The clock stands until a test moves it. */
final class DeviceWorld implements AutoCloseable {
    static final int DOMAIN = 1;
    static final int GRANTER = 2;

    static final int READ = Access.READ;
    static final int WRITE = Access.READ | Access.WRITE;

    /** Device frames for kinds that have a choice; blocks of every order begin there. */
    private static final long FIRST_DFN = 1L << Page.ORDER_1G;

    final MachineRam ram;
    final MachineMemory memory;
    final FrameTable frames;
    final PhysicalMap map;
    final DeviceSpace space;
    final Device device;
    final AtomicLong now = new AtomicLong();

    private final byte[] word = new byte[Long.BYTES];

    DeviceWorld(String kind) {
        this(kind, memory -> memory);
    }

    DeviceWorld(String kind, UnaryOperator<MachineMemory> around) {
        ram = ServiceLoader.load(MemoryProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.name().equals("off-heap"))
                .findFirst()
                .orElseThrow()
                .create(new RamLayout(List.of(new RamLayout.Extent(0, 1 << 20))), Behaviour.XEN_4_17);
        memory = ram.memory();
        frames = ram.frames();
        frames.admit(DOMAIN, false);
        frames.admit(GRANTER, false);
        map = ram.translatedMap(DOMAIN);
        IommuProvider provider = provider(kind);
        space = provider.create(new Ground(around.apply(memory), frames, Behaviour.XEN_4_17, now::get))
                .open(DOMAIN, map);
        device = space.attach();
    }

    static Stream<IommuProvider> providers() {
        return ServiceLoader.load(IommuProvider.class).stream().map(ServiceLoader.Provider::get);
    }

    static IommuProvider provider(String kind) {
        return providers().filter(each -> each.name().equals(kind)).findFirst().orElseThrow();
    }

    long granted(int order) {
        return frames.allocateZeroed(GRANTER, order);
    }

    /** The device frame of slot n, for a frame. */
    long dfn(int slot, long mfn) {
        return space.deviceFrame(FIRST_DFN + slot, mfn);
    }

    /** Maps as the engine does: where the physical map is the table, that is what changes. */
    int map(long dfn, long mfn, int order, int access) {
        if (!space.followsPhysicalMap()) {
            return space.map(dfn, mfn, order, access);
        }
        map.set(dfn, mfn, order, Access.writes(access) ? PhysicalMap.GRANT_RW : PhysicalMap.GRANT_RO);
        return space.map(dfn, mfn, order, access);
    }

    int unmap(long dfn, long mfn, int order, int access) {
        if (space.followsPhysicalMap()) {
            map.clear(dfn, order);
        }
        return space.unmap(dfn, mfn, order, access);
    }

    int downgrade(long dfn, long mfn, int order) {
        if (space.followsPhysicalMap()) {
            map.set(dfn, mfn, order, PhysicalMap.GRANT_RO);
        }
        return space.downgrade(dfn, mfn, order);
    }

    void invalidate(long dfn, int order) {
        space.queueInvalidation(dfn, order);
        space.drain();
    }

    /** What the device reads at a frame, or the reason negated. */
    long read(long dfn) {
        int reason = device.read(Page.address(dfn), MemorySegment.ofArray(word));
        return reason != 0 ? -reason : MemorySegment.ofArray(word).get(LONG, 0);
    }

    int write(long dfn, long value) {
        MemorySegment.ofArray(word).set(LONG, 0, value);
        return device.write(Page.address(dfn), MemorySegment.ofArray(word));
    }

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);

    void fill(long mfn, long value) {
        memory.store64Release(Page.address(mfn), value);
    }

    long content(long mfn) {
        return memory.load64Acquire(Page.address(mfn));
    }

    @Override
    public void close() {
        space.dispose();
        ram.close();
    }
}
