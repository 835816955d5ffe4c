package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.entry;
import static grantlab.paging.pv.PvWorld.fault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads, stores and arguments through the tables. */
class AccessTest {
    private PvWorld world;

    @BeforeEach
    void begin() {
        world = PvWorld.entered();
    }

    @AfterEach
    void end() {
        world.close();
    }

    @ParameterizedTest
    @CsvSource({"1, f8", "2, f7f8", "4, f5f6f7f8", "8, f1f2f3f4f5f6f7f8"})
    void everySizeAtEveryAlignment(int bytes, String low) {
        long expected = Long.parseUnsignedLong(low, 16);
        for (int offset = 0; offset < 16; offset++) {
            long address = world.p(0) + offset;
            assertThat(world.space.store(world.tlb, address, bytes, 0xf1f2_f3f4_f5f6_f7f8L, world.loaded))
                    .isZero();
            assertThat(world.space.load(world.tlb, address, bytes, world.loaded))
                    .isZero();
            assertThat(world.loaded.value).as("at %d", offset).isEqualTo(expected);
            assertThat(world.memory.load8(Page.address(world.page[0]) + offset)).isEqualTo((byte) 0xf8);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 4", "2, 4", "3, 4", "1, 8", "4, 8", "7, 8"})
    void accessesCrossPages(int inFirst, int bytes) {
        long address = world.p(1) - inFirst;
        long value = 0x0807_0605_0403_0201L >>> (64 - bytes * 8);
        assertThat(world.space.store(world.tlb, address, bytes, value, world.loaded))
                .isZero();
        world.space.load(world.tlb, address, bytes, world.loaded);
        assertThat(world.loaded.value).isEqualTo(value);
        assertThat(world.memory.load8(Page.address(world.page[0]) + Page.SIZE - inFirst))
                .isEqualTo((byte) value);
        assertThat(world.memory.load8(Page.address(world.page[1]))).isEqualTo((byte) (value >>> (inFirst * 8)));
    }

    @Test
    void crossingStoreThatFaultsStoresNothing() {
        world.space.update(world.p(1), entry(world.page[1], false));
        assertThat(world.write(world.p(1) - 4, -1)).isEqualTo(fault(14, 3));
        assertThat(world.read(world.p(1) - 8)).isZero();
        world.space.update(world.p(1), 0);
        assertThat(world.write(world.p(1) - 4, -1)).isEqualTo(fault(14, 2));
        assertThat(world.read(world.p(1) - 4)).isEqualTo(fault(14, 0));
        assertThat(world.read(world.p(2) - 4)).isEqualTo(fault(14, 0));
        assertThat(world.read(world.p(1) - 8)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0x300_0000_0000L, 0x8000_0000L, 0x4020_0000L, 0x4008_0000L, 0x7fff_ffff_f000L})
    void nothingThereIsAPageFault(long address) {
        assertThat(world.read(address)).isEqualTo(fault(14, 0));
        assertThat(world.write(address, 1)).isEqualTo(fault(14, 2));
        assertThat(world.space.argument(address, false)).isEqualTo(AddressSpace.NO_ARGUMENT);
    }

    @Test
    void xensRangeIsPresentForXenAlone() {
        assertThat(world.read(0xffff_8300_0000_0000L)).isEqualTo(fault(14, 1));
        assertThat(world.write(0xffff_8300_0000_0000L, 1)).isEqualTo(fault(14, 3));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x8000_0000_0000L, 0xffff_7fff_ffff_fff8L, 0x4000_0000_4001_0000L})
    void nonCanonicalAddressIsAProtectionFault(long address) {
        assertThat(world.read(address)).isEqualTo(fault(13, 0));
        assertThat(world.write(address, 1)).isEqualTo(fault(13, 0));
    }

    @Test
    void writesNeedTheBitAtEveryLevel() {
        PvWorld other = new PvWorld();
        other.write(other.l3, 1, entry(other.l2, false));
        assertThat(other.space.enter(other.l4)).isZero();
        assertThat(other.read(other.p(0))).isZero();
        assertThat(other.write(other.p(0), 1)).isEqualTo(fault(14, 3));
        assertThat(other.space.argument(other.p(0), true)).isEqualTo(AddressSpace.NO_ARGUMENT);
        assertThat(other.space.argument(other.p(0), false)).isEqualTo(Page.address(other.page[0]));
        other.close();
    }

    @Test
    void exchangeNeedsTheRightToWriteEvenWhenItFails() {
        assertThat(world.space.compareAndExchange(world.tlb, world.p(0), 4, 0, 5, world.loaded))
                .isZero();
        assertThat(world.loaded.value).isZero();
        assertThat(world.space.compareAndExchange(world.tlb, world.p(0), 8, 4, 6, world.loaded))
                .isZero();
        assertThat(world.loaded.value).isEqualTo(5);
        assertThat(world.read(world.p(0))).isEqualTo(5);
        world.space.update(world.p(0), entry(world.page[0], false));
        assertThat(world.space.compareAndExchange(world.tlb, world.p(0), 8, 4, 6, world.loaded))
                .isEqualTo(14);
        assertThat(world.loaded.faultErrorCode).isEqualTo(3);
    }

    @Test
    void argumentsFollowTheTables() {
        long address = world.p(3) + 0x123;
        assertThat(world.space.argument(address, true)).isEqualTo(Page.address(world.page[3]) + 0x123);
        assertThat(world.space.argument(0xffff_8300_0000_0000L, false)).isEqualTo(AddressSpace.NO_ARGUMENT);
        assertThat(world.space.argument(0x8000_0000_0000L, false)).isEqualTo(AddressSpace.NO_ARGUMENT);
    }

    @Test
    void argumentsNeverComeFromTheTlb() {
        world.read(world.p(0));
        world.map(world.p(0), 6, world.page[1], PvWorld.READ);
        assertThat(world.space.argument(world.p(0), false)).isEqualTo(Page.address(world.page[1]));
        assertThat(world.space.argument(world.p(0), true)).isEqualTo(AddressSpace.NO_ARGUMENT);
    }

    @ParameterizedTest
    @CsvSource({
        "0, true",
        "00007fffffffffff, true",
        "0000800000000000, false",
        "ffff7fffffffffff, false",
        "ffff800000000000, false",
        "ffff87ffffffffff, false",
        "ffff880000000000, true",
        "ffffffffffffffff, true",
    })
    void argumentArraysMayNotStartInXensRange(String address, boolean may) {
        assertThat(world.space.mayHoldArguments(Long.parseUnsignedLong(address, 16), 1 << 20))
                .isEqualTo(may);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 16})
    void otherSizesAreRefused(int bytes) {
        long address = world.p(0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.space.load(world.tlb, address, bytes, world.loaded));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.space.store(world.tlb, address, bytes, 1, world.loaded));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.space.compareAndExchange(world.tlb, address, bytes, 0, 1, world.loaded));
        assertThat(world.read(address)).isZero();
    }

    /** From the middle of a page on, over a hole: what comes before the hole is done. */
    @Test
    void manyBytesGoAsFarAsTheTables() {
        byte[] pattern = new byte[2 * Page.SIZE];
        Arrays.fill(pattern, (byte) 0x5a);
        MemorySegment bytes = MemorySegment.ofArray(pattern);
        assertThat(world.space.storeBytes(world.tlb, world.p(0) + 100, bytes, 0, 2 * Page.SIZE, world.loaded))
                .isZero();
        MemorySegment read = MemorySegment.ofArray(new byte[2 * Page.SIZE]);
        assertThat(world.space.loadBytes(world.tlb, world.p(0) + 100, read, 0, 2 * Page.SIZE, world.loaded))
                .isZero();
        assertThat(read.mismatch(bytes)).isEqualTo(-1);
        assertThat(world.memory.load8(Page.address(world.page[0]) + 99)).isZero();
        assertThat(world.memory.load8(Page.address(world.page[2]) + 100)).isZero();
        world.space.update(world.p(1), 0);
        bytes.fill((byte) 0x11);
        assertThat(world.space.storeBytes(world.tlb, world.p(0), bytes, 0, 2 * Page.SIZE, world.loaded))
                .isEqualTo(14);
        assertThat(world.loaded.faultErrorCode).isEqualTo(2);
        assertThat(world.memory.load8(Page.address(world.page[0]) + Page.SIZE - 1))
                .isEqualTo((byte) 0x11);
        read.fill((byte) 0);
        assertThat(world.space.loadBytes(world.tlb, world.p(0), read, 0, 2 * Page.SIZE, world.loaded))
                .isEqualTo(14);
        assertThat(world.loaded.faultErrorCode).isZero();
        assertThat(read.asSlice(0, Page.SIZE).mismatch(bytes.asSlice(0, Page.SIZE)))
                .isEqualTo(-1);
        assertThat(read.get(ValueLayout.JAVA_BYTE, Page.SIZE)).isZero();
    }

    @Test
    void offeredOperations() {
        assertThat(world.space.operations()).isEqualTo(0b1_1111_1111_0111L);
        assertThat(world.space.checksOperationFirst()).isFalse();
        assertThat(world.space.admits(-1)).isZero();
    }
}
