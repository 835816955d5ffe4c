package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.Clock;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import grantlab.conformance.Choice;
import grantlab.conformance.ClauseFailure;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * A device space beside the machine's, of the kind of IOMMU that stands in the combination, over {@link OwnRam}. Nothing is mapped in it,
 * and it has no devices.
 */
final class OwnSpace implements AutoCloseable {
    static final int READ_WRITE = Access.READ | Access.WRITE;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** How far from its frame a page of a translated domain is. */
    private static final long AWAY = 7L << Page.ORDER_1G;

    final OwnRam ram;
    final DeviceSpace space;

    /** Whose devices they are. */
    final int domid;

    /** Steps with each look at it. */
    final SteppingClock clock = new SteppingClock();

    private final Choice kind;
    private final PhysicalMap map;

    private OwnSpace(World world, RamLayout layout) {
        Choice standing = world.combination().member(Member.IOMMU);
        if (standing == null) {
            throw new IllegalStateException("no IOMMU stands in this combination");
        }
        kind = standing;
        ram = OwnRam.of(world, layout);
        domid = busIsMachine() ? OwnRam.TYPED : OwnRam.TRANSLATED;
        map = busIsMachine() ? ram.ram().identityMap(domid) : ram.ram().translatedMap(domid);
        Ground ground = new Ground(
                ram.memory(), ram.frames(), world.machine().settings().behaviour(), clock);
        space = world.machine().installed().iommu(kind.name()).create(ground).open(domid, map);
    }

    static OwnSpace of(World world) {
        return new OwnSpace(world, OwnRam.LAYOUT);
    }

    static OwnSpace of(World world, RamLayout layout) {
        return new OwnSpace(world, layout);
    }

    boolean busIsMachine() {
        return kind.declares(Capability.BUS_IS_MACHINE);
    }

    boolean hasWriteOnlyEntries() {
        return kind.declares(Capability.WRITE_ONLY_ENTRIES);
    }

    PhysicalMap map() {
        return map;
    }

    /** The device frame at which {@link #show} maps a frame. */
    long place(long mfn) {
        return busIsMachine() ? mfn : mfn + AWAY & (1L << 30) - 1;
    }

    /** The device address of the first byte of a frame that is shown. */
    long address(long mfn) {
        return Page.address(place(mfn));
    }

    /** Devices may reach it from now on. */
    void show(long mfn, int order, int access) {
        if (space.followsPhysicalMap()) {
            map.set(place(mfn), mfn, order, Access.writes(access) ? PhysicalMap.RAM_RW : PhysicalMap.RAM_RO);
        } else {
            int status = space.map(place(mfn), mfn, order, access);
            Expect.holds("it is mapped", status == Status.OKAY || status == Status.MODIFIED);
        }
    }

    /** They may not any more, as soon as they forget it. */
    void hide(long mfn, int order, int access) {
        if (space.followsPhysicalMap()) {
            map.clear(place(mfn), order);
        } else {
            Expect.status("the end of a mapping", Status.MODIFIED, space.unmap(place(mfn), mfn, order, access));
        }
    }

    /** And may read it only. */
    void protect(long mfn, int order) {
        if (space.followsPhysicalMap()) {
            map.set(place(mfn), mfn, order, PhysicalMap.RAM_RO);
        } else {
            Expect.status("no right to write any more", Status.MODIFIED, space.downgrade(place(mfn), mfn, order));
        }
    }

    void forget(long mfn, int order) {
        space.queueInvalidation(place(mfn), order);
        Expect.status("a drain", Status.OKAY, space.drain());
    }

    /** A frame with its own number in it, shown. */
    long shown(long mfn, int access) {
        ram.memory().store64(Page.address(mfn), mfn);
        show(mfn, Page.ORDER_4K, access);
        return mfn;
    }

    /** What a device reads must be this. */
    static void reads(Device device, long address, long expected) {
        MemorySegment word = MemorySegment.ofArray(new byte[Long.BYTES]);
        fault("a read at 0x" + Long.toHexString(address), 0, device.read(address, word));
        Expect.equal("what the device reads", expected, word.get(LONG, 0));
    }

    static int read(Device device, long address) {
        return device.read(address, MemorySegment.ofArray(new byte[Long.BYTES]));
    }

    static int write(Device device, long address, long value) {
        return device.write(address, word(value));
    }

    static MemorySegment word(long value) {
        MemorySegment word = MemorySegment.ofArray(new byte[Long.BYTES]);
        word.set(LONG, 0, value);
        return word;
    }

    static long value(MemorySegment word) {
        return word.get(LONG, 0);
    }

    static void fault(String what, int expected, int got) {
        if (expected != got) {
            throw new ClauseFailure(what, name(expected), name(got));
        }
    }

    private static String name(int reason) {
        return reason == 0 ? "no fault" : DeviceFault.name(reason);
    }

    @Override
    public void close() {
        space.dispose();
        ram.close();
    }

    /** A clock that goes on by itself; somebody may act when it is looked at. */
    static final class SteppingClock implements Clock {
        static final Duration STEP = Duration.ofMillis(250);

        private long now = 77;

        /** At the first look from now on. */
        Runnable meanwhile = () -> {};

        @Override
        public long nanos() {
            now += STEP.toNanos();
            Runnable once = meanwhile;
            meanwhile = () -> {};
            once.run();
            return now;
        }

        /** How much time has passed since another moment; this takes none. */
        long since(long moment) {
            return now - moment;
        }

        long now() {
            return now;
        }
    }
}
