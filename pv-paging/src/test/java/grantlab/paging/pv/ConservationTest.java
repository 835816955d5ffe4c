package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.GUEST;
import static grantlab.paging.pv.PvWorld.HVM_PEER;
import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.READ;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.entry;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.paging.AddressSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to the places, every reference is dropped exactly once. */
class ConservationTest {
    private static final int SLOTS = 12;
    private static final int STEPS = 4000;

    private final List<Long> frames = new ArrayList<>();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyReferenceComesBack(long seed) {
        Random random = new Random(seed);
        try (PvWorld world = PvWorld.entered()) {
            for (int owner : new int[] {GUEST, PV_PEER, HVM_PEER}) {
                for (int index = 0; index < 3; index++) {
                    frames.add(world.frames.allocate(owner, 0));
                }
            }
            for (int step = 0; step < STEPS; step++) {
                step(world, random);
                if (step % 64 == 0) {
                    assertHeldByEntries(world);
                }
            }
            world.space.dispose();
            for (long mfn : frames) {
                assertThat(world.frames.references(mfn)).isEqualTo(1);
                assertThat(world.frames.typeUses(mfn)).isZero();
            }
        }
    }

    private void step(PvWorld world, Random random) {
        long mfn = frames.get(random.nextInt(frames.size()));
        int slot = random.nextInt(SLOTS);
        int access = random.nextBoolean() ? READ : WRITE;
        boolean named = random.nextInt(4) == 0;
        int flags = Gntmap.HOST_MAP | (named ? Gntmap.CONTAINS_PTE : 0);
        long address = named ? world.pte(slot) : world.m(slot);
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> world.map(address, flags, mfn, access);
            case 3 -> world.unmap(address, flags, world.frame(slot), access);
            case 4 -> world.replace(address, world.m(random.nextInt(SLOTS)), flags, world.frame(slot), access);
            case 5 -> world.space.update(world.m(slot), random.nextInt(3) == 0 ? 0 : entry(mfn, access == WRITE));
            case 6 -> revoke(world, slot, mfn, random);
            default -> mapForeign(world, slot, mfn, access);
        }
    }

    private static void mapForeign(PvWorld world, int slot, long mfn, int access) {
        world.frames.get(mfn, 0, FrameTable.NO_OWNER);
        assertThat(world.space.mapForeign(world.m(slot), mfn, access, world.mapped))
                .isZero();
    }

    private static void revoke(PvWorld world, int slot, long newMfn, Random random) {
        long entry = world.memory.load64(world.pte(slot));
        if (!PageTableEntry.isPresent(entry)) {
            return;
        }
        long mfn = PageTableEntry.frameOf(entry);
        if (random.nextBoolean()) {
            assertThat(world.space.remove(world.pte(slot), 0, mfn, new AddressSpace.Mapped()))
                    .isZero();
        } else {
            world.pinned(newMfn, READ);
            assertThat(world.space.replace(world.pte(slot), 0, mfn, newMfn, READ, new AddressSpace.Mapped()))
                    .isZero();
        }
        world.space.flush();
        world.unpin(mfn, PageTableEntry.isWritable(entry) ? WRITE : READ);
    }

    /** Each frame is held by its allocation and by exactly the entries that name it. */
    private void assertHeldByEntries(PvWorld world) {
        for (long mfn : frames) {
            long entries = 0;
            long writable = 0;
            for (int slot = 0; slot < SLOTS; slot++) {
                long entry = world.memory.load64(world.pte(slot));
                if (PageTableEntry.maps(entry, mfn)) {
                    entries++;
                    writable += PageTableEntry.isWritable(entry) ? 1 : 0;
                }
            }
            boolean typed = world.frames.owner(mfn) != HVM_PEER;
            assertThat(world.frames.references(mfn)).isEqualTo(1 + entries);
            assertThat(world.frames.typeUses(mfn)).isEqualTo(typed ? writable : 0);
        }
    }
}
