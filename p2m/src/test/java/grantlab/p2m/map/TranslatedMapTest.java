package grantlab.p2m.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Behaviour;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.PhysicalMap;
import grantlab.p2m.Machines;
import grantlab.p2m.Threads;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of a translated map, one by one. */
class TranslatedMapTest {
    private static final Behaviour LATER = new Behaviour(true, true, true, true, false);

    private final MachineRam ram = Machines.create("on-heap", Machines.SPARSE);
    private final FrameTable frames = ram.frames();
    private final PhysicalMap map = ram.translatedMap(1);
    private final PhysicalMap.Removed removed = new PhysicalMap.Removed();

    /** A frame of the domain itself and one of another's. */
    private long own;

    private long foreign;

    @BeforeEach
    void allocate() {
        frames.admit(1, false);
        frames.admit(2, false);
        own = frames.allocate(1, 0);
        foreign = frames.allocate(2, 0);
    }

    @AfterEach
    void close() {
        ram.close();
    }

    @Test
    void whichFramesMayBeGranted() {
        map.set(1, own, 0, PhysicalMap.RAM_RW);
        map.set(2, own, 0, PhysicalMap.RAM_RO);
        map.set(3, frames.allocateShared(1), 0, PhysicalMap.TABLE_FRAME);
        map.set(4, own, 0, PhysicalMap.GRANT_RW);
        map.set(5, own, 0, PhysicalMap.GRANT_RO);
        map.set(6, foreign, 0, PhysicalMap.GRANT_RW);
        map.set(7, foreign, 0, PhysicalMap.GRANT_RO);
        map.set(8, foreign, 0, PhysicalMap.FOREIGN);
        map.set(9, foreign, 0, PhysicalMap.RAM_RW);

        assertThat(map.frameToGrant(1)).isEqualTo(own);
        assertThat(map.frameToGrant(2)).isEqualTo(own);
        assertThat(map.frameToGrant(3)).isEqualTo(own + 2);
        assertThat(map.frameToGrant(4)).isEqualTo(own);
        assertThat(map.frameToGrant(5)).isEqualTo(own);
        for (long gfn : new long[] {0, 6, 7, 8, 9, map.limit(), -1, 1L << 60}) {
            assertThat(map.frameToGrant(gfn)).as("gfn %x", gfn).isEqualTo(Status.BAD_PAGE);
            assertThat(map.getFrameToGrant(gfn)).as("gfn %x", gfn).isEqualTo(Status.BAD_PAGE);
        }
        assertThat(map.machineFrame(6)).isEqualTo(foreign);
        assertThat(map.machineFrame(0)).isEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void aFrameToGrantComesWithOneReference() {
        map.set(1, own, 0, PhysicalMap.RAM_RW);
        long before = frames.references(own);
        assertThat(map.getFrameToGrant(1)).isEqualTo(own);
        assertThat(frames.references(own)).isEqualTo(before + 1);
    }

    @Test
    void laterReleasesGrantNoMappingOfOnesOwnGrant() {
        PhysicalMap later = new TranslatedMap(1, frames, LATER);
        later.set(1, own, 0, PhysicalMap.RAM_RW);
        later.set(4, own, 0, PhysicalMap.GRANT_RW);
        assertThat(later.frameToGrant(1)).isEqualTo(own);
        assertThat(later.frameToGrant(4)).isEqualTo(Status.BAD_PAGE);
    }

    @Test
    void memoryThatTheDomainOwnsNoMoreIsNotGranted() {
        map.populate(1, own);
        frames.steal(own, 1, 1);
        assertThat(map.frameToGrant(1)).isEqualTo(Status.BAD_PAGE);
        assertThat(map.getFrameToGrant(1)).isEqualTo(Status.BAD_PAGE);
        assertThat(frames.references(own)).isEqualTo(1);
    }

    @Test
    void setAndClearAnswerWhatStoodThere() {
        assertThat(map.set(7, own, 0, PhysicalMap.RAM_RW)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.set(7, foreign, 0, PhysicalMap.GRANT_RO))
                .isEqualTo(PhysicalMap.entry(own, 0, PhysicalMap.RAM_RW));
        assertThat(map.clear(7, 0)).isEqualTo(PhysicalMap.entry(foreign, 0, PhysicalMap.GRANT_RO));
        assertThat(map.clear(7, 0)).isEqualTo(PhysicalMap.INVALID);
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
        assertThat(frames.references(own)).isEqualTo(1);
    }

    @Test
    void theMapEndsAtTheLimit() {
        assertThat(map.limit()).isEqualTo(1L << 36);
        assertThat(map.set(map.limit() - 1, own, 0, PhysicalMap.RAM_RW)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.machineFrame(map.limit() - 1)).isEqualTo(own);
        assertThat(map.set(map.limit(), own, 0, PhysicalMap.RAM_RW)).isLessThan(PhysicalMap.INVALID);
        assertThat(map.set(-1, own, 0, PhysicalMap.RAM_RW)).isLessThan(PhysicalMap.INVALID);
        assertThat(map.clear(map.limit(), 0)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.adopt(map.limit(), own)).isLessThan(PhysicalMap.INVALID);
        assertThat(map.populate(map.limit(), own)).isEqualTo(-Errno.EINVAL);
        assertThat(map.decrease(map.limit(), removed)).isEqualTo(-Errno.ENOENT);
        assertThat(map.remove(map.limit())).isEqualTo(-Errno.ENOENT);
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
    }

    @Test
    void blocksAreAligned() {
        assertThatThrownBy(() -> map.set(1, 512, 9, PhysicalMap.RAM_RW)).hasMessageContaining("gfn 0x1");
        assertThatThrownBy(() -> map.set(512, 513, 9, PhysicalMap.RAM_RW)).hasMessageContaining("mfn 0x201");
        assertThatThrownBy(() -> map.clear(512, 18)).hasMessageContaining("order 18");
        assertThatThrownBy(() -> map.set(0, 0, 1, PhysicalMap.RAM_RW)).hasMessageContaining("order 1");
        assertThatThrownBy(() -> map.set(0, 0, 0, PhysicalMap.NONE)).hasMessageContaining("type 0");
    }

    @Test
    void changesOfMemoryAreCounted() {
        Changes changes = map.memoryChanges();
        long empty = changes.count();
        map.populate(3, own);
        long populated = changes.count();
        map.set(512, 1024, 9, PhysicalMap.GRANT_RW);
        long large = changes.count();
        map.set(3, foreign, 0, PhysicalMap.GRANT_RW);
        long mappedOver = changes.count();
        map.populate(4, own);
        long populatedAgain = changes.count();
        map.clear(4, 0);
        long cleared = changes.count();
        assertThat(new long[] {empty, populated, large, mappedOver, populatedAgain, cleared})
                .doesNotHaveDuplicates();
    }

    @Test
    void grantsThatComeAndGoWhereNothingWasAreNoChangesOfMemory() {
        long before = map.memoryChanges().count();
        map.set(7, foreign, 0, PhysicalMap.GRANT_RW);
        map.set(7, foreign, 0, PhysicalMap.GRANT_RO);
        map.clear(7, 0);
        assertThat(map.memoryChanges().count()).isEqualTo(before);
    }

    // populate and adopt

    @Test
    void populatePlacesMemory() {
        assertThat(map.populate(9, own)).isEqualTo(9);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.entry(own, 0, PhysicalMap.RAM_RW));
        assertThat(frames.machineToPhysical(own)).isEqualTo(9);
    }

    @Test
    void memoryThatIsReplacedLosesItsPlaceOnly() {
        long second = frames.allocate(1, 0);
        map.populate(9, own);
        assertThat(map.populate(9, second)).isEqualTo(9);
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
        assertThat(frames.machineToPhysical(second)).isEqualTo(9);
        assertThat(frames.owner(own)).isEqualTo(1);
    }

    @Test
    void aPageIsInOnePlace() {
        map.populate(9, own);
        assertThat(map.populate(10, own)).isEqualTo(10);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.INVALID);
        assertThat(frames.machineToPhysical(own)).isEqualTo(10);
        map.set(11, foreign, 0, PhysicalMap.GRANT_RW);
        frames.setMachineToPhysical(own, 11);
        map.populate(12, own);
        assertThat(map.machineFrame(11)).isEqualTo(foreign);
    }

    @Test
    void grantsAndForeignFramesAreNotReplaced() {
        int[] types = {PhysicalMap.GRANT_RW, PhysicalMap.GRANT_RO, PhysicalMap.FOREIGN};
        for (int type : types) {
            map.set(9, foreign, 0, type);
            assertThat(map.populate(9, own)).isEqualTo(PhysicalMap.CRASHES);
            assertThat(map.adopt(9, own)).isEqualTo(PhysicalMap.CRASHES);
            assertThat(map.entry(9)).isEqualTo(PhysicalMap.entry(foreign, 0, type));
        }
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
    }

    @Test
    void adoptPlacesMemoryAndLeavesTheEntryAlone() {
        assertThat(map.adopt(9, own)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.entry(own, 0, PhysicalMap.RAM_RW));
        assertThat(frames.machineToPhysical(own)).isEqualTo(9);
    }

    // decrease and remove

    @Test
    void decreaseTakesMemoryOutForRelease() {
        map.populate(9, own);
        assertThat(map.decrease(9, removed)).isZero();
        assertThat(removed.mfn).isEqualTo(own);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.INVALID);
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
        assertThat(frames.references(own)).isEqualTo(2);
        frames.releaseAllocation(own);
        frames.put(own, 0);
        assertThat(frames.pages(1)).isZero();
        assertThat(map.decrease(9, removed)).isEqualTo(-Errno.ENOENT);
        assertThat(removed.mfn).isEqualTo(PhysicalMap.INVALID);
    }

    @Test
    void decreaseOfAPartShatters() {
        long block = frames.allocate(1, 9);
        map.set(512, block, 9, PhysicalMap.RAM_RW);
        assertThat(map.decrease(515, removed)).isZero();
        assertThat(removed.mfn).isEqualTo(block + 3);
        assertThat(map.entry(515)).isEqualTo(PhysicalMap.INVALID);
        assertThat(map.entry(516)).isEqualTo(PhysicalMap.entry(block + 4, 0, PhysicalMap.RAM_RW));
    }

    @Test
    void decreaseLeavesWhatIsNotTheDomainsMemory() {
        int[] types = {PhysicalMap.GRANT_RW, PhysicalMap.GRANT_RO, PhysicalMap.FOREIGN, PhysicalMap.RAM_RW};
        for (int type : types) {
            map.set(9, foreign, 0, type);
            assertThat(map.decrease(9, removed)).isEqualTo(-Errno.ENXIO);
            assertThat(removed.mfn).isEqualTo(PhysicalMap.INVALID);
            assertThat(map.entry(9)).isEqualTo(PhysicalMap.entry(foreign, 0, type));
        }
        assertThat(frames.references(foreign)).isEqualTo(1);
    }

    @Test
    void decreaseSaysWhetherAMappingOfAnOwnGrantStoodThere() {
        map.set(9, own, 0, PhysicalMap.GRANT_RW);
        assertThat(map.decrease(9, removed)).isZero();
        assertThat(removed.mfn).isEqualTo(own);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.INVALID);

        assertThat(map.decrease(9, removed)).isEqualTo(-Errno.ENOENT);
        map.populate(10, own);
        assertThat(map.decrease(10, removed)).isZero();
    }

    @Test
    void aTableFrameStaysTheHypervisors() {
        long table = frames.allocateShared(1);
        map.set(9, table, 0, PhysicalMap.TABLE_FRAME);
        frames.setMachineToPhysical(table, 9);
        assertThat(map.decrease(9, removed)).isZero();
        assertThat(removed.mfn).isEqualTo(table);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.INVALID);
        assertThat(frames.machineToPhysical(table)).isEqualTo(FrameTable.NONE);
        frames.releaseAllocation(table);
        frames.put(table, 0);
        assertThat(frames.isShared(table)).isTrue();
        assertThat(frames.sharedPages(1)).isEqualTo(1);
    }

    @Test
    void removeTakesMemoryOutAndKeepsIt() {
        map.populate(9, own);
        assertThat(map.remove(9)).isZero();
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.INVALID);
        assertThat(frames.machineToPhysical(own)).isEqualTo(FrameTable.NONE);
        assertThat(frames.owner(own)).isEqualTo(1);
        assertThat(frames.references(own)).isEqualTo(1);
        assertThat(map.remove(9)).isEqualTo(-Errno.ENOENT);
    }

    @Test
    void removeLeavesGrants() {
        map.set(9, foreign, 0, PhysicalMap.GRANT_RW);
        assertThat(map.remove(9)).isEqualTo(-Errno.ENOENT);
        map.set(9, foreign, 0, PhysicalMap.RAM_RW);
        assertThat(map.remove(9)).isEqualTo(-Errno.ENOENT);
        assertThat(map.machineFrame(9)).isEqualTo(foreign);
    }

    @Test
    void removeOfAForeignFrameDropsTheReferenceOfItsPlace() {
        frames.get(foreign, 0, 2);
        map.set(9, foreign, 0, PhysicalMap.FOREIGN);
        assertThat(map.remove(9)).isZero();
        assertThat(frames.references(foreign)).isEqualTo(1);
        assertThat(map.entry(9)).isEqualTo(PhysicalMap.INVALID);
    }

    /** Whatever two threads do to the same few gfns, map and M2P agree afterwards. */
    @Test
    void mapAndM2pStayInStep() throws InterruptedException {
        long[] pages = new long[6];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = frames.allocate(1, 0);
        }
        CyclicBarrier round = new CyclicBarrier(2);
        Threads.run(2, thread -> {
            Random random = new Random(thread);
            PhysicalMap.Removed mine = new PhysicalMap.Removed();
            for (int i = 0; i < 120_000; i++) {
                if (i % 12 == 0) {
                    round.await();
                    if (thread == 0) {
                        assertInStep(pages);
                    }
                    round.await();
                }
                long gfn = random.nextInt(4);
                switch (random.nextInt(3)) {
                    case 0 -> map.populate(gfn, pages[random.nextInt(pages.length)]);
                    case 1 -> map.remove(gfn);
                    default -> {
                        if (map.decrease(gfn, mine) == 0) {
                            frames.put(mine.mfn, 0);
                        }
                    }
                }
            }
        });
        assertInStep(pages);
    }

    private void assertInStep(long[] pages) {
        for (long page : pages) {
            long gfn = frames.machineToPhysical(page);
            assertThat(frames.references(page)).isEqualTo(1);
            assertThat(map.findNext(page, 0)).as("place of %x", page).isEqualTo(gfn);
            if (gfn != FrameTable.NONE) {
                assertThat(map.findNext(page, gfn + 1)).isEqualTo(PhysicalMap.INVALID);
            }
        }
    }
}
