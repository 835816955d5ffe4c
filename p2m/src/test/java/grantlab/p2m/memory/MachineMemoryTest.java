package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.Machines;
import grantlab.p2m.Threads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract promises of every kind of memory. */
@ParameterizedClass
@ValueSource(strings = {"off-heap", "on-heap", "checked"})
class MachineMemoryTest {
    private final String kind;
    private final MachineRam ram;
    private final MachineMemory memory;

    /** Addresses of three frames that have an owner: the lowest, one above 16 TiB, the last one there can be. */
    private final long low;

    private final long high;
    private final long last;

    MachineMemoryTest(String kind) {
        this.kind = kind;
        ram = Machines.create(kind, Machines.SPARSE);
        memory = ram.memory();
        FrameTable frames = ram.frames();
        frames.admit(1, false);
        low = Page.address(frames.allocate(1, 0));
        high = Page.address(frames.allocateFrom(1, 0, 1L << 32));
        last = Page.address(frames.allocateFrom(1, 0, Page.FRAME_LIMIT - 1));
    }

    @AfterEach
    void close() {
        ram.close();
    }

    @Test
    void severalWordsAreAsManySingleOnes() {
        for (int count = 0; count <= 20; count++) {
            long[] words = new long[20];
            for (int i = 0; i < words.length; i++) {
                words[i] = (0x1122_3344_5566_7700L | i) * (count + 1);
            }
            memory.fill(high, Page.SIZE, (byte) 0);
            memory.store64s(high + 24, words, count);
            for (int i = 0; i < words.length; i++) {
                assertThat(memory.load64(high + 24 + 8L * i)).isEqualTo(i < count ? words[i] : 0);
            }
            long[] loaded = new long[20];
            memory.load64s(high + 24, loaded, count);
            for (int i = 0; i < words.length; i++) {
                assertThat(loaded[i]).isEqualTo(i < count ? words[i] : 0);
            }
        }
    }

    @Test
    void severalWordsAreAlignedAndWithinOneFrame() {
        long[] words = new long[8];
        assertThatThrownBy(() -> memory.load64s(low + 4, words, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.store64s(low + 4, words, 2)).isInstanceOf(IllegalArgumentException.class);
        long end = low + Page.SIZE;
        memory.load64s(end - 64, words, 8);
        assertThatThrownBy(() -> memory.load64s(end - 56, words, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.store64s(end - 56, words, 8)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wordsAreLittleEndian() {
        memory.store64(low + 8, 0x8877_6655_4433_2211L);

        assertThat(memory.load8(low + 8)).isEqualTo((byte) 0x11);
        assertThat(memory.load8(low + 15)).isEqualTo((byte) 0x88);
        assertThat(memory.load16(low + 10)).isEqualTo((short) 0x4433);
        assertThat(memory.load32(low + 12)).isEqualTo(0x8877_6655);
        assertThat(memory.load16Acquire(low + 12)).isEqualTo((short) 0x6655);
        assertThat(memory.load32Acquire(low + 8)).isEqualTo(0x4433_2211);
        assertThat(memory.load64Acquire(low + 8)).isEqualTo(0x8877_6655_4433_2211L);
    }

    @Test
    void narrowStoresLeaveTheirNeighboursAlone() {
        memory.store64(low, -1L);
        memory.store8(low + 1, (byte) 0x12);
        memory.store16(low + 2, (short) 0x3456);
        memory.store32(low + 4, 0x789a_bcde);
        assertThat(memory.load64(low)).isEqualTo(0x789a_bcde_3456_12ffL);

        memory.store16Release(low, (short) 0);
        memory.store32Release(low + 4, 1);
        assertThat(memory.load64(low)).isEqualTo(0x0000_0001_3456_0000L);

        memory.store64Release(low, 7);
        assertThat(memory.load64(low)).isEqualTo(7);
        assertThat(memory.load64(low + 8)).isZero();
    }

    @Test
    void compareAndExchangeAnswersTheWitness() {
        for (long address : new long[] {low, low + 4, high + 20, last + 4092}) {
            memory.store32(address, 5);
            assertThat(memory.compareAndExchange32(address, 6, 7)).isEqualTo(5);
            assertThat(memory.load32(address)).isEqualTo(5);
            assertThat(memory.compareAndExchange32(address, 5, -7)).isEqualTo(5);
            assertThat(memory.load32(address)).isEqualTo(-7);
        }
        assertThat(memory.load32(low)).isEqualTo(-7);

        memory.store64(high + 8, 1L << 40);
        assertThat(memory.compareAndExchange64(high + 8, 0, 1)).isEqualTo(1L << 40);
        assertThat(memory.compareAndExchange64(high + 8, 1L << 40, 1)).isEqualTo(1L << 40);
        assertThat(memory.load64(high + 8)).isEqualTo(1);
    }

    @Test
    void bitwiseOperationsAnswerTheWordBefore() {
        memory.store64(low, 0x0f0f_0f0f_f0f0_f0f0L);
        assertThat(memory.getAndBitwiseOr32(low + 4, 0x8000_00f0)).isEqualTo(0x0f0f_0f0f);
        assertThat(memory.load64(low)).isEqualTo(0x8f0f_0fff_f0f0_f0f0L);
        assertThat(memory.getAndBitwiseAnd32(low, 0x0000_ffff)).isEqualTo(0xf0f0_f0f0);
        assertThat(memory.load64(low)).isEqualTo(0x8f0f_0fff_0000_f0f0L);
        assertThat(memory.getAndBitwiseAnd64(low, 0xff00_0000_0000_00ffL)).isEqualTo(0x8f0f_0fff_0000_f0f0L);
        assertThat(memory.load64(low)).isEqualTo(0x8f00_0000_0000_00f0L);
    }

    @Test
    void atomicsOfNeighboursLoseNothing() throws InterruptedException {
        int times = 20_000;
        // Four threads count in the two halves of one word.
        Threads.run(4, thread -> {
            for (int n = 0; n < times; n++) {
                increment(low + 4L * (thread & 1));
            }
        });
        assertThat(memory.load32(low)).isEqualTo(2 * times);
        assertThat(memory.load32(low + 4)).isEqualTo(2 * times);
    }

    @Test
    void narrowStoresOfNeighboursLoseNothing() throws InterruptedException {
        Threads.run(4, thread -> {
            long mine = low + 2L * thread;
            int lost = 0;
            for (int n = 0; n < 100_000; n++) {
                memory.store8(mine, (byte) n);
                memory.store8(mine + 1, (byte) (n >> 8));
                lost += memory.load16(mine) == (short) n ? 0 : 1;
                memory.store16(mine, (short) ~n);
                lost += memory.load16(mine) == (short) ~n ? 0 : 1;
            }
            assertThat(lost).isZero();
        });
    }

    /** A plain load may be done once for all turns. */
    @Test
    void whoeverWaitsForTwoBytesSeesThem() throws InterruptedException {
        Threads.run(2, thread -> {
            long mine = low + 2L * thread;
            long other = low + 2L * (1 - thread);
            for (short n = 1; n < 200; n++) {
                memory.store16Release(mine, n);
                assertThat(turnsUntil(other, n)).isLessThan(Integer.MAX_VALUE);
            }
        });
    }

    private int turnsUntil(long address, short expected) {
        int turns = 0;
        while (memory.load16Acquire(address) < expected && turns < Integer.MAX_VALUE) {
            turns++;
        }
        return turns;
    }

    private void increment(long address) {
        int seen = memory.load32(address);
        int witness;
        while ((witness = memory.compareAndExchange32(address, seen, seen + 1)) != seen) {
            seen = witness;
        }
    }

    @Test
    void copyWorksAsIfThroughABuffer() {
        Random random = new Random(20);
        for (int round = 0; round < 300; round++) {
            byte[] from = randomFrame(random, low);
            byte[] to = randomFrame(random, high);
            int length = random.nextInt(4097);
            int source = random.nextInt(4097 - length);
            int destination = random.nextInt(4097 - length);
            boolean overlapping = random.nextBoolean();
            byte[] expected = overlapping ? from.clone() : to;
            System.arraycopy(from, source, expected, destination, length);

            memory.copy(low + source, (overlapping ? low : high) + destination, length);

            assertThat(read(overlapping ? low : high))
                    .as("round %d: %d bytes from %d to %d", round, length, source, destination)
                    .isEqualTo(expected);
        }
    }

    private byte[] randomFrame(Random random, long address) {
        byte[] bytes = new byte[Page.SIZE];
        random.nextBytes(bytes);
        memory.copyIn(address, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private byte[] read(long address) {
        byte[] bytes = new byte[Page.SIZE];
        memory.copyOut(address, MemorySegment.ofArray(bytes));
        return bytes;
    }

    @Test
    void copiesInAndOutMeetWhatWordsSay() {
        memory.copyIn(last + 3, MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5, 6}));
        assertThat(memory.load64(last)).isEqualTo(0x0504_0302_0100_0000L);
        assertThat(memory.load64(last + 8)).isEqualTo(6);

        byte[] out = new byte[2];
        memory.copyOut(last + 7, MemorySegment.ofArray(out));
        assertThat(out).containsExactly(5, 6);

        byte[] part = new byte[12];
        memory.copyOut(last + 4, MemorySegment.ofArray(part), 5, 5);
        assertThat(part).containsExactly(0, 0, 0, 0, 0, 2, 3, 4, 5, 6, 0, 0);
        memory.copyIn(last + 16, MemorySegment.ofArray(part), 1, 11);
        assertThat(memory.load64(last + 16)).isEqualTo(0x0504_0302_0000_0000L);
        assertThat(memory.load64(last + 24)).isEqualTo(6);
    }

    @Test
    void fillFillsExactlyItsRange() {
        memory.fill(low + 5, 4000, (byte) 0xa5);
        byte[] bytes = read(low);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(bytes[i]).as("byte %d", i).isEqualTo(i >= 5 && i < 4005 ? (byte) 0xa5 : 0);
        }
    }

    @Test
    void framesBesideTheExtentsAreNoRam() {
        assertThat(memory.isRam(0)).isTrue();
        assertThat(memory.isRam(4095)).isTrue();
        assertThat(memory.isRam((1L << 32) + 1023)).isTrue();
        assertThat(memory.isRam(Page.FRAME_LIMIT - 1)).isTrue();
        for (long mfn : new long[] {4096, (1L << 32) - 1, (1L << 32) + 1024, Page.FRAME_LIMIT, -1, Long.MIN_VALUE}) {
            assertThat(memory.isRam(mfn)).as("mfn %x", mfn).isFalse();
        }
        assertThatThrownBy(() -> memory.load64(4096L << 12))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("mfn 0x1000");
        assertThatThrownBy(() -> memory.store8(-1, (byte) 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("mfn 0xfffffffffffff");
        assertThatThrownBy(() -> memory.copy(low, 4096L << 12, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void misalignedWordsAreFaultsOfTheCaller() {
        refused(memory -> memory.load16(low + 1));
        refused(memory -> memory.load32(low + 2));
        refused(memory -> memory.load64(low + 4));
        refused(memory -> memory.load16Acquire(low + 1));
        refused(memory -> memory.load32Acquire(low + 1));
        refused(memory -> memory.load64Acquire(low + 4));
        refused(memory -> memory.store16(low + 1, (short) 0));
        refused(memory -> memory.store32(low + 2, 0));
        refused(memory -> memory.store64(low + 4, 0));
        refused(memory -> memory.store16Release(low + 1, (short) 0));
        refused(memory -> memory.store32Release(low + 2, 0));
        refused(memory -> memory.store64Release(low + 4, 0));
        refused(memory -> memory.compareAndExchange32(low + 2, 0, 0));
        refused(memory -> memory.compareAndExchange64(low + 4, 0, 0));
        refused(memory -> memory.getAndBitwiseOr32(low + 1, 0));
        refused(memory -> memory.getAndBitwiseAnd32(low + 1, 0));
        refused(memory -> memory.getAndBitwiseAnd64(low + 4, 0));
    }

    private void refused(Consumer<MachineMemory> access) {
        assertThatThrownBy(() -> access.accept(memory))
                .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class);
    }

    @Test
    void rangesStayWithinOneFrame() {
        memory.copy(low + 96, high + 96, 4000);
        refused(memory -> memory.copy(low + 97, high, 4000));
        refused(memory -> memory.copy(low, high + 97, 4000));
        refused(memory -> memory.copy(low, high, -1));
        refused(memory -> memory.fill(low + 1, 4096, (byte) 0));
        refused(memory -> memory.copyIn(low + 4095, MemorySegment.ofArray(new byte[2])));
        refused(memory -> memory.copyOut(low + 4095, MemorySegment.ofArray(new byte[2])));
    }

    @Test
    void hugeRamCostsNothingUntilTouched() {
        // 64 GiB where the heap must say where each group is; a megabyte of RAM at the end of the frame numbers.
        RamLayout layout = new RamLayout(
                List.of(new RamLayout.Extent(1, 1L << 24), new RamLayout.Extent(Page.FRAME_LIMIT - 256, 256)));
        try (MachineRam huge = Machines.create(kind, layout)) {
            huge.frames().admit(3, false);
            long middle = huge.frames().allocateFrom(3, 0, 1L << 23);
            long end = huge.frames().allocateFrom(3, 0, Page.FRAME_LIMIT - 1);

            huge.memory().store64(Page.address(middle) + 8, 11);
            huge.memory().store64(Page.address(end) + 4088, 12);

            assertThat(middle).isEqualTo(1L << 23);
            assertThat(end).isEqualTo(Page.FRAME_LIMIT - 1);
            assertThat(huge.memory().load64(Page.address(middle) + 8)).isEqualTo(11);
            assertThat(huge.memory().load64(Page.address(end) + 4088)).isEqualTo(12);
            assertThat(huge.memory().load64(Page.address(middle))).isZero();
        }
    }
}
