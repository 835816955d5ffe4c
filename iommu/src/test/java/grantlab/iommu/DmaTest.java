package grantlab.iommu;

import static grantlab.iommu.DeviceWorld.LONG;
import static grantlab.iommu.DeviceWorld.READ;
import static grantlab.iommu.DeviceWorld.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.Page;
import grantlab.iommu.device.FaultLog;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a device moves, and what is refused to it. */
class DmaTest {
    private final DeviceWorld world = new DeviceWorld("separate-wo");
    private final long first = world.granted(Page.ORDER_4K);
    private final long second = world.granted(Page.ORDER_4K);
    private final long dfn = world.dfn(0, first);

    @AfterEach
    void end() {
        world.close();
    }

    private void mapBoth(int accessOfSecond) {
        world.space.map(dfn, first, Page.ORDER_4K, WRITE);
        world.space.map(dfn + 1, second, Page.ORDER_4K, accessOfSecond);
    }

    private static long beforeEnd(long dfn, int bytes) {
        return Page.address(dfn + 1) - bytes;
    }

    @Test
    void anAccessAcrossPagesGoesWhereEachOfThemIs() {
        mapBoth(WRITE);
        MemorySegment bytes = MemorySegment.ofArray(new byte[16]);
        bytes.set(LONG, 0, 0x1111);
        bytes.set(LONG, 8, 0x2222);
        assertThat(world.device.write(beforeEnd(dfn, 8), bytes)).isZero();
        assertThat(world.memory.load64(beforeEnd(first, 8))).isEqualTo(0x1111);
        assertThat(world.content(second)).isEqualTo(0x2222);

        MemorySegment back = MemorySegment.ofArray(new byte[16]);
        assertThat(world.device.read(beforeEnd(dfn, 8), back)).isZero();
        assertThat(back.mismatch(bytes)).isEqualTo(-1);
    }

    @Test
    void aFaultStopsAnAccessAtThePageWhereItIs() {
        mapBoth(READ);
        MemorySegment bytes = MemorySegment.ofArray(new byte[16]).fill((byte) 7);

        assertThat(world.device.write(beforeEnd(dfn, 8), bytes)).isEqualTo(DeviceFault.NOT_WRITABLE);
        assertThat(world.memory.load64(beforeEnd(first, 8))).isEqualTo(0x0707070707070707L);
        assertThat(world.content(second)).isZero();
        assertThat(world.space.faults())
                .containsExactly(new DeviceFault(
                        0, world.device.number(), Page.address(dfn + 1), Access.WRITE, DeviceFault.NOT_WRITABLE));
    }

    /** grant-v3.md 8.1: writes vanish in the scratch, reads fault. */
    @Test
    void aSinkTakesWritesAndGivesNothing() {
        long scratch = world.granted(Page.ORDER_4K);
        mapBoth(WRITE);
        world.fill(first, 1);
        world.fill(scratch, 2);
        assertThat(world.space.sink(dfn, first, Page.ORDER_4K, scratch)).isEqualTo(Status.MODIFIED);
        world.invalidate(dfn, Page.ORDER_4K);

        assertThat(world.read(dfn)).isEqualTo(-DeviceFault.NOT_READABLE);
        assertThat(world.write(dfn, 3)).isZero();
        assertThat(world.content(first)).isEqualTo(1);
        assertThat(world.content(scratch)).isEqualTo(3);
        assertThat(world.space.findNext(first, 0)).isNegative();
        assertThat(world.space.findNext(scratch, 0)).isEqualTo(dfn);
        assertThat(world.space.sink(dfn, first, Page.ORDER_4K, scratch)).isEqualTo(Status.GONE);
    }

    /** REVOKE-hw-1. */
    @Test
    void accessesOfNothingAskForTheRight() {
        MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
        world.space.map(dfn, first, Page.ORDER_4K, READ);
        world.space.map(dfn + 1, second, Page.ORDER_4K, Access.WRITE);

        assertThat(world.device.read(Page.address(dfn), nothing)).isZero();
        assertThat(world.device.write(Page.address(dfn), nothing)).isEqualTo(DeviceFault.NOT_WRITABLE);
        assertThat(world.device.read(Page.address(dfn + 1), nothing)).isEqualTo(DeviceFault.NOT_READABLE);
        assertThat(world.device.write(Page.address(dfn + 1), nothing)).isZero();
    }

    /** REVOKE-hw-1. */
    @Test
    void anAtomicNeedsBothRights() {
        mapBoth(Access.WRITE);
        world.fill(first, 0x1_0000_0005L);
        long address = Page.address(dfn);

        assertThat(world.device.compareAndExchange(address, 8, 9, 10)).isZero();
        assertThat(world.device.witness()).isEqualTo(0x1_0000_0005L);
        assertThat(world.device.compareAndExchange(address, 4, 5, -1)).isZero();
        assertThat(world.device.witness()).isEqualTo(5);
        assertThat(world.content(first)).isEqualTo(0x1_ffff_ffffL);

        assertThat(world.device.compareAndExchange(Page.address(dfn + 1), 8, 0, 1))
                .isEqualTo(DeviceFault.NOT_READABLE);
        assertThat(world.content(second)).isZero();
        world.downgrade(dfn, first, Page.ORDER_4K);
        world.invalidate(dfn, Page.ORDER_4K);
        assertThat(world.device.compareAndExchange(address, 8, 0x1_ffff_ffffL, 1))
                .isEqualTo(DeviceFault.NOT_WRITABLE);
        assertThat(world.device.compareAndExchange(address + (1L << 50), 8, 0, 1))
                .isEqualTo(DeviceFault.NOT_MAPPED);
    }

    @Test
    void theLastFaultsAreKeptAndAllAreCounted() {
        int count = FaultLog.CAPACITY + 10;
        for (int each = 0; each < count; each++) {
            world.device.read(Page.address(dfn + each), MemorySegment.ofArray(new byte[1]));
        }
        assertThat(world.space.counts().faults()).isEqualTo(count);
        assertThat(world.space.faults()).hasSize(FaultLog.CAPACITY);
        assertThat(world.space.faults().getFirst())
                .isEqualTo(new DeviceFault(10, 0, Page.address(dfn + 10), READ, DeviceFault.NOT_MAPPED));
        assertThat(world.space.faults().getLast().number()).isEqualTo(count - 1);
    }

    @Test
    void misuseIsSaid() {
        mapBoth(WRITE);
        long address = Page.address(dfn);
        MemorySegment nine = MemorySegment.ofArray(new byte[9]);

        assertThatThrownBy(() -> world.device.finish(nine)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> world.device.begin(address, WRITE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> world.device.compareAndExchange(address + 4, 8, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(world.device.begin(beforeEnd(dfn, 8), READ)).isZero();
        assertThatThrownBy(() -> world.device.finish(nine)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> world.device.read(address, nine)).isInstanceOf(IllegalStateException.class);
        assertThat(world.device.finish(nine.asSlice(1))).isZero();
        assertThatThrownBy(() -> world.space.map(dfn + 1, first, Page.ORDER_2M, READ))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
