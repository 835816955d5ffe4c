package grantlab.p2m.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.p2m.Machines;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdentityMapTest {
    private final MachineRam ram = Machines.create("on-heap", Machines.SPARSE);
    private final FrameTable frames = ram.frames();
    private final PhysicalMap map = ram.identityMap(1);
    private final PhysicalMap.Removed removed = new PhysicalMap.Removed();
    private long own;
    private long foreign;
    private long table;

    @BeforeEach
    void allocate() {
        frames.admit(1, true);
        frames.admit(2, true);
        own = frames.allocateFrom(1, 0, 1L << 32);
        foreign = frames.allocate(2, 0);
        table = frames.allocateShared(1);
    }

    @AfterEach
    void close() {
        ram.close();
    }

    @Test
    void whatTheDomainOwnsIsWhereItIs() {
        frames.getType(own, FrameTable.TYPE_L1);
        assertThat(map.frameToGrant(own)).isEqualTo(own);
        assertThat(frames.references(own)).isEqualTo(1);
        assertThat(map.getFrameToGrant(own)).isEqualTo(own);
        assertThat(frames.references(own)).isEqualTo(2);
        assertThat(map.frameToGrant(table)).isEqualTo(table);
        assertThat(map.machineFrame(own)).isEqualTo(own);
        assertThat(map.entry(own)).isEqualTo(PhysicalMap.entry(own, 0, PhysicalMap.RAM_RW));
        assertThat(map.entry(table)).isEqualTo(PhysicalMap.entry(table, 0, PhysicalMap.TABLE_FRAME));
        for (long other : new long[] {foreign, 0, own + 1, 5000, -1, Page.FRAME_LIMIT, Long.MIN_VALUE}) {
            assertThat(map.frameToGrant(other)).as("%x", other).isEqualTo(Status.BAD_PAGE);
            assertThat(map.getFrameToGrant(other)).as("%x", other).isEqualTo(Status.BAD_PAGE);
            assertThat(map.machineFrame(other)).as("%x", other).isEqualTo(PhysicalMap.INVALID);
            assertThat(map.entry(other)).as("%x", other).isEqualTo(PhysicalMap.INVALID);
        }
        assertThat(map.limit()).isEqualTo(Page.FRAME_LIMIT);
    }

    @Test
    void theOnlyPlaceOfAFrameIsItsNumber() {
        assertThat(map.findNext(own, 0)).isEqualTo(own);
        assertThat(map.next(own)).isEqualTo(own);
        assertThat(map.next(own + 1)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.findNext(own, own)).isEqualTo(own);
        assertThat(map.findNext(own, own + 1)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.findNext(foreign, 0)).isEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void newFramesGetTheGuestsNumberInTheM2p() {
        assertThat(map.adopt(77, own)).isEqualTo(own);
        assertThat(frames.machineToPhysical(own)).isEqualTo(77);
        assertThat(map.populate(78, own)).isEqualTo(own);
        assertThat(frames.machineToPhysical(own)).isEqualTo(78);
    }

    @Test
    void decreaseHandsTheFrameOver() {
        map.populate(5, own);
        assertThat(map.decrease(own, removed)).isZero();
        assertThat(removed.mfn).isEqualTo(own);
        assertThat(frames.references(own)).isEqualTo(2);
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);

        for (long other : new long[] {foreign, 0, 5000, -1}) {
            assertThat(map.decrease(other, removed)).as("%x", other).isEqualTo(-Errno.ENXIO);
            assertThat(removed.mfn).isEqualTo(PhysicalMap.INVALID);
        }
    }

    @Test
    void framesOfTheHypervisorStayWhatTheyAre() {
        assertThat(map.decrease(table, removed)).isZero();
        assertThat(removed.mfn).isEqualTo(table);
        frames.releaseAllocation(table);
        frames.put(table, 0);
        assertThat(frames.owner(table)).isEqualTo(1);
        assertThat(map.decrease(table, removed)).isEqualTo(-Errno.ENXIO);
    }

    @Test
    void thereIsNoMapToChange() {
        assertThat(map.remove(own)).isEqualTo(-Errno.EACCES);
        assertThatThrownBy(() -> map.set(1, own, 0, PhysicalMap.RAM_RW))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("d1");
        assertThatThrownBy(() -> map.clear(1, 0)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void itsChangesAreThoseOfOwnership() {
        long before = map.memoryChanges().count();
        frames.allocate(2, 0);
        assertThat(map.memoryChanges().count()).isEqualTo(before);
        frames.allocate(1, 0);
        assertThat(map.memoryChanges().count()).isNotEqualTo(before);
    }
}
