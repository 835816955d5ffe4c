package grantlab.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which port a frame comes out of. */
class LearningSwitchTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final long C = 0x0200_0000_000cL;
    private static final long BEHIND = 0x0200_0000_1000L;
    private static final int LENGTH = 60;

    private final LearningSwitch network = new LearningSwitch();
    private final List<String> heard = new ArrayList<>();
    private final SwitchPort a = network.plug(A, (frame, length) -> heard.add("a" + length));
    private final SwitchPort b = network.plug(B, (frame, length) -> heard.add("b" + length));
    private final SwitchPort c = network.plug(C, (frame, length) -> heard.add("c" + length));

    private boolean send(SwitchPort from, long source, long destination, int length) {
        heard.clear();
        MemorySegment frame = MemorySegment.ofArray(new byte[2048]);
        for (int n = 0; n < Ethernet.ADDRESS; n++) {
            int shift = (Ethernet.ADDRESS - 1 - n) * Byte.SIZE;
            frame.set(ValueLayout.JAVA_BYTE, n, (byte) (destination >>> shift));
            frame.set(ValueLayout.JAVA_BYTE, (long) Ethernet.ADDRESS + n, (byte) (source >>> shift));
        }
        assertThat(Ethernet.destination(frame)).isEqualTo(destination);
        assertThat(Ethernet.source(frame)).isEqualTo(source);
        return from.send(frame, length);
    }

    @Test
    void configuredAddressesNeedNoLearning() {
        assertThat(send(a, A, B, LENGTH)).isTrue();
        assertThat(heard).containsExactly("b60");
        assertThat(send(b, B, A, LENGTH)).isTrue();
        assertThat(heard).containsExactly("a60");
    }

    @ParameterizedTest
    @ValueSource(longs = {Ethernet.BROADCAST, 0x0100_5e00_0001L, 0x0200_0000_9999L})
    void groupsAndTheUnknownAreEverybodyElse(long destination) {
        assertThat(send(b, B, destination, LENGTH)).isTrue();
        assertThat(heard).containsExactly("a60", "c60");
    }

    @Test
    void addressesAreLearnedAndMove() {
        send(c, C, BEHIND, LENGTH);
        assertThat(heard).containsExactly("a60", "b60");
        send(a, BEHIND, C, LENGTH);
        send(c, C, BEHIND, LENGTH);
        assertThat(heard).containsExactly("a60");
        send(b, BEHIND, C, LENGTH);
        send(c, C, BEHIND, LENGTH);
        assertThat(heard).containsExactly("b60");
        send(b, B, BEHIND, LENGTH);
        assertThat(heard).isEmpty();
    }

    /** Who says that he is somebody else gets none of his frames. */
    @Test
    void configuredAddressIsNobodyElses() {
        assertThat(send(b, A, C, LENGTH)).isFalse();
        assertThat(heard).isEmpty();
        send(c, C, A, LENGTH);
        assertThat(heard).containsExactly("a60");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 1515, 2048, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void lengthsThatNoFrameHas(int length) {
        assertThat(send(a, A, B, length)).isFalse();
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 1514})
    void lengthsThatFramesHave(int length) {
        assertThat(send(a, A, B, length)).isTrue();
        assertThat(heard).containsExactly("b" + length);
    }

    @Test
    void nobodySendsAsAGroup() {
        assertThat(send(a, Ethernet.BROADCAST, B, LENGTH)).isFalse();
        assertThat(heard).isEmpty();
    }

    /** A port that tells address after address: what was learned of others stays, and of its own the last ones. */
    @Test
    void floodOfAddressesHurtsItsOwnPortAlone() {
        send(b, BEHIND, C, LENGTH);
        for (int n = 1; n <= 10 * SwitchPort.MOST_LEARNED; n++) {
            assertThat(send(a, BEHIND + n, C, LENGTH)).isTrue();
        }
        send(c, C, BEHIND, LENGTH);
        assertThat(heard).containsExactly("b60");
        send(c, C, B, LENGTH);
        assertThat(heard).containsExactly("b60");
        for (int n = 1; n <= 10 * SwitchPort.MOST_LEARNED; n++) {
            boolean known = n > 9 * SwitchPort.MOST_LEARNED;
            send(c, C, BEHIND + n, LENGTH);
            assertThat(heard).hasSize(known ? 1 : 2);
        }
    }

    @Test
    void portsAreFinite() {
        for (int n = 3; n < LearningSwitch.MOST_PORTS; n++) {
            network.plug(BEHIND + n, (frame, length) -> {});
        }
        assertThatIllegalStateException().isThrownBy(() -> network.plug(BEHIND, (frame, length) -> {}));
        b.unplug();
        network.plug(BEHIND, (frame, length) -> heard.add("new"));
        send(a, A, BEHIND, LENGTH);
        assertThat(heard).containsExactly("new");
    }

    @Test
    void addressesThatCannotBeConfigured() {
        assertThatIllegalArgumentException().isThrownBy(() -> network.plug(A, (frame, length) -> {}));
        assertThatIllegalArgumentException().isThrownBy(() -> network.plug(Ethernet.BROADCAST, (frame, length) -> {}));
    }
}
