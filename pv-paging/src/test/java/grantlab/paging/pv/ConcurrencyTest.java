package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.GUEST;
import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.entry;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.paging.AddressSpace;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** vCPUs that change the same entries, and a revocation among them, lose and invent no reference. */
@Timeout(60)
class ConcurrencyTest {
    private static final int SLOTS = 2;
    private static final int ROUNDS = 30_000;

    @Test
    void changesOfOneEntryByManyKeepTheBooks() throws Exception {
        try (PvWorld world = PvWorld.entered()) {
            long granted = world.frames.allocate(PV_PEER, 0);
            long own = world.frames.allocate(GUEST, 0);
            CyclicBarrier start = new CyclicBarrier(3);
            Thread[] threads = {
                thread(start, random -> mapAndUnmap(world, random, granted)),
                thread(start, random -> mapAndUnmap(world, random, granted)),
                thread(start, random -> updateAndRemove(world, random, granted, own)),
            };
            for (Thread thread : threads) {
                thread.join();
            }
            world.space.dispose();
            assertThat(world.frames.references(granted)).isEqualTo(1);
            assertThat(world.frames.typeUses(granted)).isZero();
            assertThat(world.frames.references(own)).isEqualTo(1);
            assertThat(world.frames.typeUses(own)).isZero();
        }
    }

    private interface Turn {
        void take(Random random);
    }

    private static Thread thread(CyclicBarrier start, Turn turn) {
        return Thread.ofPlatform().start(() -> {
            try {
                start.await();
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
            Random random = new Random(1);
            for (int round = 0; round < ROUNDS; round++) {
                turn.take(random);
            }
        });
    }

    private static void mapAndUnmap(PvWorld world, Random random, long granted) {
        AddressSpace.Mapped mapped = new AddressSpace.Mapped();
        long address = world.m(random.nextInt(SLOTS));
        world.frames.get(granted, 0, PV_PEER);
        world.frames.getType(granted, FrameTable.TYPE_WRITABLE);
        world.space.map(address, 2, granted, 0, WRITE, mapped);
        if (world.space.unmap(address, 0, 2, granted, WRITE, mapped) == 0) {
            world.space.flush();
            world.unpin(granted, WRITE);
        }
    }

    private static void updateAndRemove(PvWorld world, Random random, long granted, long own) {
        int slot = random.nextInt(SLOTS);
        world.space.update(world.m(slot), entry(own, true));
        if (world.space.remove(world.pte(slot), 0, granted, new AddressSpace.Mapped()) == 0) {
            world.space.flush();
            world.unpin(granted, WRITE);
        }
        world.space.update(world.m(slot), 0);
    }
}
