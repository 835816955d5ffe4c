package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.GUEST;
import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.entry;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.paging.AddressSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Validation of the guest's tables, and what dying gives back. */
class EnterTest {
    private final PvWorld world = new PvWorld();

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void tablesGetTheirTypesAndPagesTheirReferences() {
        assertThat(world.space.enter(world.l4)).isZero();
        assertType(world.l4, FrameTable.TYPE_L4, 1, 2);
        assertType(world.l3, FrameTable.TYPE_L3, 1, 2);
        assertType(world.l2, FrameTable.TYPE_L2, 1, 2);
        assertType(world.l1, FrameTable.TYPE_L1, 1, 2);
        assertType(world.page[0], FrameTable.TYPE_WRITABLE, 1, 2);
    }

    @Test
    void withoutARootThereIsNothing() {
        assertThat(world.space.entryAddress(world.p(0))).isEqualTo(-1);
        assertThat(world.space.update(world.p(0), 0)).isEqualTo(-Errno.EINVAL);
        assertThat(world.read(world.p(0))).isEqualTo(PvWorld.fault(14, 0));
    }

    @Test
    void entriesAreAdjusted() {
        world.write(world.l4, 0, world.memory.load64(world.l4 << 12) & ~0x24L);
        world.write(world.l1, 16, (world.page[0] << 12) | 0x63);
        assertThat(world.space.enter(world.l4)).isZero();
        assertThat(world.memory.load64(world.l4 << 12) & 0xfff).isEqualTo(0x67);
        assertThat(world.entryOf(world.p(0)) & 0xfff0_0000_0000_0fffL).isEqualTo(0x10_0000_0000_0067L);
        assertThat(world.entryOf(world.p(1)) & 0xfff).isEqualTo(0x167);
    }

    @Test
    void sharedTablesAreValidatedOnceAndCountedTwice() {
        world.point(world.l3, 2, world.l2);
        assertThat(world.space.enter(world.l4)).isZero();
        assertType(world.l2, FrameTable.TYPE_L2, 2, 3);
        assertType(world.l1, FrameTable.TYPE_L1, 1, 2);
        world.space.dispose();
        assertAllReturned();
    }

    @Test
    void foreignPageIsRefusedAndEverythingUndone() {
        world.write(world.l1, 500, entry(world.frames.allocate(PV_PEER, 0), false));
        assertRefused();
    }

    @Test
    void pageThatDoesNotExistIsRefused() {
        world.write(world.l1, 500, entry(0x7fff_ffffL, false));
        assertRefused();
    }

    @Test
    void firmwareIsRefused() {
        world.write(world.l1, 500, entry(0xb8, false));
        assertRefused();
    }

    @Test
    void tableMappedWritableIsRefused() {
        world.write(world.l1, 500, entry(world.l1, true));
        assertRefused();
        world.write(world.l1, 500, entry(world.l4, true));
        assertRefused();
    }

    @Test
    void tableMappedReadOnlyIsFine() {
        world.write(world.l1, 500, entry(world.l1, false));
        world.write(world.l1, 501, entry(world.l4, false));
        assertThat(world.space.enter(world.l4)).isZero();
        assertType(world.l1, FrameTable.TYPE_L1, 1, 3);
        world.space.dispose();
        assertAllReturned();
    }

    @Test
    void tableOfTheWrongLevelIsRefused() {
        world.point(world.l3, 5, world.l1);
        assertRefused();
    }

    @Test
    void superpagesAndCacheBitsAreRefused() {
        world.write(world.l2, 5, entry(world.page[0], false) | 0x80);
        assertRefused();
        world.write(world.l2, 5, 0);
        world.write(world.l1, 500, entry(world.page[0], false) | 0x10);
        assertRefused();
    }

    @Test
    void rootMustBeTheDomains() {
        assertThat(world.space.enter(world.frames.allocate(PV_PEER, 0))).isEqualTo(-Errno.EINVAL);
        assertThat(world.space.enter(1L << 50)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void xensSlotsOfTheRootAreNotTheGuests() {
        world.write(world.l4, LinearAddress.FIRST_XEN_SLOT, entry(0x7fff_ffffL, true));
        world.write(world.l4, LinearAddress.LAST_XEN_SLOT, entry(0x7fff_ffffL, true));
        assertThat(world.space.enter(world.l4)).isZero();
    }

    @Test
    void slotsBesideXensAreTheGuests() {
        world.write(world.l4, LinearAddress.FIRST_XEN_SLOT - 1, entry(0x7fff_ffffL, true));
        assertRefused();
        world.write(world.l4, LinearAddress.FIRST_XEN_SLOT - 1, 0);
        world.write(world.l4, LinearAddress.LAST_XEN_SLOT + 1, entry(0x7fff_ffffL, true));
        assertRefused();
    }

    @Test
    void secondRootIsRefused() {
        assertThat(world.space.enter(world.l4)).isZero();
        assertThat(world.space.enter(world.l4)).isEqualTo(-Errno.EBUSY);
    }

    @Test
    void deathDropsEverythingAlsoFromTablesThatOnlyAPinHolds() {
        assertThat(world.space.enter(world.l4)).isZero();
        long pinnedTable = world.frames.allocate(GUEST, 0);
        world.frames.get(pinnedTable, 0, GUEST);
        world.frames.getType(pinnedTable, FrameTable.TYPE_L1);
        long granted = world.frames.allocate(PV_PEER, 0);
        world.map(pinnedTable << 12, 0x12, granted, WRITE);
        world.map(world.m(0), 2, granted, WRITE);
        world.space.dispose();
        assertAllReturned();
        assertThat(world.frames.references(pinnedTable)).isEqualTo(1);
        assertThat(world.frames.type(pinnedTable)).isEqualTo(FrameTable.TYPE_NONE);
        assertThat(world.frames.references(granted)).isEqualTo(1);
        assertThat(world.frames.typeUses(granted)).isZero();
        world.build();
        assertThat(world.read(world.p(0))).as("the frames are plain memory now").isEqualTo(PvWorld.fault(14, 0));
        assertThat(world.space.remove(world.pte(0), 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
    }

    private void assertRefused() {
        assertThat(world.space.enter(world.l4)).isEqualTo(-Errno.EINVAL);
        assertAllReturned();
    }

    private void assertAllReturned() {
        for (long mfn = world.frames.nextOwned(GUEST, 0);
                mfn != FrameTable.NONE;
                mfn = world.frames.nextOwned(GUEST, mfn + 1)) {
            assertType(mfn, FrameTable.TYPE_NONE, 0, 1);
        }
    }

    private void assertType(long mfn, int type, long uses, long references) {
        assertThat(world.frames.type(mfn)).as("type").isEqualTo(type);
        assertThat(world.frames.typeUses(mfn)).as("uses").isEqualTo(uses);
        assertThat(world.frames.references(mfn)).as("references").isEqualTo(references);
    }
}
