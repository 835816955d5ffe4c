package grantlab.paging.hvm;

import static grantlab.paging.hvm.HvmWorld.GUEST;
import static grantlab.paging.hvm.HvmWorld.HVM_PEER;
import static grantlab.paging.hvm.HvmWorld.ONES;
import static grantlab.paging.hvm.HvmWorld.PV_PEER;
import static grantlab.paging.hvm.HvmWorld.READ;
import static grantlab.paging.hvm.HvmWorld.WRITE;
import static grantlab.paging.hvm.HvmWorld.gfnOfPage;
import static grantlab.paging.hvm.HvmWorld.gfnOfSlot;
import static grantlab.paging.hvm.HvmWorld.m;
import static grantlab.paging.hvm.HvmWorld.p;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** xen-semantics 6.1 to 6.6; the recordings pvh_v1 and pvh_overmap_v1. */
class GrantPlacementTest {
    private final HvmWorld world = new HvmWorld();
    private final long granted = world.granted(HVM_PEER);

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void mappingFillsAHoleAndUnmapLeavesOne() {
        assertThat(world.read(m(0))).isEqualTo(ONES);
        assertThat(world.map(m(0), granted, WRITE)).isZero();
        assertThat(world.mapped.place).isEqualTo(gfnOfSlot(0));
        assertThat(world.mapped.displacedMfn).isEqualTo(PhysicalMap.INVALID);
        assertThat(world.read(m(0))).isEqualTo(0x20000);
        assertThat(world.write(m(0), 1)).isZero();
        assertThat(world.memory.load64(Page.address(granted))).isEqualTo(1);
        assertThat(world.frames.machineToPhysical(granted)).isEqualTo(FrameTable.NONE);
        assertThat(world.unmap(m(0), granted, WRITE)).isZero();
        assertThat(world.read(m(0))).isEqualTo(ONES);
        world.assertHeld(granted, 1, 0);
    }

    @Test
    void storesToAReadOnlyMappingVanish() {
        world.map(m(0), granted, READ);
        assertThat(world.write(m(0), 1)).isZero();
        assertThat(world.read(m(0))).isEqualTo(0x20000);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 7, 10, 18, 34, 65538, 0, 1, 4, 0x8000_0002})
    void onlyHostMapAndReadonlyAreFlags(int flags) {
        world.pinned(granted, 0, WRITE);
        assertThat(world.space.map(m(0), flags, granted, 0, WRITE, world.mapped))
                .isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.read(m(0))).isEqualTo(ONES);
    }

    @Test
    void someFlagsAreRefusedBeforeTheGranterIsLookedUp() {
        assertThat(world.space.admits(Gntmap.HOST_MAP | Gntmap.DEVICE_MAP)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.admits(Gntmap.APPLICATION_MAP)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.admits(Gntmap.CONTAINS_PTE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.admits(Gntmap.HOST_MAP | Gntmap.READONLY | 0xffff_ffe0))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 0xfff})
    void lowBitsAreIgnored(long offset) {
        assertThat(world.map(m(0) + offset, granted, WRITE)).isZero();
        assertThat(world.unmap(m(0) + offset, granted, WRITE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x1000, 0x1_2345_6000L, 0xfee0_0000L, 0x80_0000_0000L})
    void holesAnywhereInTheMap(long address) {
        assertThat(world.map(address, granted, WRITE)).isZero();
        assertThat(world.unmap(address, granted, WRITE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0xffff_ffff_ffff_f000L, 0x10_0000_0000_0000L, 0xf_ffff_ffff_f000L})
    void beyondTheMapIsAnError(long address) {
        assertThat(world.map(address, granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        world.assertHeld(granted, 1, 0);
    }

    @Test
    void memoryThatIsMappedOverIsLostButNotFreed() {
        long own = world.page[7];
        assertThat(world.read(p(7))).isEqualTo(0x1700);
        assertThat(world.map(p(7), granted, WRITE)).isZero();
        assertThat(world.mapped.displacedMfn).isEqualTo(own);
        assertThat(world.read(p(7))).as("at once").isEqualTo(0x20000);
        assertThat(world.frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
        assertThat(world.unmap(p(7), granted, WRITE)).isZero();
        assertThat(world.read(p(7))).isEqualTo(ONES);
        assertThat(world.write(p(7), 1)).isZero();
        assertThat(world.frames.owner(own)).isEqualTo(GUEST);
        world.assertHeld(own, 1, 0);
    }

    @Test
    void mappingOverAMappingCrashesTheCaller() {
        world.map(m(9), granted, WRITE);
        assertThat(world.map(m(9), granted, WRITE)).isEqualTo(Status.CRASH_CALLER);
        assertThat(world.map(m(9), world.granted(PV_PEER), READ)).isEqualTo(Status.CRASH_CALLER);
        assertThat(world.read(m(9))).isEqualTo(0x20000);
        world.assertHeld(granted, 2, 0);
    }

    @Test
    void mappingOverAForeignFrameCrashesTheCaller() {
        long foreign = world.granted(PV_PEER);
        world.frames.get(foreign, 0, PV_PEER);
        assertThat(world.space.mapForeign(m(9), foreign, WRITE, world.mapped)).isZero();
        assertThat(world.map(m(9), granted, WRITE)).isEqualTo(Status.CRASH_CALLER);
    }

    @Test
    void unmapComparesFrameAndType() {
        world.map(m(0), granted, WRITE);
        assertThat(world.unmap(m(0), world.page[0], WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(m(1), granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(p(0), world.page[0], WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.unmap(m(0), m(1), 2, granted, WRITE, world.mapped))
                .isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.unmap(m(0), 0, 18, granted, WRITE, world.mapped)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.unmap(m(0), granted, WRITE)).isZero();
        assertThat(world.unmap(m(0), granted, WRITE)).isEqualTo(Status.GENERAL_ERROR);
    }

    @Test
    void whatV3MappedGoesByRemoveAlone() {
        long own = world.page[0];
        world.pinned(own, 0, WRITE);
        assertThat(world.space.mapBeside(m(0), 2, own, 0, WRITE, world.mapped)).isZero();
        assertThat(world.read(p(0))).isEqualTo(world.read(m(0)));
        assertThat(world.unmap(m(0), own, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.map.decrease(HvmWorld.gfnOfSlot(0), new PhysicalMap.Removed()))
                .isNegative();
        assertThat(world.map.remove(HvmWorld.gfnOfSlot(0))).isNegative();
        assertThat(world.space.replace(HvmWorld.gfnOfSlot(0), 0, own, own, READ, world.mapped))
                .isZero();
        assertThat(world.mapped.access).isEqualTo(WRITE);
        assertThat(world.unmap(m(0), own, READ)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.space.remove(HvmWorld.gfnOfSlot(0), 0, own, world.mapped))
                .isZero();
        assertThat(world.mapped.access).isEqualTo(READ);
        world.space.flush();
        assertThat(world.read(m(0))).isEqualTo(HvmWorld.ONES);
    }

    @Test
    void severalPagesComeUpToOneWhosePlaceIsTakenAndGoWhereTheyStandStill() {
        long first = world.frames.allocate(HVM_PEER, Page.ORDER_2M);
        long[] frames = new long[12];
        long[] places = new long[12];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = first + i;
            world.pinned(first + i, 0, WRITE);
        }
        world.map(m(10), granted, READ);
        assertThat(world.space.mapBeside(m(0), 18, frames, 12, WRITE, world.mapped, places))
                .as("as page-table entries")
                .isZero();
        assertThat(world.space.mapBeside(m(0), 2, frames, 12, WRITE, world.mapped, places))
                .isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(places[i]).isEqualTo(gfnOfSlot(i));
            assertThat(world.write(m(i), i)).isZero();
            assertThat(world.memory.load64(Page.address(frames[i]))).isEqualTo(i);
        }
        assertThat(world.read(m(11))).isEqualTo(ONES);
        assertThat(world.space.remove(places[4], 0, frames[4], world.mapped)).isZero();
        int[] rights = new int[12];
        world.space.remove(places, frames, 1, 10, world.mapped, rights);
        world.space.flush();
        assertThat(rights).containsExactly(0, WRITE, WRITE, WRITE, 0, WRITE, WRITE, WRITE, WRITE, WRITE, 0, 0);
        assertThat(world.write(m(0), 7)).isZero();
        assertThat(world.memory.load64(Page.address(first))).isEqualTo(7);
        for (int i = 1; i < 10; i++) {
            assertThat(world.read(m(i))).isEqualTo(ONES);
        }
    }

    @Test
    void v3MapsWhatFlagsAndAlignmentAllow() {
        long block = world.frames.allocate(HVM_PEER, Page.ORDER_2M);
        assertThat(world.space.mapBeside(m(0), 2, block, Page.ORDER_2M, WRITE, world.mapped))
                .isEqualTo(Status.BAD_SIZE);
        assertThat(world.space.mapBeside(m(0), 18, block, Page.ORDER_4K, WRITE, world.mapped))
                .isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.read(m(0))).isEqualTo(ONES);
    }

    /** The recording rand_pvh2_002, line 368: the right is not compared. */
    @Test
    void handlesOfBothRightsMayTakeEachOthersPlace() {
        long typed = world.granted(PV_PEER);
        world.map(m(0), typed, WRITE);
        world.map(m(1), typed, READ);
        world.assertHeld(typed, 3, 1);
        assertThat(world.unmap(m(1), typed, WRITE)).isZero();
        world.assertHeld(typed, 2, 1);
        assertThat(world.unmap(m(0), typed, READ)).isZero();
        world.assertHeld(typed, 1, 0);
    }

    @Test
    void writersHandleCannotTakeAReadersPlaceOfAPageTable() {
        long table = world.granted(PV_PEER);
        world.map(m(1), table, READ);
        assertThat(world.frames.getType(table, FrameTable.TYPE_L1)).isTrue();
        assertThat(world.space.unmap(m(1), 0, 2, table, WRITE, world.mapped)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.read(m(1))).isEqualTo(0x20000);
        world.assertHeld(table, 2, 1);
        assertThat(world.unmap(m(1), table, READ)).isZero();
    }

    @Test
    void framesWithoutTypesHaveNoneToFit() {
        world.map(m(0), granted, READ);
        assertThat(world.unmap(m(0), granted, WRITE)).isZero();
        world.assertHeld(granted, 1, 0);
        long nobodys = 17;
        FrameTable frames = mock(FrameTable.class);
        when(frames.owner(nobodys)).thenReturn(FrameTable.NO_OWNER);
        new PlaceReferences(GUEST, frames).drop(PhysicalMap.entry(nobodys, 0, PhysicalMap.GRANT_RW));
        verify(frames).put(nobodys, 0);
        verify(frames, never()).putType(nobodys);
        verify(frames, never()).typed(FrameTable.NO_OWNER);
    }

    // A domain's own grant (6.5).

    @Test
    void ownPageMovesAndIsLostByUnmap() {
        long own = world.page[0];
        assertThat(world.read(p(0))).isEqualTo(0x1000);
        assertThat(world.map(m(2), own, WRITE)).isZero();
        assertThat(world.read(m(2))).isEqualTo(0x1000);
        assertThat(world.read(p(0))).isEqualTo(ONES);
        assertThat(world.write(p(0), 0x66)).isZero();
        assertThat(world.frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
        assertThat(world.map(m(3), own, WRITE)).isZero();
        assertThat(world.read(m(2))).isEqualTo(0x1000);
        assertThat(world.read(m(3))).isEqualTo(0x1000);
        assertThat(world.unmap(m(2), own, WRITE)).isZero();
        assertThat(world.unmap(m(3), own, WRITE)).isZero();
        assertThat(world.read(p(0))).isEqualTo(ONES);
        assertThat(world.map.frameToGrant(gfnOfPage(0))).isEqualTo(Status.BAD_PAGE);
        world.assertHeld(own, 1, 0);
    }

    @Test
    void ownPageOntoItself() {
        assertThat(world.map(p(2), world.page[2], WRITE)).isZero();
        assertThat(world.read(p(2))).isEqualTo(0x1200);
        assertThat(world.frames.machineToPhysical(world.page[2])).isEqualTo(FrameTable.NONE);
        assertThat(world.unmap(p(2), world.page[2], WRITE)).isZero();
        assertThat(world.read(p(2))).isEqualTo(ONES);
    }

    @Test
    void ownPageIsGoneAlsoWhenTheNewPlaceIsBeyondTheMap() {
        world.read(p(0));
        assertThat(world.map(0x10_0000_0000_0000L, world.page[0], WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.read(p(0))).isEqualTo(ONES);
        world.assertHeld(world.page[0], 1, 0);
    }

    @Test
    void ownPageStaysWhenTheCallerCrashes() {
        world.map(m(0), granted, WRITE);
        assertThat(world.map(m(0), world.page[0], WRITE)).isEqualTo(Status.CRASH_CALLER);
        assertThat(world.read(p(0))).isEqualTo(0x1000);
    }

    /** Nothing keeps table and map in step while others change them: what stands in the map decides. */
    @ParameterizedTest
    @ValueSource(longs = {0x40085, 0x40013, 0x40082})
    void machineToPhysicalTableThatIsBehindTakesNothingAway(long said) {
        long own = world.page[0];
        world.frames.setMachineToPhysical(own, said);
        assertThat(world.map(m(2), own, WRITE)).isZero();
        assertThat(world.read(m(2))).isEqualTo(0x1000);
        assertThat(world.read(p(0))).as("where the table did not send us").isEqualTo(0x1000);
        assertThat(world.read(p(3))).isEqualTo(0x1300);
        assertThat(world.map.entry(gfnOfSlot(5))).isEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void ownBlockMovesFromWhereverItsPagesWere() {
        long block = world.frames.allocate(GUEST, Page.ORDER_2M);
        long old = 1L << 34;
        for (long n = 0; n < 1L << Page.ORDER_2M; n++) {
            world.map.populate(Page.frame(old) + n, block + n);
        }
        world.frames.setMachineToPhysical(block + 7, FrameTable.NONE);
        world.memory.store64(Page.address(block + 5), 0x55);
        assertThat(world.read(old + Page.address(5))).isEqualTo(0x55);
        long address = 1L << 35;
        assertThat(world.map(address, block, Page.ORDER_2M, WRITE)).isZero();
        assertThat(world.read(address + Page.address(5))).isEqualTo(0x55);
        assertThat(world.read(old + Page.address(5))).isEqualTo(ONES);
        assertThat(world.frames.machineToPhysical(block + 5)).isEqualTo(FrameTable.NONE);
        assertThat(world.map.entry(Page.frame(old) + 7))
                .as("it had no place to leave")
                .isNotEqualTo(-1);
    }

    // Revocation.

    @Test
    void replaceAndRemoveLookForTheGrant() {
        world.map(m(0), granted, WRITE);
        long other = world.granted(HVM_PEER);
        assertThat(world.space.replace(gfnOfSlot(0), 0, other, granted, READ, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.replace(
                        gfnOfSlot(0), 0, granted, world.pinned(other, 0, READ), READ, new AddressSpace.Mapped()))
                .isZero();
        world.space.flush();
        world.unpin(granted, 0, WRITE);
        assertThat(world.write(m(0), 5)).isZero();
        assertThat(world.read(m(0))).isEqualTo(0x20000);
        assertThat(world.space.remove(gfnOfSlot(0), 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(gfnOfPage(0), 0, world.page[0], new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(gfnOfSlot(0), 0, other, new AddressSpace.Mapped()))
                .isZero();
        world.space.flush();
        world.unpin(other, 0, READ);
        assertThat(world.read(m(0))).isEqualTo(ONES);
    }

    @Test
    void placeOfAnotherOrderIsGone() {
        long block = world.frames.allocate(HVM_PEER, 9);
        long address = 1L << 34;
        world.map(address, block, WRITE);
        assertThat(world.space.remove(Page.frame(address), 9, block, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.replace(Page.frame(address), 9, block, block, READ, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.unmap(address, block, WRITE)).isZero();
        world.map(address, block, 9, WRITE);
        assertThat(world.space.remove(Page.frame(address), 0, block, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.space.remove(Page.frame(address), 9, block, new AddressSpace.Mapped()))
                .isZero();
        assertThat(world.read(address + Page.SIZE)).isEqualTo(ONES);
    }

    @Test
    void searchFindsGrantsAndNoMemory() {
        world.map(m(5), granted, WRITE);
        world.map(m(2), granted, READ);
        assertThat(world.space.findNext(granted, 0)).isEqualTo(gfnOfSlot(2));
        assertThat(world.space.findNext(granted, gfnOfSlot(3))).isEqualTo(gfnOfSlot(5));
        assertThat(world.space.findNext(granted, gfnOfSlot(6))).isEqualTo(-1);
        assertThat(world.space.findNext(world.page[0], 0)).isEqualTo(-1);
    }

    // Larger orders.

    @ParameterizedTest
    @ValueSource(ints = {9, 18})
    void largeMappingIsOnePlace(int order) {
        long block = world.frames.allocate(HVM_PEER, order);
        long last = block + (1L << order) - 1;
        world.memory.store64(Page.address(last), 0x77);
        long address = 1L << 34;
        assertThat(world.map(address, block, order, WRITE)).isZero();
        assertThat(world.mapped.orderGot).isEqualTo(order);
        assertThat(world.read(address + Page.address(last - block))).isEqualTo(0x77);
        assertThat(world.unmap(address + Page.SIZE, block + 1, order, WRITE)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(world.map(address + Page.SIZE, granted, WRITE)).isEqualTo(Status.CRASH_CALLER);
        assertThat(world.unmap(address, block, order, WRITE)).isZero();
        assertThat(world.read(address + Page.address(last - block))).isEqualTo(ONES);
        world.assertHeld(block, 1, 0);
        world.assertHeld(last, 1, 0);
    }

    @Test
    void largeMappingMustBeAligned() {
        long block = world.frames.allocate(HVM_PEER, 9);
        assertThat(world.space.map(0x1000, 2, block, 9, WRITE, world.mapped)).isEqualTo(Status.BAD_SIZE);
        assertThat(world.space.map(0, 2, block + 1, 9, WRITE, world.mapped)).isEqualTo(Status.BAD_SIZE);
        assertThat(world.space.map(0, 2, block, 3, WRITE, world.mapped)).isEqualTo(Status.BAD_SIZE);
    }

    @Test
    void largeMappingOverAGrantCrashesTheCallerAndOverMemoryLosesIt() {
        long block = world.frames.allocate(HVM_PEER, 9);
        long address = p(0) & -(1L << 21);
        world.map(m(3), granted, WRITE);
        assertThat(world.map(address, block, 9, WRITE)).isEqualTo(Status.CRASH_CALLER);
        assertThat(world.read(p(0))).isEqualTo(0x1000);
        assertThat(world.frames.machineToPhysical(world.page[0])).isEqualTo(gfnOfPage(0));
        world.unmap(m(3), granted, WRITE);
        assertThat(world.map(address, block, 9, WRITE)).isZero();
        assertThat(world.read(p(0))).isZero();
        assertThat(world.frames.machineToPhysical(world.page[0])).isEqualTo(FrameTable.NONE);
    }

    /** Regions come in any order: what was once in the midst of a large mapping is asked for before its beginning. */
    @Test
    void deathFindsALargeMappingFromAnyOfItsRegions() {
        long block = world.frames.allocate(HVM_PEER, Page.ORDER_1G);
        long address = 1L << 34;
        for (int region = 1; region < 40; region++) {
            world.map(address + ((long) region << 21), granted, READ);
            world.unmap(address + ((long) region << 21), granted, READ);
        }
        world.map(address, block, Page.ORDER_1G, WRITE);
        world.space.dispose();
        world.assertHeld(block, 1, 0);
        world.assertHeld(granted, 1, 0);
    }

    /** Revocation may come at any time: here between the look at the order and the lock for it. */
    @Test
    void deathLeavesALargeMappingThatIsRevokedMeanwhile() {
        long block = world.frames.allocate(HVM_PEER, Page.ORDER_2M);
        long gfn = 1L << 22;
        PhysicalMap contended = mock(PhysicalMap.class, delegatesTo(world.map));
        HvmAddressSpace space = new HvmAddressSpace(GUEST, contended, world.memory, world.frames);
        world.pinned(block, Page.ORDER_2M, WRITE);
        assertThat(space.map(Page.address(gfn), 2, block, Page.ORDER_2M, WRITE, world.mapped))
                .isZero();
        world.pinned(granted, 0, READ);
        AtomicBoolean first = new AtomicBoolean(true);
        when(contended.entry(gfn)).then(call -> {
            long entry = world.map.entry(gfn);
            if (first.getAndSet(false)) {
                assertThat(space.remove(gfn, Page.ORDER_2M, block, new AddressSpace.Mapped()))
                        .isEqualTo(Status.OKAY);
                world.unpin(block, Page.ORDER_2M, WRITE);
                assertThat(space.map(Page.address(gfn), 6, granted, 0, READ, world.mapped))
                        .isZero();
            }
            return entry;
        });
        space.dispose();
        world.assertHeld(block, 1, 0);
        assertThat(world.map.entry(gfn)).as("came too late for death").isNotEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void deathDropsWhatThePlacesHold() {
        long typed = world.granted(PV_PEER);
        long block = world.frames.allocate(HVM_PEER, 18);
        long foreign = world.granted(PV_PEER);
        world.map(m(0), granted, WRITE);
        world.map(m(1), typed, WRITE);
        world.map(0xfee0_0000L, typed, READ);
        world.map(m(2), world.page[0], WRITE);
        world.map(1L << 34, block, 18, WRITE);
        world.frames.get(foreign, 0, PV_PEER);
        world.space.mapForeign(m(4), foreign, WRITE, world.mapped);
        world.space.dispose();
        world.assertHeld(granted, 1, 0);
        world.assertHeld(typed, 1, 0);
        world.assertHeld(foreign, 1, 0);
        world.assertHeld(world.page[0], 1, 0);
        world.assertHeld(block, 1, 0);
        world.assertHeld(block + 5, 1, 0);
        assertThat(world.map.entry(gfnOfSlot(0))).isEqualTo(PhysicalMap.INVALID);
        assertThat(world.map.machineFrame(gfnOfPage(1))).as("memory stays").isEqualTo(world.page[1]);
        assertThat(world.read(p(1))).as("nobody runs here any more").isEqualTo(HvmWorld.fault(14, 0));
        assertThat(world.space.remove(gfnOfSlot(0), 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
    }
}
