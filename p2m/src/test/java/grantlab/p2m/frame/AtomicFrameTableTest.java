package grantlab.p2m.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.p2m.Machines;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of the frame table, one by one. */
class AtomicFrameTableTest {
    private static final long HIGH = 1L << 32;

    private final Books books = new Books(Machines.SPARSE);
    private final AtomicFrameTable frames = books.frames;

    @BeforeEach
    void admit() {
        frames.admit(0, true);
        frames.admit(1, false);
        frames.admit(2, true);
    }

    @AfterEach
    void close() {
        books.close();
    }

    @Test
    void severalFramesAreHeldUpToOneThatIsNotPlain() {
        long first = frames.allocate(2, Page.ORDER_2M);
        long shared = frames.allocateShared(2);
        frames.getType(first + 1, FrameTable.TYPE_WRITABLE);
        frames.getType(first + 3, FrameTable.TYPE_L1);
        long other = frames.allocate(1, 0);
        assertThat(frames.getPlain(new long[] {first, first + 1, first + 2, first + 3, first + 4}, 5, 2))
                .isEqualTo(3);
        assertThat(frames.getPlain(new long[] {first, shared}, 2, 2)).isEqualTo(1);
        assertThat(frames.getPlain(new long[] {first + 511, other, first}, 3, 2))
                .isEqualTo(1);
        assertThat(frames.getPlain(new long[] {first, first, HIGH}, 2, 2)).isEqualTo(2);
        assertThat(frames.references(first)).isEqualTo(5);
        assertThat(frames.references(first + 2)).isEqualTo(2);
        assertThat(frames.references(first + 3)).isEqualTo(1);
        assertThat(frames.references(first + 4)).isEqualTo(1);
        assertThat(frames.references(other)).isEqualTo(1);
    }

    // Allocation

    @Test
    void framesOfTheFirmwareAreNobodysForEver() {
        assertThat(frames.allocate(1, 0)).isEqualTo(RamLayout.FIRMWARE_FRAMES);
        assertThat(frames.owner(0)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(frames.owner(255)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(frames.get(255, 0, FrameTable.NO_OWNER)).isFalse();
        assertThat(frames.get(0, 9, FrameTable.NO_OWNER)).isFalse();
    }

    @Test
    void anExtentBeginningAboveTheFirmwareIsWholeToBeHad() {
        try (Books above = new Books(new RamLayout(List.of(new RamLayout.Extent(512, 600))))) {
            above.frames.admit(1, false);
            assertThat(above.frames.allocate(1, 9)).isEqualTo(512);
            assertThat(above.frames.allocate(1, 0)).isEqualTo(1024);
        }
    }

    @Test
    void whatABuilderGetsIsZeroThoughSomebodyHadIt() {
        long mfn = frames.allocate(1, 0);
        books.memory.store64(Page.address(mfn) + 8, 7);
        frames.get(mfn, 0, 1);
        frames.releaseAllocation(mfn);
        frames.put(mfn, 0);
        assertThat(frames.allocate(2, 0)).isEqualTo(mfn);
        assertThat(books.memory.load64(Page.address(mfn) + 8)).isEqualTo(7);
        frames.get(mfn, 0, 2);
        frames.releaseAllocation(mfn);
        frames.put(mfn, 0);
        assertThat(frames.allocateZeroed(2, 0)).isEqualTo(mfn);
        assertThat(books.memory.load64(Page.address(mfn) + 8)).isZero();
        assertThat(frames.pages(2)).isEqualTo(1);
        assertThat(frames.references(mfn)).isEqualTo(1);
    }

    @Test
    void theAllocationIsSeenUntilItIsReleased() {
        long mfn = frames.allocate(1, 0);
        frames.get(mfn, 0, 1);
        assertThat(frames.isAllocated(mfn)).isTrue();
        frames.releaseAllocation(mfn);
        assertThat(frames.isAllocated(mfn)).isFalse();
        assertThat(frames.references(mfn)).isEqualTo(1);
        assertThat(frames.isAllocated(0)).isFalse();
    }

    /** Nobody would drop the reference of its allocation: that of the others went when the domain died. */
    @Test
    void aFrameForTheTableOfADyingDomainComesWithoutReference() {
        frames.retire(2);
        long mfn = frames.allocateShared(2);
        assertThat(frames.owner(mfn)).isEqualTo(2);
        assertThat(frames.references(mfn)).isZero();
        assertThat(frames.sharedPages(2)).isEqualTo(1);
        frames.freeShared(mfn);
        assertThat(frames.sharedPages(2)).isZero();
    }

    @Test
    void theLowestFramesThatWillDoComeFirst() {
        assertThat(frames.allocate(1, 0)).isEqualTo(256);
        assertThat(frames.allocate(1, 9)).isEqualTo(512);
        assertThat(frames.allocate(2, 0)).isEqualTo(257);
        assertThat(frames.allocateFrom(1, 0, 513)).isEqualTo(1024);
        assertThat(frames.allocateFrom(1, 9, 1025)).isEqualTo(1536);
        assertThat(frames.allocateFrom(1, 0, 4096)).isEqualTo(HIGH);
        assertThat(frames.allocateFrom(1, 9, HIGH)).isEqualTo(HIGH + 512);
        assertThat(frames.allocateFrom(1, 0, Page.FRAME_LIMIT - 1)).isEqualTo(Page.FRAME_LIMIT - 1);
        assertThat(frames.allocateFrom(1, 0, Page.FRAME_LIMIT - 1)).isEqualTo(FrameTable.NONE);
        assertThat(frames.allocateFrom(1, 0, Page.FRAME_LIMIT)).isEqualTo(FrameTable.NONE);
        assertThat(frames.pages(1)).isEqualTo(1 + 512 + 1 + 512 + 1 + 512 + 1);
        assertThat(frames.pages(2)).isEqualTo(1);
    }

    @Test
    void allMemoryCanBeHadAndNoMore() {
        long count = 0;
        while (frames.allocate(1, 0) != FrameTable.NONE) {
            count++;
        }
        assertThat(count).isEqualTo(4096 - 256 + 1024 + 1024);
        assertThat(frames.pages(1)).isEqualTo(count);
        assertThat(frames.allocate(2, 9)).isEqualTo(FrameTable.NONE);
        assertThat(frames.allocateShared(2)).isEqualTo(FrameTable.NONE);
    }

    @Test
    void usedFramesComeBackWithTheirBytesAndWithoutAPast() {
        long mfn = frames.allocate(1, 0);
        books.memory.store64(Page.address(mfn) + 4088, 7);
        frames.setMachineToPhysical(mfn, 33);
        books.giveUp(mfn, 1);
        assertThat(frames.machineToPhysical(mfn)).isEqualTo(FrameTable.NONE);

        assertThat(frames.allocate(2, 0)).isEqualTo(mfn);
        assertThat(books.memory.load64(Page.address(mfn) + 4088)).isEqualTo(7);
        assertThat(frames.owner(mfn)).isEqualTo(2);
        assertThat(frames.references(mfn)).isEqualTo(1);
    }

    @Test
    void theDyingsFramesAreScrubbedBeforeAnybodyHasThem() {
        long mfn = frames.allocate(1, 0);
        books.memory.store64(Page.address(mfn) + 8, 7);
        frames.retire(1);
        books.giveUp(mfn, 1);

        frames.admit(1, false);
        assertThat(frames.allocate(1, 0)).isEqualTo(mfn);
        assertThat(books.memory.load64(Page.address(mfn) + 8)).isZero();
        books.memory.store64(Page.address(mfn) + 8, 7);
        books.giveUp(mfn, 1);
        assertThat(books.memory.load64(Page.address(mfn) + 8)).isEqualTo(7);
    }

    @Test
    void theHypervisorGetsZeroedFrames() {
        long mfn = frames.allocate(1, 0);
        books.memory.store64(Page.address(mfn) + 8, 7);
        books.giveUp(mfn, 1);
        assertThat(frames.allocateShared(1)).isEqualTo(mfn);
        assertThat(books.memory.load64(Page.address(mfn) + 8)).isZero();
    }

    @Test
    void zeroedFramesAreZeroWhoeverHadThem() {
        long block = frames.allocate(1, 9);
        books.memory.store64(Page.address(block + 5) + 8, 7);
        for (long mfn = block; mfn < block + 512; mfn++) {
            books.giveUp(mfn, 1);
        }
        assertThat(frames.allocateZeroed(2, 9)).isEqualTo(block);
        assertThat(books.memory.load64(Page.address(block + 5) + 8)).isZero();
    }

    @Test
    void onlyWholeAlignedBlocksOfFreeFramesAreBlocks() {
        long block = frames.allocate(1, 9);
        for (long mfn = block; mfn < block + 512; mfn++) {
            books.giveUp(mfn, 1);
        }
        assertThat(frames.allocateFrom(1, 0, block + 511)).isEqualTo(block + 511);
        assertThat(frames.allocateFrom(1, 9, block)).isEqualTo(block + 512);
        books.giveUp(block + 511, 1);
        assertThat(frames.allocateFrom(1, 9, block)).isEqualTo(block);
    }

    @Test
    void aGibibyteIsOneBlockOf512Blocks() {
        try (Books large = new Books(new RamLayout(List.of(new RamLayout.Extent(1L << 17, 1L << 20))))) {
            FrameTable table = large.frames;
            table.admit(1, false);
            long block = table.allocate(1, 18);
            assertThat(block).isEqualTo(1L << 18);
            assertThat(table.pages(1)).isEqualTo(1L << 18);
            assertThat(table.get(block, 18, 1)).isTrue();
            assertThat(table.get(block + 512, 9, 1)).isTrue();
            assertThat(table.get(block + 512, 0, 1)).isTrue();
            assertThat(table.references(block + 512)).isEqualTo(4);
            assertThat(table.references(block + 1024)).isEqualTo(2);

            large.giveUp(block + 1024, 1);
            assertThat(table.owner(block + 1024)).isEqualTo(1);
            assertThat(table.pages(1)).isEqualTo(1L << 18);
            table.put(block, 18);
            assertThat(table.owner(block + 1024)).isEqualTo(FrameTable.NO_OWNER);
            assertThat(table.pages(1)).isEqualTo((1L << 18) - 1);
            assertThat(table.get(block, 18, 1)).isFalse();
            assertThat(table.get(block + 1024, 9, 1)).isFalse();
            assertThat(table.get(block + 1536, 9, 1)).isTrue();
            assertThat(table.allocateFrom(1, 18, block)).isEqualTo(2L << 18);
        }
    }

    @Test
    void unknownOrdersDomainsAndTypesAreRefused() {
        assertThatThrownBy(() -> frames.allocate(1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> frames.get(512, 3, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> frames.allocate(3, 0)).hasMessageContaining("d3 was not admitted");
        assertThatThrownBy(() -> frames.admit(0x7ff0, true)).hasMessageContaining("domid 32752");
        assertThatThrownBy(() -> frames.admit(-1, true)).hasMessageContaining("domid -1");
        long mfn = frames.allocate(1, 0);
        assertThatThrownBy(() -> frames.getType(mfn, FrameTable.TYPE_NONE)).hasMessageContaining("type 0");
        assertThatThrownBy(() -> frames.getType(mfn, 6)).hasMessageContaining("type 6");
    }

    // References

    @Test
    void getAsksForTheOwner() {
        long mfn = frames.allocate(0, 0);
        assertThat(frames.get(mfn, 0, 0)).isTrue();
        assertThat(frames.get(mfn, 0, 1)).isFalse();
        assertThat(frames.get(mfn, 0, FrameTable.NO_OWNER)).isTrue();
        assertThat(frames.references(mfn)).isEqualTo(3);
        assertThat(frames.get(mfn + 1, 0, FrameTable.NO_OWNER)).isFalse();
        for (long none : new long[] {-1, Page.FRAME_LIMIT, Long.MIN_VALUE, 5000}) {
            assertThat(frames.get(none, 0, FrameTable.NO_OWNER)).isFalse();
            assertThat(frames.owner(none)).isEqualTo(FrameTable.NO_OWNER);
            assertThat(frames.references(none)).isZero();
        }
    }

    @Test
    void theHighestDomidOwnsAsWellAsAnyOther() {
        frames.admit(0x7fef, false);
        long mfn = frames.allocate(0x7fef, 0);
        assertThat(frames.owner(mfn)).isEqualTo(0x7fef);
        assertThat(frames.get(mfn, 0, 0x7fef)).isTrue();
        assertThat(frames.get(mfn, 0, 0x7fee)).isFalse();
    }

    @Test
    void aFrameIsFreeWhenItsLastReferenceIsDropped() {
        long mfn = frames.allocate(1, 0);
        frames.get(mfn, 0, 1);
        assertThat(frames.releaseAllocation(mfn)).isTrue();
        assertThat(frames.releaseAllocation(mfn)).isFalse();
        assertThat(frames.pages(1)).isEqualTo(1);
        assertThat(frames.get(mfn, 0, 1)).isTrue();
        frames.put(mfn, 0);
        assertThat(frames.owner(mfn)).isEqualTo(1);

        frames.put(mfn, 0);

        assertThat(frames.owner(mfn)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(frames.pages(1)).isZero();
        assertThat(frames.get(mfn, 0, FrameTable.NO_OWNER)).isFalse();
        assertThat(frames.releaseAllocation(mfn)).isFalse();
    }

    @Test
    void droppingWhatNobodyTookBreaksAnInvariant() {
        long mfn = frames.allocate(1, 0);
        assertThatThrownBy(() -> frames.put(mfn, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mfn 0x100 {owner d1, references 1, allocated}");
        assertThatThrownBy(() -> frames.put(mfn + 1, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("owner nobody");
        assertThatThrownBy(() -> frames.put(HIGH, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mfn 0x100000000 never had an owner");
        long block = frames.allocate(1, 9);
        assertThatThrownBy(() -> frames.put(block, 9)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> frames.put(block + 1, 9)).hasMessageContaining("begins no block of order 9");
        assertThatThrownBy(() -> frames.putType(mfn)).isInstanceOf(IllegalStateException.class);
        assertThat(frames.references(mfn)).isEqualTo(1);
    }

    @Test
    void fullCountersRefuse() {
        try (Books tight = new Books(Machines.SPARSE, 4)) {
            FrameTable table = tight.frames;
            table.admit(1, false);
            long mfn = table.allocate(1, 0);
            long block = table.allocate(1, 9);
            for (int i = 0; i < 3; i++) {
                assertThat(table.get(mfn, 0, 1)).isTrue();
            }
            for (int i = 0; i < 4; i++) {
                assertThat(table.get(block, 9, 1)).isTrue();
                assertThat(table.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
            }
            assertThat(table.get(mfn, 0, 1)).isFalse();
            assertThat(table.get(block, 9, 1)).isFalse();
            assertThat(table.getType(mfn, FrameTable.TYPE_WRITABLE)).isFalse();
            assertThat(table.references(mfn)).isEqualTo(4);
            assertThat(table.typeUses(mfn)).isEqualTo(4);
        }
    }

    // Blocks

    @Test
    void blocksAreHadWholeOrNotAtAll() {
        long block = frames.allocate(1, 9);
        assertThat(frames.get(block, 9, 1)).isTrue();
        assertThat(frames.get(block, 9, FrameTable.NO_OWNER)).isTrue();
        assertThat(frames.get(block, 9, 2)).isFalse();
        assertThat(frames.get(block + 1, 9, 1)).isFalse();
        assertThat(frames.get(block, 18, 1)).isFalse();
        assertThat(frames.references(block + 511)).isEqualTo(3);
        assertThat(frames.references(block + 512)).isZero();
        frames.put(block, 9);
        frames.put(block, 9);

        books.giveUp(block + 7, 1);
        assertThat(frames.pages(1)).isEqualTo(511);
        assertThat(frames.get(block, 9, 1)).isFalse();
    }

    @Test
    void aBlocksReferencesKeepEachFrame() {
        long block = frames.allocate(1, 9);
        frames.get(block, 9, 1);
        books.giveUp(block + 7, 1);

        assertThat(frames.owner(block + 7)).isEqualTo(1);
        assertThat(frames.references(block + 7)).isEqualTo(1);
        assertThat(frames.pages(1)).isEqualTo(512);
        assertThat(frames.allocateFrom(2, 0, block + 7)).isNotEqualTo(block + 7);
        // Who has a reference may have more of them, on the block as on the frame.
        assertThat(frames.get(block, 9, 1)).isTrue();
        frames.put(block, 9);
        assertThat(frames.get(block + 7, 0, 2)).isFalse();
        assertThat(frames.get(block + 7, 0, 1)).isTrue();

        frames.put(block, 9);
        assertThat(frames.owner(block + 7)).isEqualTo(1);
        assertThat(frames.get(block, 9, 1)).isFalse();
        frames.put(block + 7, 0);
        assertThat(frames.owner(block + 7)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(frames.pages(1)).isEqualTo(511);
    }

    @Test
    void aFreedBlockMayBeAnothersBlock() {
        long block = frames.allocate(1, 9);
        frames.get(block, 9, 1);
        for (long mfn = block; mfn < block + 512; mfn++) {
            books.giveUp(mfn, 1);
        }
        assertThat(frames.pages(1)).isEqualTo(512);
        frames.put(block, 9);
        assertThat(frames.pages(1)).isZero();

        assertThat(frames.allocate(2, 9)).isEqualTo(block);
        assertThat(frames.get(block, 9, 1)).isFalse();
        assertThat(frames.get(block, 9, 2)).isTrue();
    }

    // Types

    @Test
    void oneTypeAtATime() {
        long mfn = frames.allocate(0, 0);
        assertThat(frames.type(mfn)).isEqualTo(FrameTable.TYPE_NONE);
        assertThat(frames.getType(mfn, FrameTable.TYPE_L1)).isTrue();
        assertThat(frames.getType(mfn, FrameTable.TYPE_L1)).isTrue();
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isFalse();
        assertThat(frames.typeUses(mfn)).isEqualTo(2);
        frames.putType(mfn);
        assertThat(frames.type(mfn)).isEqualTo(FrameTable.TYPE_L1);
        frames.putType(mfn);
        assertThat(frames.type(mfn)).isEqualTo(FrameTable.TYPE_NONE);
        assertThat(frames.typeUses(mfn)).isZero();
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
        assertThat(frames.type(mfn)).isEqualTo(FrameTable.TYPE_WRITABLE);
        assertThat(frames.type(mfn + 1)).isEqualTo(FrameTable.TYPE_NONE);
    }

    @Test
    void aFrameWithATypeInUseIsNotFreed() {
        long mfn = frames.allocate(0, 0);
        frames.getType(mfn, FrameTable.TYPE_L4);
        assertThatThrownBy(() -> frames.releaseAllocation(mfn)).hasMessageContaining("type in use");
    }

    // Shared frames, transfer

    @Test
    void sharedFramesAreNoPartOfTheDomainsMemory() {
        long mfn = frames.allocateShared(2);
        assertThat(frames.isShared(mfn)).isTrue();
        assertThat(frames.owner(mfn)).isEqualTo(2);
        assertThat(frames.pages(2)).isZero();
        assertThat(frames.sharedPages(2)).isEqualTo(1);
        frames.get(mfn, 0, 2);
        assertThat(frames.steal(mfn, 2, 2)).isFalse();
        assertThatThrownBy(() -> frames.freeShared(mfn)).hasMessageContaining("references 2");
        frames.releaseAllocation(mfn);
        assertThatThrownBy(() -> frames.freeShared(mfn)).hasMessageContaining("references 1");
        frames.put(mfn, 0);

        // Without references nobody gets it any more, and it is the hypervisor's still.
        assertThat(frames.get(mfn, 0, 2)).isFalse();
        assertThat(frames.get(mfn, 0, FrameTable.NO_OWNER)).isFalse();
        assertThat(frames.isShared(mfn)).isTrue();
        assertThat(frames.owner(mfn)).isEqualTo(2);
        assertThat(frames.sharedPages(2)).isEqualTo(1);
        assertThat(frames.nextOwned(2, 0)).isEqualTo(mfn);

        frames.freeShared(mfn);
        assertThat(frames.isShared(mfn)).isFalse();
        assertThat(frames.sharedPages(2)).isZero();
        assertThat(frames.allocate(2, 0)).isEqualTo(mfn);
        assertThat(frames.isShared(mfn)).isFalse();
        assertThatThrownBy(() -> frames.freeShared(mfn)).hasMessageContaining("not a frame of the hypervisor");
        long allocated = frames.allocateShared(2);
        frames.freeShared(allocated);
        assertThat(frames.sharedPages(2)).isZero();
    }

    @Test
    void aStolenFrameIsNobodysUntilAssigned() {
        long mfn = frames.allocate(0, 0);
        frames.get(mfn, 0, 0);
        assertThat(frames.steal(mfn, 0, 1)).isFalse();
        assertThat(frames.steal(mfn, 0, 3)).isFalse();
        assertThat(frames.steal(mfn, 2, 2)).isFalse();
        assertThat(frames.pages(0)).isEqualTo(1);

        assertThat(frames.steal(mfn, 0, 2)).isTrue();

        assertThat(frames.owner(mfn)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(frames.references(mfn)).isEqualTo(1);
        assertThat(frames.pages(0)).isZero();
        assertThat(frames.get(mfn, 0, FrameTable.NO_OWNER)).isFalse();
        assertThat(frames.releaseAllocation(mfn)).isFalse();
        assertThat(frames.allocateFrom(2, 0, mfn)).isEqualTo(mfn + 1);
        assertThatThrownBy(() -> frames.put(mfn, 0)).hasMessageContaining("stolen");

        frames.assign(mfn, 2);
        assertThat(frames.owner(mfn)).isEqualTo(2);
        assertThat(frames.pages(2)).isEqualTo(2);
        assertThat(frames.references(mfn)).isEqualTo(1);
        books.giveUp(mfn, 2);
        assertThat(frames.pages(2)).isEqualTo(1);
        assertThatThrownBy(() -> frames.assign(mfn, 2)).hasMessageContaining("not a stolen frame");
    }

    @Test
    void stolenFramesCanBeFreed() {
        long mfn = frames.allocate(0, 0);
        assertThat(frames.steal(mfn, 0, 1)).isTrue();
        frames.freeStolen(mfn);
        assertThat(frames.allocate(2, 0)).isEqualTo(mfn);
        assertThatThrownBy(() -> frames.freeStolen(mfn)).hasMessageContaining("not a stolen frame");
    }

    @Test
    void whatIsInUseIsNotStolen() {
        long mfn = frames.allocate(0, 0);
        frames.getType(mfn, FrameTable.TYPE_WRITABLE);
        assertThat(frames.steal(mfn, 0, 1)).isFalse();
        frames.putType(mfn);

        long block = frames.allocate(0, 9);
        frames.get(block, 9, 0);
        assertThat(frames.steal(block + 1, 0, 1)).isFalse();
        assertThat(frames.steal(block + 1, 0, 2)).isFalse();
        frames.put(block, 9);
        assertThat(frames.get(block, 9, 0)).isTrue();
        frames.put(block, 9);

        assertThat(frames.steal(block + 1, 0, 1)).isTrue();
        assertThat(frames.get(block, 9, 0)).isFalse();
        frames.get(mfn, 0, 0);
        frames.releaseAllocation(mfn);
        assertThat(frames.steal(mfn, 0, 1)).isFalse();
    }

    // Domains

    @Test
    void aDomidIsTakenAgainWhenItsLastFrameIsGone() {
        assertThat(frames.typed(2)).isTrue();
        assertThat(frames.typed(1)).isFalse();
        long mfn = frames.allocate(2, 0);
        frames.get(mfn, 0, 2);
        frames.releaseAllocation(mfn);
        assertThatThrownBy(() -> frames.admit(2, false)).hasMessageContaining("d2 cannot be admitted again: 1 pages");
        frames.put(mfn, 0);
        frames.admit(2, false);
        assertThat(frames.typed(2)).isFalse();
        long shared = frames.allocateShared(2);
        assertThatThrownBy(() -> frames.admit(2, false)).hasMessageContaining("1 shared pages");
        assertThat(frames.pages(77)).isZero();
        assertThat(frames.sharedPages(77)).isZero();
        assertThat(frames.owner(shared)).isEqualTo(2);
    }

    @Test
    void walksSeeEachOwnedFrameOnce() {
        frames.allocate(2, 0);
        long first = frames.allocate(1, 0);
        long shared = frames.allocateShared(1);
        long high = frames.allocateFrom(1, 0, HIGH + 600);
        long last = frames.allocateFrom(1, 0, Page.FRAME_LIMIT - 1);

        assertThat(frames.nextOwned(1, 0)).isEqualTo(first);
        assertThat(frames.nextOwned(1, -5)).isEqualTo(first);
        assertThat(frames.nextOwned(1, first + 1)).isEqualTo(shared);
        assertThat(frames.nextOwned(1, shared + 1)).isEqualTo(high);
        assertThat(frames.nextOwned(1, high + 1)).isEqualTo(last);
        assertThat(frames.nextOwned(1, last + 1)).isEqualTo(FrameTable.NONE);
        assertThat(frames.nextOwned(FrameTable.NO_OWNER, 0)).isEqualTo(FrameTable.NONE);
    }

    @Test
    void ownershipChangesAreCounted() {
        Changes changes = frames.ownershipChanges(0);
        long before = changes.count();
        long mfn = frames.allocate(0, 0);
        long allocated = changes.count();
        frames.steal(mfn, 0, 1);
        long stolen = changes.count();
        frames.assign(mfn, 2);

        assertThat(List.of(before, allocated, stolen)).doesNotHaveDuplicates();
        assertThat(changes.count()).isEqualTo(stolen);
    }

    @Test
    void guestFramesOfAllMachineFramesCanBeRecorded() {
        for (long mfn : new long[] {0, 256, HIGH + 3, Page.FRAME_LIMIT - 1}) {
            assertThat(frames.machineToPhysical(mfn)).isEqualTo(FrameTable.NONE);
            frames.setMachineToPhysical(mfn, mfn ^ 0x55);
        }
        for (long mfn : new long[] {0, 256, HIGH + 3, Page.FRAME_LIMIT - 1}) {
            assertThat(frames.machineToPhysical(mfn)).isEqualTo(mfn ^ 0x55);
            frames.setMachineToPhysical(mfn, FrameTable.NONE);
            assertThat(frames.machineToPhysical(mfn)).isEqualTo(FrameTable.NONE);
        }
        assertThat(frames.machineToPhysical(-1)).isEqualTo(FrameTable.NONE);
        assertThat(frames.machineToPhysical(Page.FRAME_LIMIT)).isEqualTo(FrameTable.NONE);
        assertThatThrownBy(() -> frames.setMachineToPhysical(Page.FRAME_LIMIT, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
