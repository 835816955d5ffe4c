package grantlab.hypervisor.notification;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.event.EventChannels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a ring keeps free for completions, and what it writes. */
class RingTest {
    private static final long HEADER = 5;
    private static final long DATA = 9;
    private static final int SLOT = 70;

    private Machine machine;
    private MachineMemory memory;
    private Ring ring;

    @BeforeEach
    void open() {
        machine = Machine.start(Settings.usual());
        memory = machine.memory();
        ring = new Ring(memory, new long[] {HEADER, DATA}, false, new EventChannels().open(1), 1);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private void post() {
        ring.post(V3RingEntry.UNMAPPED, SLOT, 3, 0x1234, 5, 9, 0, -2);
    }

    private void complete(long revocation) {
        ring.complete(V3RingEntry.REVOKE_DONE, SLOT, 3, revocation, 1, 0, 0, 0);
    }

    private int prod() {
        return memory.load32(Page.address(HEADER) + V3RingHeader.PROD);
    }

    private long lost() {
        return memory.load64(Page.address(HEADER) + V3RingHeader.LOST);
    }

    private void consume(int position) {
        memory.store32(Page.address(HEADER) + V3RingHeader.CONS, position);
    }

    @Test
    void anEntryHasEveryField() {
        ring.post(V3RingEntry.QUOTA_HIT, 0xabc, 0xf3, -5, 1L << 40, 9, 0x81, 0x7766554433221100L);
        long entry = Page.address(DATA);
        assertThat(memory.load64(entry)).isEqualTo(-5);
        assertThat(memory.load64(entry + 8)).isEqualTo(0xffff_ffff_00f3_0abcL);
        assertThat(memory.load64(entry + 16)).isEqualTo(0x1_8109_0007L);
        assertThat(memory.load64(entry + 24)).isEqualTo(0x7766554433221100L);
    }

    @Test
    void eventsLeaveRoomForWhatIsReserved() {
        assertThat(ring.reserve()).isTrue();
        assertThat(ring.reserve()).isTrue();
        for (int n = 0; n < ring.size(); n++) {
            post();
        }
        assertThat(prod()).isEqualTo(ring.size() - 2);
        assertThat(lost()).isEqualTo(2);
        complete(77);
        complete(78);
        assertThat(prod()).isEqualTo(ring.size());
        assertThat(lost()).isEqualTo(2);
        long last = Page.address(DATA) + (long) (ring.size() - 1) * V3RingEntry.SIZE;
        assertThat(memory.load64(last)).isEqualTo(78);
        assertThat(memory.load32(last + V3RingEntry.SEQ)).isEqualTo(ring.size());
    }

    @Test
    void whatIsFullReservesNothing() {
        for (int n = 0; n < ring.size() - 1; n++) {
            post();
        }
        assertThat(ring.reserve()).isTrue();
        assertThat(ring.reserve()).isFalse();
        assertThat(ring.hasReserved()).isTrue();
        ring.unreserve();
        assertThat(ring.hasReserved()).isFalse();
        assertThat(ring.reserve()).isTrue();
        consume(1);
        assertThat(ring.reserve()).isTrue();
        consume(ring.size() + 1);
        assertThat(ring.reserve()).as("with a cons that makes no sense").isFalse();
    }

    /** Only the owner loses by it: the completion is lost, counted, and its tree dirty. */
    @Test
    void aConsThatWasTakenBackLosesACompletion() {
        ring.reserve();
        post();
        consume(2);
        complete(77);
        assertThat(prod()).isEqualTo(1);
        assertThat(lost()).isEqualTo(1);
        assertThat(ring.hasReserved()).isFalse();
        int word = memory.load32(Page.address(HEADER) + V3RingHeader.DIRTY + SLOT / 32 * 4);
        assertThat(word).isEqualTo(1 << SLOT % 32);
    }
}
