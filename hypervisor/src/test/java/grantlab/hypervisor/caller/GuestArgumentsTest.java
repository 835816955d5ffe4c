package grantlab.hypervisor.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.paging.AddressSpace;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** The seam between the engine and guest memory: what is asked of it, in which order, and how often. */
class GuestArgumentsTest {
    private static final long GUEST = 0x4000_0000L;
    private static final long MACHINE = 0x7000L;

    private final AddressSpace space = mock(AddressSpace.class);
    private final MachineMemory memory = mock(MachineMemory.class);
    private final FrameTable frames = mock(FrameTable.class);
    private final GuestArguments arguments = new GuestArguments(space, memory, frames);

    @BeforeEach
    void oneFrame() {
        when(space.argument(anyLong(), anyBoolean())).thenAnswer(call -> {
            long address = call.getArgument(0);
            return address >= GUEST && address < GUEST + 4096 ? MACHINE + address - GUEST : AddressSpace.NO_ARGUMENT;
        });
        when(frames.get(anyLong(), anyInt(), anyInt())).thenReturn(true);
        when(space.argumentChanges()).thenReturn(null);
        when(memory.load8(anyLong())).thenAnswer(call -> (byte) (long) call.getArgument(0));
    }

    @Test
    void everyWordOfAnAlignedStructIsReadExactlyOnce() {
        assertThat(arguments.read(GUEST + 16, 32)).isTrue();
        verify(memory, times(1)).load64s(eq(MACHINE + 16), any(), eq(4));
        verify(memory, never()).load64(anyLong());
        verify(memory, never()).load8(anyLong());
    }

    @Test
    void everyByteOfAnUnalignedStructIsReadExactlyOnce() {
        assertThat(arguments.read(GUEST + 3, 24)).isTrue();
        for (int at = 0; at < 24; at++) {
            verify(memory, times(1)).load8(MACHINE + 3 + at);
        }
        assertThat(arguments.u16(0)).isEqualTo(0x0403);
    }

    /** The translation is asked for again once the frame cannot go away any more. */
    @Test
    void theFrameIsHeldBeforeItIsTouched() {
        assertThat(arguments.read(GUEST, 8)).isTrue();
        InOrder order = inOrder(space, frames, memory);
        order.verify(space).argument(GUEST, true);
        order.verify(frames).get(MACHINE >>> 12, 0, FrameTable.NO_OWNER);
        order.verify(space).argument(GUEST, true);
        order.verify(memory).load64s(eq(MACHINE), any(), eq(1));
        verify(frames, never()).put(anyLong(), anyInt());
    }

    /** Where changes are counted, the count is asked instead: before the translation, and when the frame is held. */
    @Test
    void aPageIsWalkedToOnceWhileNothingChanges() {
        Changes changes = new Changes();
        when(space.argumentChanges()).thenReturn(changes);
        GuestArguments counting = new GuestArguments(space, memory, frames);
        assertThat(counting.read(GUEST, 8)).isTrue();
        assertThat(counting.write16(GUEST + 2, 5)).isTrue();
        assertThat(counting.read(GUEST + 8, 8)).isTrue();
        verify(space, times(1)).argument(anyLong(), anyBoolean());
        changes.add();
        assertThat(counting.read(GUEST + 16, 8)).isTrue();
        verify(space, times(2)).argument(anyLong(), anyBoolean());
    }

    @Test
    void aChangeWhileTheFrameIsTakenIsSeen() {
        Changes changes = new Changes();
        when(space.argumentChanges()).thenReturn(changes);
        when(frames.get(anyLong(), anyInt(), anyInt())).thenAnswer(call -> {
            changes.add();
            return true;
        });
        assertThat(new GuestArguments(space, memory, frames).read(GUEST, 8)).isTrue();
        verify(space, times(2)).argument(GUEST, true);
    }

    @Test
    void whatMayNotBeWrittenMayBeRead() {
        when(space.argument(anyLong(), eq(true))).thenReturn(AddressSpace.NO_ARGUMENT);
        assertThat(arguments.read(GUEST, 8)).isTrue();
        assertThat(arguments.write16(GUEST + 2, 5)).isFalse();
    }

    @Test
    void theReferenceIsDroppedOnceAtTheEnd() {
        assertThat(arguments.read(GUEST, 8)).isTrue();
        assertThat(arguments.write16(GUEST + 2, 5)).isTrue();
        arguments.release();
        arguments.release();
        verify(frames, times(1)).get(anyLong(), anyInt(), anyInt());
        verify(frames, times(1)).put(MACHINE >>> 12, 0);
    }

    @Test
    void aFrameThatIsGoneIsNoArgument() {
        when(frames.get(anyLong(), anyInt(), anyInt())).thenReturn(false);
        assertThat(arguments.read(GUEST, 8)).isFalse();
        verify(memory, never()).load64s(anyLong(), any(), anyInt());
    }

    @Test
    void aMapThatNeverAgreesWithItselfIsGivenUp() {
        AtomicLong answers = new AtomicLong();
        when(space.argument(eq(GUEST), anyBoolean())).thenAnswer(call -> answers.incrementAndGet() << 12);
        assertThat(arguments.read(GUEST, 8)).isFalse();
        verify(memory, never()).load64s(anyLong(), any(), anyInt());
        assertThat(answers).hasValueLessThanOrEqualTo(16);
    }

    @Test
    void aStructThatRunsOutOfTheGuestIsRefused() {
        assertThat(arguments.read(GUEST + 4092, 8)).isFalse();
        assertThat(arguments.write64(GUEST + 4092, 1)).isFalse();
    }

    @Test
    void aDiscardedWriteIsNoError() {
        when(space.argument(anyLong(), eq(true))).thenReturn(AddressSpace.DISCARDED);
        assertThat(arguments.write32(GUEST, 7)).isTrue();
        verify(memory, never()).store32(anyLong(), anyInt());
    }
}
