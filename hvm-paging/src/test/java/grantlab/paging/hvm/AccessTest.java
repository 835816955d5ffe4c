package grantlab.paging.hvm;

import static grantlab.paging.hvm.HvmWorld.HVM_PEER;
import static grantlab.paging.hvm.HvmWorld.ONES;
import static grantlab.paging.hvm.HvmWorld.PV_PEER;
import static grantlab.paging.hvm.HvmWorld.READ;
import static grantlab.paging.hvm.HvmWorld.WRITE;
import static grantlab.paging.hvm.HvmWorld.fault;
import static grantlab.paging.hvm.HvmWorld.gfnOfSlot;
import static grantlab.paging.hvm.HvmWorld.m;
import static grantlab.paging.hvm.HvmWorld.p;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import grantlab.api.Errno;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads, stores and arguments through the map. */
class AccessTest {
    private final HvmWorld world = new HvmWorld();

    @AfterEach
    void end() {
        world.close();
    }

    @ParameterizedTest
    @CsvSource({"1, ff", "2, ffff", "4, ffffffff", "8, ffffffffffffffff"})
    void holesReadAsOnesAndSwallowStores(int bytes, String ones) {
        assertThat(world.space.store(world.tlb, m(0), bytes, 0, world.loaded)).isZero();
        assertThat(world.space.load(world.tlb, m(0) + 1, bytes, world.loaded)).isZero();
        assertThat(Long.toHexString(world.loaded.value)).isEqualTo(ones);
    }

    /** Who asks for it is told of a hole before anything was done there. */
    @Test
    void holesStopWhoAsksForIt() {
        AddressSpace.Loaded loaded = world.loaded;
        long hole = p(HvmWorld.PAGES);
        long before = hole - Integer.BYTES;
        loaded.stopsAtHoles = true;
        assertThat(world.space.load(world.tlb, m(0) + 8, 8, loaded)).isEqualTo(AddressSpace.HOLE);
        assertThat(loaded.faultAddress).isEqualTo(m(0) + 8);
        assertThat(world.space.store(world.tlb, m(0), 4, 1, loaded)).isEqualTo(AddressSpace.HOLE);
        assertThat(world.space.compareAndExchange(world.tlb, m(0), 8, ONES, 1, loaded))
                .isEqualTo(AddressSpace.HOLE);
        assertThat(world.space.load(world.tlb, before, 8, loaded)).isEqualTo(AddressSpace.HOLE);
        assertThat(loaded.faultAddress).isEqualTo(hole);
        assertThat(world.space.store(world.tlb, before, 8, ONES, loaded)).isEqualTo(AddressSpace.HOLE);
        assertThat(world.space.load(world.tlb, before, 4, loaded)).isZero();
        assertThat(loaded.value).as("what lies before the hole").isZero();
        MemorySegment bytes = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
        assertThat(world.space.storeBytes(world.tlb, hole - Page.SIZE, bytes, 0, 2 * Page.SIZE, loaded))
                .isEqualTo(AddressSpace.HOLE);
        assertThat(loaded.faultAddress).isEqualTo(hole);
        assertThat(world.space.loadBytes(world.tlb, hole - Page.SIZE, bytes, 0, 2 * Page.SIZE, loaded))
                .isEqualTo(AddressSpace.HOLE);
        loaded.stopsAtHoles = false;
        assertThat(world.space.load(world.tlb, m(0), 8, loaded)).isZero();
    }

    @Test
    void everySizeAtEveryAlignment() {
        for (int bytes = 1; bytes <= 8; bytes *= 2) {
            for (int offset = 0; offset < 16; offset++) {
                long value = 0xf1f2_f3f4_f5f6_f7f8L >>> (64 - bytes * 8);
                world.space.store(world.tlb, p(0) + offset, bytes, value, world.loaded);
                world.space.load(world.tlb, p(0) + offset, bytes, world.loaded);
                assertThat(world.loaded.value).isEqualTo(value);
                assertThat(world.memory.load8(Page.address(world.page[0]) + offset))
                        .isEqualTo((byte) value);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 16})
    void otherSizesAreRefused(int bytes) {
        assertThatIllegalArgumentException().isThrownBy(() -> world.space.load(world.tlb, p(0), bytes, world.loaded));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.space.store(world.tlb, p(0), bytes, 1, world.loaded));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.space.compareAndExchange(world.tlb, p(0), bytes, 0, 1, world.loaded));
        assertThat(world.read(p(0))).isEqualTo(0x1000);
    }

    /** Over the end of memory and over the end of what the guest's own tables cover. */
    @Test
    void manyBytesGoTheWayOfEachPage() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
        bytes.fill((byte) 0x5a);
        long lastPage = p(HvmWorld.PAGES - 1);
        assertThat(world.space.storeBytes(world.tlb, lastPage, bytes, 0, 2 * Page.SIZE, world.loaded))
                .isZero();
        MemorySegment read = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
        assertThat(world.space.loadBytes(world.tlb, lastPage, read, 0, 2 * Page.SIZE, world.loaded))
                .isZero();
        assertThat(read.mismatch(bytes)).as("where memory ends").isEqualTo(Page.SIZE);
        assertThat(read.get(ValueLayout.JAVA_BYTE, Page.SIZE)).isEqualTo((byte) ONES);
        world.space.cover(p(0), Page.SIZE);
        assertThat(world.space.storeBytes(world.tlb, p(0), bytes, 0, 2 * Page.SIZE, world.loaded))
                .isEqualTo(14);
        assertThat(world.loaded.faultErrorCode).isEqualTo(2);
        assertThat(world.memory.load8(Page.address(world.page[0]) + Page.SIZE - 1))
                .isEqualTo((byte) 0x5a);
        assertThat(world.memory.load64(Page.address(world.page[1]))).isEqualTo(0x1100);
        assertThat(world.space.loadBytes(world.tlb, p(0), read, 0, 2 * Page.SIZE, world.loaded))
                .isEqualTo(14);
        assertThat(world.loaded.faultErrorCode).isZero();
    }

    @Test
    void vcpuThatIsDetachedIsFlushedNoMore() {
        long granted = world.granted(HVM_PEER);
        Tlb leaving = world.space.attach();
        world.map(m(0), granted, READ);
        assertThat(world.space.load(leaving, m(0), 8, world.loaded)).isZero();
        assertThat(world.read(m(0))).isEqualTo(0x20000);
        world.space.detach(leaving);
        world.unmap(m(0), granted, READ);
        assertThat(world.read(m(0))).isEqualTo(ONES);
        world.space.load(leaving, m(0), 8, world.loaded);
        assertThat(world.loaded.value).as("what nobody told it to forget").isEqualTo(0x20000);
    }

    @Test
    void partsOfACrossingAccessGoTheirOwnWays() {
        world.write(p(0) - 4, 0x1122_3344_5566_7788L);
        assertThat(world.read(p(0))).isEqualTo(0x1122_3344L);
        assertThat(world.read(p(0) - 4)).isEqualTo(0x1122_3344_ffff_ffffL);
        long granted = world.granted(HVM_PEER);
        world.map(p(1), granted, READ);
        world.write(p(1) - 4, 0x0102_0304_0506_0708L);
        assertThat(world.read(p(1) - 4)).isEqualTo(0x0002_0000_0506_0708L);
    }

    /** The emulator asks who owns the frame, so what a domain granted to itself it reaches. */
    @Test
    void anAccessThatCrossesIntoAnOwnGrantArrives() {
        world.map(m(1), world.page[2], WRITE);
        assertThat(world.write(m(1) - 4, 0x0102_0304_0506_0708L)).isZero();
        assertThat(world.read(m(1))).isEqualTo(0x0102_0304L);
        assertThat(world.read(m(1) - 4)).isEqualTo(0x0102_0304_ffff_ffffL);
    }

    @Test
    void outsideOfTheGuestsTablesIsAPageFault() {
        world.space.cover(p(0), 2 * Page.SIZE);
        assertThat(world.read(p(1))).isEqualTo(0x1100);
        assertThat(world.read(p(2))).isEqualTo(fault(14, 0));
        assertThat(world.write(p(2), 1)).isEqualTo(fault(14, 2));
        assertThat(world.read(p(2) - 4)).isEqualTo(fault(14, 0));
        assertThat(world.write(p(2) - 4, -1)).isEqualTo(fault(14, 2));
        assertThat(world.memory.load32(Page.address(world.page[1]) + 4092)).isZero();
        assertThat(world.read(p(0) - 4)).isEqualTo(fault(14, 0));
        assertThat(world.space.compareAndExchange(world.tlb, p(2), 8, 0, 1, world.loaded))
                .isEqualTo(14);
        assertThat(world.space.argument(p(2), false)).isEqualTo(AddressSpace.NO_ARGUMENT);
        world.space.cover(m(0), Page.SIZE);
        assertThat(world.read(m(0))).isEqualTo(ONES);
        assertThat(world.read(p(0))).isEqualTo(0x1000);
    }

    @Test
    void coverForgetsWhatWasReachedBefore() {
        assertThat(world.read(p(5))).isEqualTo(0x1500);
        world.space.cover(p(0), Page.SIZE);
        assertThat(world.read(p(5))).isEqualTo(fault(14, 0));
    }

    @Test
    void exchangeHappensWhereStoresArrive() {
        long granted = world.granted(HVM_PEER);
        assertThat(exchange(p(0), 0x1000, 5)).isEqualTo(0x1000);
        assertThat(world.read(p(0))).isEqualTo(5);
        assertThat(exchange(m(0), ONES, 5)).isEqualTo(ONES);
        assertThat(world.read(m(0))).isEqualTo(ONES);
        world.map(m(0), granted, READ);
        assertThat(exchange(m(0), 0x20000, 5)).isEqualTo(0x20000);
        assertThat(world.read(m(0))).isEqualTo(0x20000);
    }

    private long exchange(long address, long expected, long value) {
        assertThat(world.space.compareAndExchange(world.tlb, address, 8, expected, value, world.loaded))
                .isZero();
        return world.loaded.value;
    }

    @Test
    void argumentsAreNotFollowedIntoGrants() {
        long granted = world.granted(HVM_PEER);
        assertThat(world.space.argument(p(0) + 8, true)).isEqualTo(Page.address(world.page[0]) + 8);
        assertThat(world.space.argument(m(0), false)).isEqualTo(AddressSpace.NO_ARGUMENT);
        world.map(m(0), granted, WRITE);
        assertThat(world.space.argument(m(0), false)).isEqualTo(AddressSpace.NO_ARGUMENT);
        long foreign = world.granted(PV_PEER);
        world.frames.get(foreign, 0, PV_PEER);
        world.space.mapForeign(m(1), foreign, WRITE, world.mapped);
        assertThat(world.space.argument(m(1), true)).isEqualTo(Page.address(foreign));
        world.map.set(gfnOfSlot(2), world.page[1], 0, PhysicalMap.RAM_RO);
        assertThat(world.space.argument(m(2), false)).isEqualTo(Page.address(world.page[1]));
        assertThat(world.space.argument(m(2), true)).isEqualTo(AddressSpace.DISCARDED);
    }

    @Test
    void readOnlyMemoryDiscardsStores() {
        world.map.set(gfnOfSlot(2), world.page[1], 0, PhysicalMap.RAM_RO);
        assertThat(world.write(m(2), 5)).isZero();
        assertThat(world.read(m(2))).isEqualTo(0x1100);
    }

    @Test
    void unmappedPageStaysReachableUntilTheFlush() {
        long granted = world.granted(PV_PEER);
        world.map(m(0), granted, WRITE);
        world.read(m(0));
        world.space.unmap(m(0), 0, 2, granted, WRITE, world.mapped);
        assertThat(world.read(m(0))).isEqualTo(0x20000);
        assertThat(world.space.remembers(granted)).isTrue();
        world.space.flush();
        assertThat(world.space.remembers(granted)).isFalse();
        assertThat(world.read(m(0))).isEqualTo(ONES);
    }

    @Test
    void flushesOfVcpusAreCounted() {
        long before = world.space.flushes();
        world.space.flush();
        world.space.flushTlbs();
        assertThat(world.space.flushes() - before).isEqualTo(2);
        world.space.detach(world.tlb);
        world.space.flush();
        assertThat(world.space.flushes() - before)
                .as("with nobody who could forget")
                .isEqualTo(2);
    }

    @Test
    void offeredOperations() {
        assertThat(world.space.operations()).isEqualTo(0b1101_0110_0111L);
        assertThat(world.space.checksOperationFirst()).isTrue();
        assertThat(world.space.mayHoldArguments(0xffff_8300_0000_0000L, 8)).isTrue();
        assertThat(world.space.update(0, 0)).isEqualTo(-Errno.ENOSYS);
        assertThat(world.space.entryAddress(p(0))).isEqualTo(-1);
        assertThat(world.space.enter(5)).isZero();
    }
}
