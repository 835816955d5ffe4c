package grantlab.paging.pv;

import static grantlab.paging.pv.PvWorld.GUEST;
import static grantlab.paging.pv.PvWorld.PV_PEER;
import static grantlab.paging.pv.PvWorld.READ;
import static grantlab.paging.pv.PvWorld.WRITE;
import static grantlab.paging.pv.PvWorld.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.paging.AddressSpace;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another vCPU changes an entry between the look at it and the exchange: what was there last is what counts. */
class RaceTest {
    private static final long AVAILABLE_BIT = 1 << 9;

    private final PvWorld world = new PvWorld();
    private Runnable beforeExchange = RaceTest::nothing;
    private PvAddressSpace space;
    private AddressSpace.Mapped mapped;
    private long granted;

    @BeforeEach
    void begin() {
        MachineMemory contended = (MachineMemory) Proxy.newProxyInstance(
                MachineMemory.class.getClassLoader(),
                new Class<?>[] {MachineMemory.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("compareAndExchange64")) {
                        Runnable once = beforeExchange;
                        beforeExchange = RaceTest::nothing;
                        once.run();
                    }
                    try {
                        return method.invoke(world.memory, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
        space = new PvAddressSpace(GUEST, null, contended, world.frames);
        mapped = new AddressSpace.Mapped();
        assertThat(space.enter(world.l4)).isZero();
        granted = world.frames.allocate(PV_PEER, 0);
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void mapDisplacesWhatStoodThereLast() {
        space.update(world.m(0), entry(world.page[0], true));
        beforeExchange = () -> space.update(world.m(0), entry(world.page[1], true));
        map(WRITE);
        assertThat(mapped.displacedMfn).isEqualTo(world.page[1]);
        assertThat(world.frames.references(world.page[0])).isEqualTo(2);
        assertThat(world.frames.references(world.page[1])).isEqualTo(2);
    }

    /** What unmap puts in place of a mapping is what it took from the other address. */
    @Test
    void replacementIsWhatStoodAtTheOtherAddressLast() {
        map(WRITE);
        space.update(world.m(1), entry(world.page[0], true));
        beforeExchange = () -> space.update(world.m(1), entry(world.page[1], true));
        assertThat(space.unmap(world.m(0), world.m(1), 2, granted, WRITE, mapped))
                .isZero();
        assertThat(world.frame(0)).isEqualTo(world.page[1]);
        assertThat(world.memory.load64(world.pte(1))).isZero();
        assertThat(world.frames.references(world.page[0])).isEqualTo(2);
        assertThat(world.frames.references(world.page[1])).isEqualTo(3);
    }

    @Test
    void revocationTakesOutAnEntryWhoseHarmlessBitsChange() {
        map(WRITE);
        beforeExchange = () -> setBits(AVAILABLE_BIT);
        assertThat(space.remove(mapped.place, 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.OKAY);
        assertThat(world.memory.load64(world.pte(0))).isZero();
    }

    @Test
    void revocationLeavesAnEntryThatBecomesAnothers() {
        map(WRITE);
        beforeExchange = () -> space.update(world.m(0), entry(world.page[1], true));
        assertThat(space.remove(mapped.place, 0, granted, new AddressSpace.Mapped()))
                .isEqualTo(Status.GONE);
        assertThat(world.frame(0)).isEqualTo(world.page[1]);
    }

    @Test
    void harmlessUpdateOverwritesOtherHarmlessBits() {
        map(READ);
        long references = world.frames.references(granted);
        beforeExchange = () -> setBits(AVAILABLE_BIT << 1);
        assertThat(space.update(world.m(0), entry(granted, false) | AVAILABLE_BIT))
                .isZero();
        assertThat(world.bits(0)).isEqualTo(0x305);
        assertThat(world.frames.references(granted)).isEqualTo(references);
    }

    @Test
    void updateIsHarmlessNoMoreWhenTheFrameChanges() {
        space.update(world.m(0), entry(world.page[0], false));
        beforeExchange = () -> space.update(world.m(0), entry(world.page[1], false));
        assertThat(space.update(world.m(0), entry(world.page[0], false) | AVAILABLE_BIT))
                .isZero();
        assertThat(world.frame(0)).isEqualTo(world.page[0]);
        assertThat(world.frames.references(world.page[0])).isEqualTo(3);
        assertThat(world.frames.references(world.page[1])).isEqualTo(2);
    }

    @Test
    void deathLeavesToRevocationWhatThatTookOut() {
        map(WRITE);
        for (int index = 0; index < PvWorld.PAGES; index++) {
            space.update(world.p(index), 0);
        }
        beforeExchange = () -> {
            assertThat(world.memory.compareAndExchange64(world.pte(0), world.memory.load64(world.pte(0)), 0))
                    .isNotZero();
            world.unpin(granted, WRITE);
        };
        space.dispose();
        assertThat(world.frames.references(granted)).isEqualTo(1);
        assertThat(world.frames.typeUses(granted)).isZero();
        assertThat(world.frames.type(world.l1)).isEqualTo(FrameTable.TYPE_NONE);
    }

    /** The machine's own frames have no owner whose kind could be asked. */
    @Test
    void frameOfNobodyHoldsNoType() {
        FrameTable frames = mock(FrameTable.class);
        when(frames.owner(granted)).thenReturn(FrameTable.NO_OWNER);
        new PageReferences(GUEST, world.memory, frames).drop(entry(granted, true));
        verify(frames).put(granted, 0);
        verify(frames, never()).putType(granted);
        verify(frames, never()).typed(FrameTable.NO_OWNER);
    }

    private void map(int access) {
        world.pinned(granted, access);
        int flags = access == READ ? 6 : 2;
        assertThat(space.map(world.m(0), flags, granted, 0, access, mapped)).isZero();
    }

    private static void nothing() {}

    private void setBits(long bits) {
        world.memory.store64(world.pte(0), world.memory.load64(world.pte(0)) | bits);
    }
}
