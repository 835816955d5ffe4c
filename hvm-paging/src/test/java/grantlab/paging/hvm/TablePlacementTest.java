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

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** xen-semantics 2.13 and 6.4; the recording pvh_v1 from line 250. */
class TablePlacementTest {
    private final HvmWorld world = new HvmWorld();
    private long table;

    @BeforeEach
    void begin() {
        table = world.frames.allocateShared(GUEST);
        world.memory.store64(Page.address(table), 0x4001);
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void tableFrameAppearsAndHasAName() {
        assertThat(world.space.nameOf(table)).isEqualTo(-1);
        assertThat(world.space.placeTableFrame(gfnOfSlot(0), table)).isZero();
        assertThat(world.read(m(0))).isEqualTo(0x4001);
        assertThat(world.write(m(0), 0x4003)).isZero();
        assertThat(world.memory.load64(Page.address(table))).isEqualTo(0x4003);
        assertThat(world.space.nameOf(table)).isEqualTo(gfnOfSlot(0));
    }

    @Test
    void tableFrameMoves() {
        world.space.placeTableFrame(gfnOfSlot(0), table);
        world.read(m(0));
        assertThat(world.space.placeTableFrame(gfnOfSlot(1), table)).isZero();
        assertThat(world.read(m(0))).isEqualTo(ONES);
        assertThat(world.read(m(1))).isEqualTo(0x4001);
        assertThat(world.space.nameOf(table)).isEqualTo(gfnOfSlot(1));
        assertThat(world.space.placeTableFrame(gfnOfSlot(1), table)).isZero();
        assertThat(world.read(m(1))).isEqualTo(0x4001);
    }

    @Test
    void anotherTableFrameIsUnhooked() {
        long second = world.frames.allocateShared(GUEST);
        world.space.placeTableFrame(gfnOfSlot(0), table);
        assertThat(world.space.placeTableFrame(gfnOfSlot(0), second)).isZero();
        assertThat(world.space.nameOf(table)).isEqualTo(-1);
        assertThat(world.space.nameOf(second)).isEqualTo(gfnOfSlot(0));
        world.assertHeld(table, 1, 0);
    }

    @Test
    void ordinaryMemoryIsFreed() {
        long pages = world.frames.pages(GUEST);
        assertThat(world.read(p(3))).isEqualTo(0x1300);
        assertThat(world.space.placeTableFrame(gfnOfPage(3), table)).isZero();
        assertThat(world.read(p(3))).isEqualTo(0x4001);
        assertThat(world.frames.pages(GUEST)).isEqualTo(pages - 1);
        assertThat(world.frames.owner(world.page[3])).isEqualTo(FrameTable.NO_OWNER);
    }

    @Test
    void ordinaryMemoryThatIsMappedElsewhereSurvivesThere() {
        world.frames.get(world.page[3], 0, GUEST);
        world.space.placeTableFrame(gfnOfPage(3), table);
        world.assertHeld(world.page[3], 1, 0);
        assertThat(world.frames.machineToPhysical(world.page[3])).isEqualTo(FrameTable.NONE);
    }

    @Test
    void grantsAndForeignFramesStay() {
        long granted = world.granted(HVM_PEER);
        world.map(m(0), granted, WRITE);
        assertThat(world.space.placeTableFrame(gfnOfSlot(0), table)).isEqualTo(-Errno.ENXIO);
        assertThat(world.read(m(0))).isEqualTo(0x20000);
        assertThat(world.space.nameOf(table)).isEqualTo(-1);
        long foreign = world.granted(PV_PEER);
        world.frames.get(foreign, 0, PV_PEER);
        world.space.mapForeign(m(1), foreign, WRITE, world.mapped);
        assertThat(world.space.placeTableFrame(gfnOfSlot(1), table)).isEqualTo(-Errno.ENXIO);
        assertThat(world.space.mapForeign(m(0), foreign, WRITE, world.mapped)).isEqualTo(-Errno.ENXIO);
    }

    @Test
    void wrongFrames() {
        assertThat(world.space.placeTableFrame(-1, table)).isEqualTo(-Errno.EINVAL);
        assertThat(world.space.placeTableFrame(1L << 40, table)).isEqualTo(-Errno.ENOENT);
        assertThat(world.space.nameOf(table)).isEqualTo(-1);
    }

    @Test
    void mappingOverATableFrameUnhooksIt() {
        long granted = world.granted(HVM_PEER);
        world.space.placeTableFrame(gfnOfSlot(1), table);
        assertThat(world.map(m(1), granted, WRITE)).isZero();
        assertThat(world.read(m(1))).isEqualTo(0x20000);
        assertThat(world.space.nameOf(table)).isEqualTo(-1);
    }

    @Test
    void withdrawnFrameLeavesTheMap() {
        assertThat(world.space.withdrawTableFrame(table)).isZero();
        world.space.placeTableFrame(gfnOfSlot(0), table);
        world.read(m(0));
        assertThat(world.space.withdrawTableFrame(table)).isZero();
        assertThat(world.read(m(0))).isEqualTo(ONES);
        assertThat(world.space.nameOf(table)).isEqualTo(-1);
        world.frames.get(table, 0, GUEST);
        assertThat(world.space.withdrawTableFrame(table)).isEqualTo(Status.CRASH_CALLER);
    }

    @Test
    void foreignFrameBeyondTheMap() {
        long foreign = world.granted(PV_PEER);
        assertThat(world.space.mapForeign(Page.address(1L << 40), foreign, WRITE, world.mapped))
                .isEqualTo(-Errno.ENOENT);
    }

    /** The machine-to-physical table may be behind: what is not there cannot be taken away, and the frame cannot go. */
    @ParameterizedTest
    @ValueSource(longs = {0x40085, 0x40013})
    void frameThatIsNotWhereItShouldBeCannotGo(long said) {
        world.frames.setMachineToPhysical(table, said);
        assertThat(world.space.withdrawTableFrame(table)).isEqualTo(Status.CRASH_CALLER);
        assertThat(world.read(p(3))).isEqualTo(0x1300);
    }

    @Test
    void foreignFrameIsReadAndWritten() {
        long foreign = world.granted(PV_PEER);
        world.frames.get(foreign, 0, PV_PEER);
        assertThat(world.space.mapForeign(m(0), foreign, WRITE, world.mapped)).isZero();
        assertThat(world.mapped.place).isEqualTo(gfnOfSlot(0));
        assertThat(world.read(m(0))).isEqualTo(0x20000);
        world.write(m(0), 4);
        assertThat(world.memory.load64(Page.address(foreign))).isEqualTo(4);
        world.assertHeld(foreign, 2, 0);
        assertThat(world.map.remove(gfnOfSlot(0))).isZero();
        world.assertHeld(foreign, 1, 0);
        assertThat(world.space.mapForeign(m(0), foreign, READ, world.mapped)).isEqualTo(-Errno.EOPNOTSUPP);
    }
}
