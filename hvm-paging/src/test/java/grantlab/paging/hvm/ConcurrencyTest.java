package grantlab.paging.hvm;

import static grantlab.paging.hvm.HvmWorld.PV_PEER;
import static grantlab.paging.hvm.HvmWorld.WRITE;
import static grantlab.paging.hvm.HvmWorld.gfnOfSlot;
import static grantlab.paging.hvm.HvmWorld.m;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** vCPUs that change and use the same places. */
@Timeout(60)
class ConcurrencyTest {
    private static final int ROUNDS = 30_000;

    private final HvmWorld world = new HvmWorld();

    @AfterEach
    void end() {
        world.close();
    }

    /** Both want one slot: one gets it, the other would be crashed, and nobody's reference is lost. */
    @Test
    void twoMappingsOfOnePlaceExcludeEachOther() throws Exception {
        long granted = world.granted(PV_PEER);
        AtomicLong inPlace = new AtomicLong();
        CyclicBarrier start = new CyclicBarrier(3);
        Thread[] threads = new Thread[2];
        for (int index = 0; index < threads.length; index++) {
            threads[index] = Thread.ofPlatform().start(() -> {
                await(start);
                for (int round = 0; round < ROUNDS; round++) {
                    mapAndUnmap(granted, inPlace);
                }
            });
        }
        await(start);
        for (int round = 0; round < ROUNDS; round++) {
            if (world.space.remove(gfnOfSlot(0), 0, granted, new AddressSpace.Mapped()) == 0) {
                inPlace.decrementAndGet();
                world.space.flush();
                world.unpin(granted, 0, WRITE);
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(inPlace.get()).isZero();
        world.space.dispose();
        world.assertHeld(granted, 1, 0);
    }

    private void mapAndUnmap(long granted, AtomicLong inPlace) {
        AddressSpace.Mapped mapped = new AddressSpace.Mapped();
        world.frames.get(granted, 0, PV_PEER);
        world.frames.getType(granted, FrameTable.TYPE_WRITABLE);
        int status = world.space.map(m(0), 2, granted, 0, WRITE, mapped);
        if (status == Status.OKAY) {
            inPlace.incrementAndGet();
        } else {
            world.unpin(granted, 0, WRITE);
        }
        if (world.space.unmap(m(0), 0, 2, granted, WRITE, mapped) == Status.OKAY) {
            inPlace.decrementAndGet();
            world.space.flush();
            world.unpin(granted, 0, WRITE);
        }
    }

    /** While one vCPU has looked at a place and not yet changed it, another waits: it sees what the first one left. */
    @Test
    void lookingAndChangingAreOneStep() throws Exception {
        long granted = world.granted(PV_PEER);
        assertThat(secondOf("set", space -> mapInto(space, granted))).isEqualTo(Status.CRASH_CALLER);
        assertThat(secondOf("clear", space -> space.unmap(m(0), 0, 2, granted, WRITE, new AddressSpace.Mapped())))
                .isEqualTo(Status.GENERAL_ERROR);
    }

    private interface Call {
        int on(HvmAddressSpace space);
    }

    /** Makes a call twice, the second time from within the first one's change of the map. */
    private int secondOf(String change, Call call) throws InterruptedException {
        AtomicReference<HvmAddressSpace> space = new AtomicReference<>();
        AtomicReference<Thread> second = new AtomicReference<>();
        AtomicInteger answer = new AtomicInteger();
        PhysicalMap map = (PhysicalMap) Proxy.newProxyInstance(
                PhysicalMap.class.getClassLoader(), new Class<?>[] {PhysicalMap.class}, (self, method, arguments) -> {
                    if (method.getName().equals(change) && second.get() == null) {
                        second.set(Thread.ofPlatform().start(() -> answer.set(call.on(space.get()))));
                        assertThat(second.get().join(Duration.ofMillis(50)))
                                .as("finished")
                                .isFalse();
                    }
                    return method.invoke(world.map, arguments);
                });
        space.set(new HvmAddressSpace(HvmWorld.GUEST, map, world.memory, world.frames));
        assertThat(call.on(space.get())).isZero();
        second.get().join();
        return answer.get();
    }

    private int mapInto(HvmAddressSpace space, long granted) {
        return space.map(m(0), 2, granted, 0, WRITE, new AddressSpace.Mapped());
    }

    /** A load that found the old entry is under way: flush may not return before it has ended. */
    @Test
    void flushWaitsForAnAccessUnderWay() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        MachineMemory slow = (MachineMemory) Proxy.newProxyInstance(
                MachineMemory.class.getClassLoader(),
                new Class<?>[] {MachineMemory.class},
                (self, method, arguments) -> {
                    inside.countDown();
                    goOn.await();
                    return method.invoke(world.memory, arguments);
                });
        HvmAddressSpace space = new HvmAddressSpace(HvmWorld.GUEST, world.map, slow, world.frames);
        Tlb tlb = space.attach();
        Thread vcpu = Thread.ofPlatform().start(() -> space.load(tlb, HvmWorld.p(0), 8, new AddressSpace.Loaded()));
        inside.await();
        Thread flusher = Thread.ofPlatform().start(space::flush);
        assertThat(flusher.join(Duration.ofMillis(50))).as("returned").isFalse();
        goOn.countDown();
        vcpu.join();
        flusher.join();
    }

    /** Once flush has returned, nobody sees the page that was unmapped: it is poisoned then. */
    @Test
    void noLoadSeesAnUnmappedPageAfterTheFlush() throws Exception {
        long poison = 0xdeadL;
        long granted = world.granted(PV_PEER);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong poisoned = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        Thread reader = Thread.ofPlatform().start(() -> {
            Tlb tlb = world.space.attach();
            AddressSpace.Loaded loaded = new AddressSpace.Loaded();
            while (!stop.get()) {
                world.space.load(tlb, m(0), 8, loaded);
                if (loaded.value == poison) {
                    poisoned.incrementAndGet();
                } else if (loaded.value != HvmWorld.ONES) {
                    seen.incrementAndGet();
                }
            }
        });
        for (int round = 0; round < ROUNDS || (seen.get() == 0 && round < 100 * ROUNDS); round++) {
            world.memory.store64Release(Page.address(granted), round & 0xff);
            world.map(m(0), granted, WRITE);
            Thread.onSpinWait();
            world.space.unmap(m(0), 0, 2, granted, WRITE, world.mapped);
            world.space.flush();
            world.memory.store64Release(Page.address(granted), poison);
            world.unpin(granted, 0, WRITE);
        }
        stop.set(true);
        reader.join();
        assertThat(seen.get()).as("loads that found the mapping").isPositive();
        assertThat(poisoned.get()).isZero();
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }
}
