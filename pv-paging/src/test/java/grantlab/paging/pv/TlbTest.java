package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.READ;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.entry;
import static grantlab.paging.pv.PvWorld.fault;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stale entries and how they go. */
@Timeout(60)
class TlbTest {
    private PvWorld world;

    @BeforeEach
    void begin() {
        world = PvWorld.entered();
    }

    @AfterEach
    void end() {
        world.close();
    }

    /** The recording pv_tlb, with p0 granted and mapped over p6 at m6. */
    @Test
    void recordedStaleness() {
        long p0 = world.page[0];
        long p6 = world.page[6];
        world.write(world.p(0), 0x10);
        world.write(world.p(6), 0x600);
        world.space.update(world.m(6), entry(p6, true));
        assertThat(world.read(world.m(6))).isEqualTo(0x600);
        world.map(world.m(6), 2, p0, WRITE);
        assertThat(world.read(world.m(6))).as("no flush yet").isEqualTo(0x600);
        assertThat(world.space.remembers(p6)).isTrue();
        world.tlb.flush();
        assertThat(world.space.remembers(p6)).isFalse();
        assertThat(world.read(world.m(6))).isEqualTo(0x10);
        assertThat(world.space.remembers(p0)).isTrue();
        world.unmap(world.m(6), 2, p0, WRITE);
        assertThat(world.read(world.m(6))).isEqualTo(fault(14, 0));
        world.space.update(world.m(6), entry(p6, true));
        assertThat(world.read(world.m(6))).isEqualTo(0x600);
        world.map(world.m(6), 6, p0, READ);
        assertThat(world.write(world.m(6), 0x77))
                .as("by the old, writable entry")
                .isZero();
        assertThat(world.read(world.p(6))).isEqualTo(0x77);
        assertThat(world.read(world.p(0))).isEqualTo(0x10);
        world.tlb.flush();
        assertThat(world.read(world.m(6))).isEqualTo(0x10);
        assertThat(world.write(world.m(6), 0x78)).isEqualTo(fault(14, 3));
        assertThat(world.unmap(world.m(6), 6, p0, READ)).isZero();
    }

    @Test
    void flushesOfVcpusAreCounted() {
        long before = world.space.flushes();
        world.space.flush();
        world.space.flushTlbs();
        assertThat(world.space.flushes() - before).isEqualTo(2);
        world.space.detach(world.tlb);
        world.space.flush();
        assertThat(world.space.flushes() - before)
                .as("with nobody who could forget")
                .isEqualTo(2);
    }

    @Test
    void unmappedPageStaysReachableUntilTheFlush() {
        long granted = world.frames.allocate(PV_PEER, 0);
        world.map(world.m(0), 2, granted, WRITE);
        world.write(world.m(0), 3);
        world.space.unmap(world.m(0), 0, 2, granted, WRITE, world.mapped);
        assertThat(world.read(world.m(0))).isEqualTo(3);
        world.space.flush();
        assertThat(world.read(world.m(0))).isEqualTo(fault(14, 0));
    }

    @Test
    void writeWalksAnewWhenTheRememberedEntryIsReadOnly() {
        world.space.update(world.m(0), entry(world.page[0], false));
        world.read(world.m(0));
        world.map(world.m(0), 2, world.page[0], WRITE);
        assertThat(world.write(world.m(0), 9)).isZero();
        assertThat(world.read(world.p(0))).isEqualTo(9);
    }

    @Test
    void flushReachesEveryVcpu() {
        Tlb second = world.space.attach();
        long granted = world.frames.allocate(PV_PEER, 0);
        world.map(world.m(0), 2, granted, WRITE);
        world.read(world.m(0));
        world.read(second, world.m(0));
        world.space.unmap(world.m(0), 0, 2, granted, WRITE, world.mapped);
        world.space.flush();
        assertThat(world.read(world.m(0))).isEqualTo(fault(14, 0));
        assertThat(world.read(second, world.m(0))).isEqualTo(fault(14, 0));
        world.space.detach(second);
    }

    @Test
    void ownFlushLeavesOtherVcpusAlone() {
        Tlb second = world.space.attach();
        world.read(world.p(0));
        world.read(second, world.p(0));
        world.map(world.p(0), 6, world.page[1], READ);
        world.write(world.p(1), 4);
        world.tlb.flush();
        assertThat(world.read(world.p(0))).isEqualTo(4);
        assertThat(world.read(second, world.p(0))).isZero();
    }

    @Test
    void updateForgetsOnePageOnAllVcpusAndNoOther() {
        Tlb second = world.space.attach();
        world.write(world.p(2), 2);
        for (Tlb tlb : new Tlb[] {world.tlb, second}) {
            world.read(tlb, world.p(0));
            world.read(tlb, world.p(1));
        }
        world.map(world.p(1), 6, world.page[2], READ);
        world.space.update(world.p(0), entry(world.page[2], true));
        for (Tlb tlb : new Tlb[] {world.tlb, second}) {
            assertThat(world.read(tlb, world.p(0))).isEqualTo(2);
            assertThat(world.read(tlb, world.p(1))).as("still the old page").isZero();
        }
    }

    @Test
    void pageThatBecomesFreeByAMapIsForgottenFirst() {
        long granted = world.frames.allocate(PV_PEER, 0);
        world.map(world.m(0), 2, granted, WRITE);
        world.read(world.m(0));
        world.frames.releaseAllocation(granted);
        assertThat(world.frames.references(granted)).isEqualTo(1);
        world.map(world.m(0), 6, world.page[1], READ);
        assertThat(world.frames.owner(granted)).isEqualTo(FrameTable.NO_OWNER);
        world.write(world.p(1), 8);
        assertThat(world.read(world.m(0))).isEqualTo(8);
    }

    /** A load that found the old entry is under way: flush may not return before it has ended. */
    @Test
    void flushWaitsForAnAccessUnderWay() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicLong heldAddress = new AtomicLong(-1);
        MachineMemory slow = (MachineMemory) Proxy.newProxyInstance(
                MachineMemory.class.getClassLoader(),
                new Class<?>[] {MachineMemory.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("load64Acquire") && (long) arguments[0] == heldAddress.get()) {
                        inside.countDown();
                        goOn.await();
                    }
                    try {
                        return method.invoke(world.memory, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
        PvAddressSpace space = new PvAddressSpace(PvWorld.GUEST, null, slow, world.frames);
        world.space.dispose();
        world.build();
        assertThat(space.enter(world.l4)).isZero();
        Tlb tlb = space.attach();
        heldAddress.set(Page.address(world.page[0]));
        Thread vcpu = Thread.ofPlatform().start(() -> space.load(tlb, world.p(0), 8, new AddressSpace.Loaded()));
        inside.await();
        Thread flusher = Thread.ofPlatform().start(space::flush);
        assertThat(flusher.join(Duration.ofMillis(50))).as("returned").isFalse();
        goOn.countDown();
        vcpu.join();
        flusher.join();
    }

    /** Once flush has returned, nobody sees the page that was unmapped: it is poisoned then. */
    @Test
    void noLoadSeesAnUnmappedPageAfterTheFlush() throws InterruptedException {
        long poison = 0xdeadL;
        long granted = world.frames.allocate(PV_PEER, 0);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong poisoned = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        Thread[] readers = new Thread[2];
        for (int index = 0; index < readers.length; index++) {
            readers[index] = Thread.ofPlatform().start(() -> {
                Tlb tlb = world.space.attach();
                AddressSpace.Loaded loaded = new AddressSpace.Loaded();
                while (!stop.get()) {
                    if (world.space.load(tlb, world.m(0), 8, loaded) == 0) {
                        (loaded.value == poison ? poisoned : seen).incrementAndGet();
                    }
                }
            });
        }
        for (int round = 0; round < 20_000 || (seen.get() == 0 && round < 2_000_000); round++) {
            world.memory.store64Release(Page.address(granted), round & 0xff);
            world.map(world.m(0), 2, granted, WRITE);
            Thread.onSpinWait();
            world.space.unmap(world.m(0), 0, 2, granted, WRITE, world.mapped);
            world.space.flush();
            world.memory.store64Release(Page.address(granted), poison);
            world.unpin(granted, WRITE);
        }
        stop.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(seen.get()).as("loads that found the mapping").isPositive();
        assertThat(poisoned.get()).isZero();
    }
}
