package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.table.DomainTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pinning does where a guest changed an entry in use, where a frame is gone, and where we ourselves are wrong. */
class PinningTest {
    private static final int GRANTER = 1;
    private static final int GRANTEE = 2;
    private static final int ACT = 8;
    private static final long FRAME = 0x123;
    private static final int MAP = Access.READ | Access.HOST;
    private static final int COPY_OUT = Access.READ | Access.COPY;
    private static final int COPY_IN = COPY_OUT | Access.WRITE;

    private final FrameTable frames = mock(FrameTable.class);
    private final FlatTable table = mock(FlatTable.class);
    private final PhysicalMap map = mock(PhysicalMap.class);
    private final Acts acts = new Acts();
    private final Leaf leaf = new Leaf();
    private final Pin pin = new Pin();
    private final Pinning pinning =
            new Pinning(new Ground(mock(MachineMemory.class), frames, Behaviour.XEN_4_17, () -> 0));
    private final Domain granter = new Domain(
            DomainConfig.usual(GRANTER, "pv"),
            false,
            map,
            mock(AddressSpace.class),
            new DomainTable(GRANTER, 1, 1, frames),
            new Maptrack(1, 1),
            null);

    PinningTest() {
        acts.grow(ACT + 1L);
        when(table.locate(anyLong(), anyInt(), any())).then(call -> {
            leaf.key = call.getArgument(0);
            leaf.kind = Leaf.PAGE;
            return Status.OKAY;
        });
        when(table.mark(any(), anyInt(), anyInt(), eq(true))).thenReturn(Status.OKAY);
        when(table.mark(any(), anyInt(), anyInt(), eq(false))).thenReturn(Status.OKAY);
        when(map.getFrameToGrant(anyLong())).thenReturn(FRAME);
        when(frames.get(FRAME, Page.ORDER_4K, GRANTER)).thenReturn(true);
        entry(Leaf.PAGE, 0, Page.SIZE);
    }

    private void entry(int kind, int start, int length) {
        doAnswer(call -> {
                    leaf.kind = kind;
                    leaf.windowStart = start;
                    leaf.windowLength = length;
                    return null;
                })
                .when(table)
                .read(leaf);
    }

    private int pin(int access) {
        return pinning.pin(granter, new Grants(table, acts), ACT, GRANTEE, access, leaf, pin);
    }

    /** XSA-500: the first copy that writes must find the part that readers have. */
    @ParameterizedTest
    @CsvSource({"1, 16, 32, 0", "0, 0, 4096, -1", "1, 17, 32, -1", "1, 16, 33, -1"})
    void firstWriterInsistsOnTheSamePart(int kind, int start, int length, int status) {
        entry(Leaf.WINDOW, 16, 32);
        assertThat(pin(COPY_OUT)).isEqualTo(Status.OKAY);
        entry(kind, start, length);
        assertThat(pin(COPY_IN)).isEqualTo(status);
        if (status != Status.OKAY) {
            verify(frames).put(FRAME, Page.ORDER_4K);
            verify(table).clear(ACT, Page.ORDER_4K, 0, Access.WRITE);
        }
    }

    @Test
    void firstWriterInsistsOnAWholePageWhereReadersHaveOne() {
        assertThat(pin(COPY_OUT)).isEqualTo(Status.OKAY);
        assertThat(pin(COPY_IN)).isEqualTo(Status.OKAY);
    }

    /** A use of the granter's own entry never goes on as a use through another's. */
    @Test
    void firstWriterFindsAnotherEntryThanTheHopBefore() {
        pin.frame = FRAME;
        pin.windowLength = Page.SIZE;
        acts.lock(ACT);
        acts.adoptHop(ACT, pin);
        acts.unlock(ACT, Acts.withPins(Acts.firstHop(GRANTEE), Pins.increment(COPY_OUT)));
        assertThat(pin(COPY_IN)).isEqualTo(Status.GENERAL_ERROR);
        verify(frames).put(FRAME, Page.ORDER_4K);
    }

    @Test
    void partOfAPageIsNotMapped() {
        entry(Leaf.WINDOW, 16, 32);
        assertThat(pin(COPY_OUT)).isEqualTo(Status.OKAY);
        assertThat(pin(MAP)).isEqualTo(Status.GENERAL_ERROR);
        assertThat(pin(COPY_OUT)).isEqualTo(Status.OKAY);
    }

    /** A pin is no proof that the page is alive (XSA-236). */
    @ParameterizedTest
    @CsvSource({"host, -1", "copy, -2"})
    void laterUseFindsTheFrameGone(String use, int status) {
        int access = use.equals("host") ? MAP : COPY_OUT;
        assertThat(pin(access)).isEqualTo(Status.OKAY);
        when(frames.get(FRAME, Page.ORDER_4K, GRANTER)).thenReturn(false);
        assertThat(pin(access)).isEqualTo(status);
        assertThat(Acts.pins(acts.lock(ACT))).isEqualTo(Pins.increment(access));
    }

    @ParameterizedTest
    @CsvSource({"2, 0x123, true", "3, 0x123, false", "2, 0x124, false"})
    void hopIsCountedWhereTheRecordIsTheSame(int grantee, long frame, boolean counted) {
        pin.act = ACT;
        pin.frame = FRAME;
        long word = Acts.withPins(Acts.firstHop(GRANTEE), Pins.increment(COPY_OUT));
        acts.lock(ACT);
        acts.adoptHop(ACT, pin);
        acts.unlock(ACT, word);
        pin.before = word;
        pin.frame = frame;
        assertThat(pinning.pinHop(new Grants(table, acts), grantee, COPY_OUT, pin))
                .isEqualTo(counted);
        assertThat(Acts.pins(acts.lock(ACT))).isEqualTo(Pins.increment(COPY_OUT) * (counted ? 2 : 1));
    }

    @Test
    void hopThroughAReferenceThatIsTakenBackIsNotCounted() {
        pin.act = ACT;
        pin.frame = FRAME;
        long word = Acts.withPins(Acts.firstHop(GRANTEE), Pins.increment(COPY_OUT));
        acts.lock(ACT);
        acts.adoptHop(ACT, pin);
        acts.unlock(ACT, Acts.beginRevoking(word));
        pin.before = word;
        assertThat(pinning.pinHop(new Grants(table, acts), GRANTEE, COPY_OUT, pin))
                .isFalse();
        assertThat(Acts.pins(acts.lock(ACT))).isEqualTo(Pins.increment(COPY_OUT));
    }

    @Test
    void nothingIsUnpinnedMoreOftenThanItWasPinned() {
        assertThat(pin(MAP)).isEqualTo(Status.OKAY);
        Grants grants = new Grants(table, acts);
        pinning.unpin(grants, ACT, ACT, Page.ORDER_4K, MAP);
        assertThatIllegalStateException()
                .isThrownBy(() -> pinning.unpin(grants, ACT, ACT, Page.ORDER_4K, MAP))
                .withMessageContaining("record " + ACT);
        assertThat(Acts.pins(acts.lock(ACT)))
                .as("and the record is not locked for ever")
                .isZero();
    }

    /** XSA-316. */
    @Test
    void noGuestIsToldWhatIsOursAlone() {
        assertThatIllegalStateException().isThrownBy(() -> Answers.checked(Status.RETRY));
        assertThat(Answers.checked(Status.EAGAIN)).isEqualTo(Status.EAGAIN);
    }
}
