package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.GUEST;
import static grantlab.paging.pv.PvWorld.HVM_PEER;
import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.READ;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.fault;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** xen-semantics 7; the recordings map_v1, unmap_v1 and replace_v1. */
class GrantMappingTest {
    private static final int PTE = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;

    private PvWorld world;
    private long granted;

    @BeforeEach
    void begin() {
        world = PvWorld.entered();
        granted = world.frames.allocate(PV_PEER, 0);
        world.memory.store64(Page.address(granted), 0x100);
    }

    @AfterEach
    void end() {
        world.close();
    }

    /** The bits that map_v1 prints, A and D masked. */
    @ParameterizedTest
    @CsvSource({
        "2, 8010000000000007",
        "3, 8010000000000007",
        "6, 8010000000000005",
        "10, 8000000000000107",
        "14, 8000000000000105",
        "34, 8010000000000007",
        "65538, 8010000000000207",
        "131078, 8010000000000405",
        "4294901762, 8010000000000e07",
        "2147483650, 8010000000000007",
    })
    void entryHasTheRecordedBits(long flags, String bits) {
        int access = (flags & Gntmap.READONLY) != 0 ? READ : WRITE;
        assertThat(world.map(world.m(0), (int) flags, granted, access)).isZero();
        assertThat(Long.toHexString(world.bits(0))).isEqualTo(bits);
        assertThat(world.frame(0)).isEqualTo(granted);
        assertThat(world.entryOf(world.m(0)) & 0x60).isEqualTo(0x60);
        assertThat(world.mapped.place).isEqualTo(world.pte(0));
    }

    @Test
    void mappingReadsAndWritesTheGrantedPage() {
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.read(world.m(0))).isEqualTo(0x100);
        assertThat(world.write(world.m(0), 0x99)).isZero();
        assertThat(world.memory.load64(Page.address(granted))).isEqualTo(0x99);
        assertThat(world.unmap(world.m(0), 2, granted, WRITE)).isZero();
        assertThat(world.read(world.m(0))).isEqualTo(fault(14, 0));
        assertThat(world.frames.references(granted)).isEqualTo(1);
        assertThat(world.frames.typeUses(granted)).isZero();
    }

    @Test
    void readOnlyMappingFaultsOnWrites() {
        world.map(world.m(0), 6, granted, READ);
        assertThat(world.read(world.m(0))).isEqualTo(0x100);
        assertThat(world.write(world.m(0), 1)).isEqualTo(fault(14, 3));
        assertThat(world.write(world.m(1), 1)).isEqualTo(fault(14, 2));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0x300_0000_0000L, // no L4 entry
                0x8000_0000L, // no L3 entry
                0x4020_0000L, // no L2 entry
                0x7fff_ffff_f000L,
                0x8000_0000_0000L, // not canonical
                0xffff_8000_0000_0000L, // Xen's first address
                0xffff_8300_0000_0000L,
                0xffff_87ff_ffff_f000L, // Xen's last page
                -1L,
            })
    void noL1TableNoMapping(long address) {
        assertThat(world.map(address, 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.entryAddress(address)).isEqualTo(-1);
        assertThat(world.frames.references(granted)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 0xfff})
    void lowBitsOfALinearAddressAreIgnored(long offset) {
        assertThat(world.map(world.m(4) + offset, 2, granted, WRITE)).isZero();
        assertThat(world.frame(4)).isEqualTo(granted);
        assertThat(world.unmap(world.m(4) + offset, 2, granted, WRITE)).isZero();
    }

    @Test
    void entryCanBeNamedByItsMachineAddress() {
        assertThat(world.space.entryAddress(world.m(5))).isEqualTo(world.pte(5));
        assertThat(world.map(world.pte(5), PTE, granted, WRITE)).isZero();
        assertThat(world.read(world.m(5))).isEqualTo(0x100);
        assertThat(world.unmap(world.m(5), PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(world.pte(5), PTE, granted, WRITE)).isZero();
    }

    @Test
    void linearMappingCannotBeUnmappedByEntry() {
        world.map(world.m(5), 2, granted, WRITE);
        assertThat(world.unmap(world.pte(5), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 7})
    void namedEntryMustBeAligned(int offset) {
        assertThat(world.map(world.pte(5) + offset, PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        world.map(world.pte(5), PTE, granted, WRITE);
        assertThat(world.unmap(world.pte(5) + offset, PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
    }

    @Test
    void namedEntryMustBeInAnOwnL1Table() {
        long peers = world.frames.allocate(PV_PEER, 0);
        assertThat(world.map(Page.address(world.page[0]) + 8, PTE, granted, WRITE))
                .isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.map(Page.address(world.l2), PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.map(Page.address(world.l4), PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.map(Page.address(peers), PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.map(0xffff_ffff_ffff_f000L, PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        world.frames.getType(peers, FrameTable.TYPE_L1);
        assertThat(world.map(Page.address(peers), PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
    }

    @Test
    void whatTheSlotMappedIsReleased() {
        long own = world.page[7];
        assertThat(world.frames.references(own)).isEqualTo(2);
        assertThat(world.frames.typeUses(own)).isEqualTo(1);
        assertThat(world.map(world.p(7), 2, granted, WRITE)).isZero();
        assertThat(world.mapped.displacedMfn).isEqualTo(own);
        assertThat(world.frames.references(own)).isEqualTo(1);
        assertThat(world.frames.typeUses(own)).isZero();
    }

    @Test
    void secondHandleOnOneSlotIsStuck() {
        world.map(world.m(6), 2, granted, WRITE);
        world.map(world.m(6), 2, granted, WRITE);
        assertThat(world.mapped.displacedMfn).isEqualTo(granted);
        assertThat(world.frames.references(granted)).isEqualTo(2);
        assertThat(world.unmap(world.m(6), 2, granted, WRITE)).isZero();
        assertThat(world.unmap(world.m(6), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.frames.references(granted)).isEqualTo(1);
    }

    @Test
    void unmapComparesFrameAndRight() {
        long other = world.frames.allocate(PV_PEER, 0);
        world.map(world.m(0), 2, granted, WRITE);
        world.map(world.m(1), 6, granted, READ);
        assertThat(world.unmap(world.m(0), 2, other, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(world.m(0), 6, granted, READ)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(world.m(1), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(world.m(2), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(world.m(1), 6, granted, READ)).isZero();
        assertThat(world.unmap(world.m(0), 2, granted, WRITE)).isZero();
    }

    /** map_v1, lines 605 to 629. */
    @Test
    void mappingPutBackByTheGuestCanBeUnmapped() {
        long own = world.page[0];
        world.map(world.m(9), 2, own, WRITE);
        assertThat(world.space.update(world.m(9), PvWorld.entry(own, true))).isZero();
        assertThat(world.bits(9)).isEqualTo(0x107);
        assertThat(world.unmap(world.m(9), 2, own, WRITE)).isZero();
        world.map(world.m(10), 2, own, WRITE);
        assertThat(world.space.update(world.m(10), PvWorld.entry(own, false))).isZero();
        assertThat(world.unmap(world.m(10), 2, own, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.bits(10)).isEqualTo(0x105);
    }

    @Test
    void translatedOwnersFramesCarryNoTypeUse() {
        long theirs = world.frames.allocate(HVM_PEER, 0);
        world.map(world.m(0), 2, theirs, WRITE);
        assertThat(world.frames.typeUses(theirs)).isZero();
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.frames.references(theirs)).isEqualTo(1);
        assertThat(world.frames.typeUses(theirs)).isZero();
    }

    // unmap_and_replace: replace_v1.

    @Test
    void replacePutsTheEntryOfTheNewAddressThere() {
        long own = world.page[2];
        world.memory.store64(Page.address(own), 0x3000);
        world.space.update(world.m(1), PvWorld.entry(own, true));
        long before = world.frames.references(own);
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.replace(world.m(0), world.m(1) + 1, 2, granted, WRITE)).isZero();
        assertThat(world.bits(0)).isEqualTo(0x107);
        assertThat(world.frame(0)).isEqualTo(own);
        assertThat(world.bits(1)).isZero();
        assertThat(world.read(world.m(0))).isEqualTo(0x3000);
        assertThat(world.read(world.m(1))).isEqualTo(fault(14, 0));
        assertThat(world.frames.references(own)).isEqualTo(before);
        assertThat(world.frames.references(granted)).isEqualTo(1);
    }

    // Grants v3.

    @Test
    void whatV3MappedGoesByRemoveAlone() {
        world.map(world.m(0), 2, granted, WRITE);
        world.pinned(granted, WRITE);
        assertThat(world.space.mapBeside(world.pte(1), 18, granted, 0, WRITE, world.mapped))
                .isZero();
        assertThat(world.unmap(world.m(1), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(world.pte(1), 18, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.replace(world.m(1), world.m(2), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.replace(world.m(0), world.m(1), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.frame(0)).isEqualTo(granted);
        assertThat(world.frame(1)).isEqualTo(granted);
        assertThat(world.unmap(world.m(0), 2, granted, WRITE)).isZero();
        assertThat(world.space.remove(world.pte(1), 0, granted, world.mapped)).isZero();
        assertThat(world.mapped.access).isEqualTo(WRITE);
        world.unpin(granted, WRITE);
        assertThat(world.bits(1)).isZero();
        assertThat(world.frames.references(granted)).isEqualTo(1);
        assertThat(world.frames.typeUses(granted)).isZero();
    }

    @Test
    void theMarkOfV3IsNoBitThatAGuestMayChangeAsItLikes() {
        world.pinned(granted, WRITE);
        world.space.mapBeside(world.pte(1), 18, granted, 0, WRITE, world.mapped);
        long entry = world.memory.load64(world.pte(1));
        assertThat(world.space.update(world.m(1), entry)).isZero();
        assertThat(world.space.update(world.m(1), entry & ~PageTableEntry.V3_GRANT))
                .isNegative();
        assertThat(world.memory.load64(world.pte(1))).isEqualTo(entry);
    }

    @Test
    void replaceByAnEmptySlotUnmaps() {
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.replace(world.m(0), world.m(1), 2, granted, WRITE)).isZero();
        assertThat(world.bits(0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0x300_0000_0000L, 0x7fff_ffff_f000L, 0xffff_8300_0000_0000L})
    void replaceByNowhereLeavesTheGrant(long nowhere) {
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.replace(world.m(0), nowhere, 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.bits(0)).isEqualTo(0x8010_0000_0000_0007L);
        assertThat(world.frames.references(granted)).isEqualTo(2);
    }

    @Test
    void replaceByItselfClearsTheSlotAndFails() {
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.replace(world.m(0), world.m(0), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.bits(0)).isZero();
        assertThat(world.frames.references(granted)).isEqualTo(1);
        assertThat(world.frames.typeUses(granted)).isZero();
    }

    @Test
    void replaceThatMissesTheGrantLosesTheNewAddressAllTheSame() {
        long own = world.page[2];
        assertThat(world.replace(world.m(0), world.p(2), 2, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.read(world.p(2))).isEqualTo(fault(14, 0));
        assertThat(world.frames.references(own)).isEqualTo(1);
        assertThat(world.frames.typeUses(own)).isZero();
    }

    @Test
    void namedEntryCannotBeReplaced() {
        world.map(world.pte(3), PTE, granted, WRITE);
        assertThat(world.replace(world.pte(3), world.p(2), PTE, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.bits(3)).isEqualTo(0x8010_0000_0000_0007L);
        assertThat(world.read(world.p(2))).isZero();
    }

    @Test
    void largeOrdersAreRefused() {
        assertThat(world.space.map(world.m(0), 2, granted, 9, WRITE, world.mapped))
                .isEqualTo(Status.BAD_SIZE);
    }

    // Revocation.

    @Test
    void replaceChangesFrameAndRightAndKeepsTheRest() {
        long dummy = world.frames.allocate(GUEST, 0);
        world.map(world.m(0), 0x7_0002, granted, WRITE);
        long place = world.mapped.place;
        assertThat(world.space.replace(place, 0, granted, world.pinned(dummy, READ), READ, new AddressSpace.Mapped()))
                .isZero();
        world.unpin(granted, WRITE);
        assertThat(world.bits(0)).isEqualTo(0x8010_0000_0000_0e05L);
        assertThat(world.frame(0)).isEqualTo(dummy);
        assertThat(world.space.replace(place, 0, granted, dummy, READ, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(place, 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(place, 0, dummy, new AddressSpace.Mapped()))
                .isZero();
        assertThat(world.bits(0)).isZero();
    }

    @Test
    void placesOfLargerOrdersAreGone() {
        world.map(world.m(0), 2, granted, WRITE);
        assertThat(world.space.remove(world.pte(0), Page.ORDER_2M, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.frame(0)).isEqualTo(granted);
    }

    @Test
    void placesThatAreNoEntriesAreGone() {
        assertThat(world.space.remove(Page.address(world.page[0]), 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(world.pte(0) + 4, 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(0x7fff_ffff_f000L, 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
    }

    @Test
    void searchFindsEveryPlaceOfAFrameInOrder() {
        world.map(world.m(9), 6, granted, READ);
        world.map(world.m(3), 2, granted, WRITE);
        assertThat(world.space.findNext(granted, 0)).isEqualTo(world.pte(3));
        assertThat(world.space.findNext(granted, world.pte(3))).isEqualTo(world.pte(3));
        assertThat(world.space.findNext(granted, world.pte(3) + 1)).isEqualTo(world.pte(9));
        assertThat(world.space.findNext(granted, world.pte(9) + 8)).isEqualTo(-1);
    }

    @Test
    void searchVisitsTablesThatNoRootReaches() {
        long pinnedTable = world.frames.allocate(GUEST, 0);
        world.frames.get(pinnedTable, 0, GUEST);
        world.frames.getType(pinnedTable, FrameTable.TYPE_L1);
        long place = Page.address(pinnedTable) + 8;
        assertThat(world.map(place, PTE, granted, WRITE)).isZero();
        assertThat(world.space.findNext(granted, 0)).isEqualTo(place);
        assertThat(world.space.remove(place, 0, granted, new AddressSpace.Mapped()))
                .isZero();
        world.unpin(granted, WRITE);
    }
}
