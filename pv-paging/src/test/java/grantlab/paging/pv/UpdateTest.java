package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.GUEST;
import static grantlab.paging.pv.PvWorld.HVM_PEER;
import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.READ;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.entry;
import static grantlab.paging.pv.PvWorld.fault;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Errno;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** update_va_mapping, foreign mappings and table frames. */
class UpdateTest {
    private PvWorld world;

    @BeforeEach
    void begin() {
        world = PvWorld.entered();
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void entryIsAdjustedAndHoldsItsPage() {
        assertThat(world.space.update(world.m(0), entry(world.page[0], true))).isZero();
        assertThat(world.bits(0)).isEqualTo(0x107);
        assertThat(world.frames.references(world.page[0])).isEqualTo(3);
        assertThat(world.frames.typeUses(world.page[0])).isEqualTo(2);
        assertThat(world.space.update(world.m(0), entry(world.page[0], false))).isZero();
        assertThat(world.bits(0)).isEqualTo(0x105);
        assertThat(world.frames.typeUses(world.page[0])).isEqualTo(1);
        assertThat(world.space.update(world.m(0), 0)).isZero();
        assertThat(world.frames.references(world.page[0])).isEqualTo(2);
    }

    @Test
    void kernelEntryIsMarked() {
        assertThat(world.space.update(world.m(0), Page.address(world.page[0]) | 3))
                .isZero();
        assertThat(world.bits(0)).isEqualTo(0x10_0000_0000_0007L);
    }

    @Test
    void changeIsSeenAtOnce() {
        world.memory.store64(Page.address(world.page[1]), 7);
        assertThat(world.read(world.p(0))).isZero();
        world.space.update(world.p(0), entry(world.page[1], true));
        assertThat(world.read(world.p(0))).isEqualTo(7);
        world.space.update(world.p(0), entry(world.page[1], false));
        assertThat(world.write(world.p(0), 1)).isEqualTo(fault(14, 3));
        world.space.update(world.p(0), 0);
        assertThat(world.read(world.p(0))).isEqualTo(fault(14, 0));
    }

    @Test
    void harmlessBitsChangeWithoutAskingForThePage() {
        long granted = world.frames.allocate(PV_PEER, 0);
        world.map(world.m(0), 6, granted, READ);
        assertThat(world.space.update(world.m(0), entry(granted, false) | 0x200))
                .isZero();
        assertThat(world.bits(0)).isEqualTo(0x305);
        assertThat(world.frames.references(granted)).isEqualTo(2);
        assertThat(world.space.update(world.m(0), entry(granted, true))).isEqualTo(-Errno.EBUSY);
        assertThat(world.bits(0)).isEqualTo(0x305);
    }

    @Test
    void harmlessChangeForgetsThePageToo() {
        world.write(world.p(1), 7);
        world.read(world.p(0));
        world.map(world.p(0), 6, world.page[1], READ);
        assertThat(world.read(world.p(0))).as("map does not flush").isZero();
        assertThat(world.space.update(world.p(0), entry(world.page[1], false))).isZero();
        assertThat(world.read(world.p(0))).isEqualTo(7);
    }

    @Test
    void whatCannotBeHadIsBusy() {
        long before = world.entryOf(world.p(0));
        assertThat(world.space.update(world.p(0), entry(world.frames.allocate(PV_PEER, 0), false)))
                .isEqualTo(-Errno.EBUSY);
        assertThat(world.space.update(world.p(0), entry(world.l1, true))).isEqualTo(-Errno.EBUSY);
        assertThat(world.frames.references(world.l1)).isEqualTo(2);
        assertThat(world.space.update(world.p(0), entry(4000, true))).isEqualTo(-Errno.EBUSY);
        assertThat(world.entryOf(world.p(0))).isEqualTo(before);
    }

    @Test
    void whatIsNotMemoryIsNotPermitted() {
        assertThat(world.space.update(world.m(0), entry(0x7fff_ffffL, true))).isEqualTo(-Errno.EPERM);
        assertThat(world.space.update(world.m(0), entry(0xb8, true))).isEqualTo(-Errno.EPERM);
        assertThat(world.space.update(world.m(0), entry((1L << 40) - 1, true))).isEqualTo(-Errno.EINVAL);
        assertThat(world.space.update(world.m(0), entry(world.page[0], true) | 0x10))
                .isEqualTo(-Errno.EINVAL);
    }

    @Test
    void noEntryNoUpdate() {
        assertThat(world.space.update(0x300_0000_0000L, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(world.space.update(0xffff_8300_0000_0000L, 0)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void absentEntriesAreTheGuestsToUse() {
        assertThat(world.space.update(world.m(0), 0x1234_5678_9abc_def0L)).isZero();
        assertThat(world.entryOf(world.m(0))).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(world.read(world.m(0))).isEqualTo(fault(14, 0));
    }

    @Test
    void foreignPageIsMappedByPrivilege() {
        long theirs = world.frames.allocate(PV_PEER, 0);
        world.memory.store64(Page.address(theirs), 5);
        world.frames.get(theirs, 0, PV_PEER);
        assertThat(world.space.mapForeign(world.m(0), theirs, WRITE, world.mapped))
                .isZero();
        assertThat(world.mapped.place).isEqualTo(world.pte(0));
        assertThat(world.bits(0)).isEqualTo(0x107);
        assertThat(world.read(world.m(0))).isEqualTo(5);
        assertThat(world.frames.typeUses(theirs)).isEqualTo(1);
        assertThat(world.space.update(world.m(0), 0)).isZero();
        assertThat(world.frames.references(theirs)).isEqualTo(1);
        assertThat(world.frames.typeUses(theirs)).isZero();
    }

    @Test
    void foreignPageOfATranslatedDomainHoldsNoType() {
        long theirs = world.frames.allocate(HVM_PEER, 0);
        world.frames.get(theirs, 0, HVM_PEER);
        assertThat(world.space.mapForeign(world.m(0), theirs, WRITE, world.mapped))
                .isZero();
        assertThat(world.frames.typeUses(theirs)).isZero();
        assertThat(world.space.update(world.m(0), 0)).isZero();
        assertThat(world.frames.references(theirs)).isEqualTo(1);
    }

    @Test
    void foreignPageTableCannotBeMappedWritable() {
        long theirs = world.frames.allocate(PV_PEER, 0);
        world.frames.get(theirs, 0, PV_PEER);
        world.frames.getType(theirs, FrameTable.TYPE_L2);
        assertThat(world.space.mapForeign(world.m(0), theirs, WRITE, world.mapped))
                .isEqualTo(-Errno.EBUSY);
        assertThat(world.space.mapForeign(0x300_0000_0000L, theirs, READ, world.mapped))
                .isEqualTo(-Errno.EINVAL);
        assertThat(world.frames.references(theirs)).isEqualTo(2);
        assertThat(world.space.mapForeign(world.m(0), theirs, READ, world.mapped))
                .isZero();
    }

    @Test
    void mappedTableFrameCannotBeWithdrawn() {
        long status = world.frames.allocateShared(GUEST);
        assertThat(world.space.withdrawTableFrame(status)).isZero();
        assertThat(world.space.update(world.m(0), entry(status, true))).isZero();
        assertThat(world.space.withdrawTableFrame(status)).isEqualTo(-Errno.EBUSY);
        world.space.update(world.m(0), 0);
        assertThat(world.space.withdrawTableFrame(status)).isZero();
        assertThat(world.space.placeTableFrame(5, status)).isEqualTo(-Errno.EACCES);
        assertThat(world.space.nameOf(status)).isEqualTo(status);
    }
}
