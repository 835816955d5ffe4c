package grantlab.hypervisor.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.quiescence.Quiescence;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Growth is all or nothing, whichever frame it is that there is no memory for. */
@Timeout(60)
class DomainTableTest {
    private static final int DOMID = 1;
    private static final int WANTED = 16;
    private static final int STATUS_FRAMES = 2;

    private final Set<Long> allocated = new TreeSet<>();
    private final FrameTable frames = mock(FrameTable.class);
    private final FlatFormat format = mock(FlatFormat.class);
    private final DomainTable table = new DomainTable(DOMID, 64, 2, frames);
    private long left;

    DomainTableTest() {
        when(frames.allocateShared(DOMID)).then(call -> allocate());
        doAnswer(call -> allocated.remove(call.<Long>getArgument(0)))
                .when(frames)
                .freeShared(anyLong());
        when(format.entriesPerFrame()).thenReturn(256);
        when(format.statusFrames(anyInt())).then(call -> (call.<Integer>getArgument(0) + 7) / 8);
        when(format.open(any())).thenReturn(mock(FlatTable.class));
    }

    private long allocate() {
        if (left == 0) {
            return FrameTable.NONE;
        }
        left--;
        long frame = 100 + left;
        allocated.add(frame);
        return frame;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, WANTED - 1, WANTED, WANTED + STATUS_FRAMES - 1})
    void growthThatEndsInTheMiddleGivesAllFramesBack(long there) {
        left = there;
        assertThat(table.grow(format, WANTED)).isFalse();
        assertThat(allocated).isEmpty();
        assertThat(table.sharedCount()).isZero();
        assertThat(table.statusCount()).isZero();
        left = WANTED + STATUS_FRAMES;
        assertThat(table.grow(format, WANTED)).isTrue();
        assertThat(allocated).hasSize(WANTED + STATUS_FRAMES);
        assertThat(table.sharedCount()).isEqualTo(WANTED);
        assertThat(table.statusCount()).isEqualTo(STATUS_FRAMES);
    }

    @Test
    void dyingTableIsHeldByWhoeverMapsAFrameOfEitherKind() {
        left = 2;
        assertThat(table.grow(format, 1)).isTrue();
        assertThat(table.framesHeldElsewhere()).isFalse();
        for (long frame : new long[] {table.sharedFrame(0), table.statusFrame(0)}) {
            when(frames.references(frame)).thenReturn(1L);
            assertThat(table.framesHeldElsewhere()).isTrue();
            when(frames.references(frame)).thenReturn(0L);
        }
        table.dispose();
        assertThat(allocated).isEmpty();
    }

    @Test
    void statusFrameThatCannotBeWithdrawnKeepsAll() {
        left = 2;
        table.grow(format, 1);
        FlatFormat without = mock(FlatFormat.class);
        AddressSpace space = mock(AddressSpace.class);
        when(space.withdrawTableFrame(anyLong())).thenReturn(-16);
        assertThat(table.withdrawStatus(without, space)).isEqualTo(-16);
        assertThat(table.statusCount()).isEqualTo(1);
        when(space.withdrawTableFrame(anyLong())).thenReturn(0);
        assertThat(table.withdrawStatus(without, space)).isZero();
        assertThat(table.statusCount()).isZero();
        assertThat(allocated).containsExactly(table.sharedFrame(0));
    }

    @Test
    void nobodyLooksWhileItIsChangedAndWhoeverWaitsSeesTheNewFormat() throws InterruptedException {
        left = 2;
        table.grow(format, 1);
        table.publish(format);
        table.unpublish(new Quiescence());
        assertThatIllegalStateException().isThrownBy(table::inForce).withMessageContaining("domain " + DOMID);
        FlatFormat[] seen = new FlatFormat[1];
        Thread waiting =
                Thread.ofPlatform().start(() -> seen[0] = table.awaitInForce().format());
        assertThat(waiting.join(Duration.ofMillis(50))).as("did not wait").isFalse();
        table.publish(format);
        waiting.join();
        assertThat(seen[0]).isSameAs(format);
        assertThat(table.inForce().format()).isSameAs(format);
    }
}
