package grantlab.paging.hvm;

import static grantlab.paging.hvm.HvmWorld.GUEST;
import static grantlab.paging.hvm.HvmWorld.HVM_PEER;
import static grantlab.paging.hvm.HvmWorld.PV_PEER;
import static grantlab.paging.hvm.HvmWorld.READ;
import static grantlab.paging.hvm.HvmWorld.WRITE;
import static grantlab.paging.hvm.HvmWorld.gfnOfSlot;
import static grantlab.paging.hvm.HvmWorld.m;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;
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
        try (HvmWorld world = new HvmWorld()) {
            for (int owner : new int[] {GUEST, PV_PEER, HVM_PEER}) {
                for (int index = 0; index < 3; index++) {
                    frames.add(world.frames.allocate(owner, 0));
                }
            }
            for (int step = 0; step < STEPS; step++) {
                step(world, random);
                if (step % 64 == 0) {
                    assertHeldByPlaces(world);
                }
            }
            world.space.dispose();
            for (long mfn : frames) {
                world.assertHeld(mfn, 1, 0);
            }
        }
    }

    private void step(HvmWorld world, Random random) {
        long mfn = frames.get(random.nextInt(frames.size()));
        int slot = random.nextInt(SLOTS);
        int access = random.nextBoolean() ? READ : WRITE;
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> world.map(m(slot), mfn, access);
            case 3, 4 -> unmap(world, slot);
            case 5 -> revoke(world, slot, mfn, random);
            case 6 -> mapForeign(world, slot, mfn);
            default -> removeFromMap(world, slot);
        }
    }

    private static void unmap(HvmWorld world, int slot) {
        long entry = world.map.entry(gfnOfSlot(slot));
        if (entry != PhysicalMap.INVALID) {
            world.unmap(m(slot), PhysicalMap.frameOf(entry), access(entry));
        }
    }

    /** A grant of the guest's own leaves its references to its handle, which the test plays. */
    private static void removeFromMap(HvmWorld world, int slot) {
        long entry = world.map.entry(gfnOfSlot(slot));
        if (world.map.remove(gfnOfSlot(slot)) == 0 && MapEntry.isGrant(entry)) {
            world.unpin(PhysicalMap.frameOf(entry), 0, access(entry));
        }
    }

    private static void mapForeign(HvmWorld world, int slot, long mfn) {
        if (MapEntry.isGrant(world.map.entry(gfnOfSlot(slot)))) {
            return; // own memory under a grant would be freed: TablePlacementTest
        }
        world.frames.get(mfn, 0, FrameTable.NO_OWNER);
        if (world.space.mapForeign(m(slot), mfn, WRITE, world.mapped) != 0) {
            world.frames.put(mfn, 0);
        }
    }

    private static void revoke(HvmWorld world, int slot, long newMfn, Random random) {
        long entry = world.map.entry(gfnOfSlot(slot));
        if (!MapEntry.isGrant(entry)) {
            return;
        }
        long mfn = PhysicalMap.frameOf(entry);
        if (random.nextBoolean()) {
            assertThat(world.space.remove(gfnOfSlot(slot), 0, mfn, new AddressSpace.Mapped()))
                    .isZero();
        } else {
            world.pinned(newMfn, 0, READ);
            assertThat(world.space.replace(gfnOfSlot(slot), 0, mfn, newMfn, READ, new AddressSpace.Mapped()))
                    .isZero();
        }
        world.space.flush();
        world.unpin(mfn, 0, access(entry));
    }

    private static int access(long entry) {
        return PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RW ? WRITE : READ;
    }

    /** Each frame is held by its allocation and by exactly the places that name it. */
    private void assertHeldByPlaces(HvmWorld world) {
        for (long mfn : frames) {
            long places = 0;
            long writable = 0;
            for (int slot = 0; slot < SLOTS; slot++) {
                long entry = world.map.entry(gfnOfSlot(slot));
                if (entry != PhysicalMap.INVALID && PhysicalMap.frameOf(entry) == mfn) {
                    places++;
                    writable += PhysicalMap.typeOf(entry) == PhysicalMap.GRANT_RW ? 1 : 0;
                }
            }
            boolean typed = world.frames.owner(mfn) != HVM_PEER;
            world.assertHeld(mfn, 1 + places, typed ? writable : 0);
        }
    }
}
