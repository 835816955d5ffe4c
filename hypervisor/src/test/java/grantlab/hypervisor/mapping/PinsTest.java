package grantlab.hypervisor.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PinsTest {
    private static final int USES_OF_A_KIND = 128;

    static Stream<Integer> kinds() {
        return Stream.of(
                Access.READ | Access.HOST,
                Access.READ | Access.WRITE | Access.HOST,
                Access.READ | Access.DEVICE,
                Access.READ | Access.WRITE | Access.DEVICE,
                Access.READ | Access.HOST | Access.DEVICE,
                Access.READ | Access.WRITE | Access.HOST | Access.DEVICE);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void admits128UsesOfAKindAndNotOneMore(int access) {
        int increment = Pins.increment(access);
        int pins = 0;
        for (int use = 0; use < USES_OF_A_KIND; use++) {
            assertThat(Pins.saturated(pins, increment)).as("use %d", use).isFalse();
            pins += increment;
        }
        assertThat(Pins.saturated(pins, increment)).isTrue();
        assertThat(Pins.written(pins)).isEqualTo(Access.writes(access));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aFullKindLeavesRoomForTheOthers(int access) {
        int increment = Pins.increment(access);
        int full = IntStream.range(0, USES_OF_A_KIND).map(use -> increment).sum();
        kinds().map(Pins::increment)
                .filter(other -> (other & increment) == 0)
                .forEach(other -> assertThat(Pins.saturated(full, other)).isFalse());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void coversOnlyWhatWasCounted(int access) {
        int increment = Pins.increment(access);
        assertThat(Pins.covers(increment, increment)).isTrue();
        assertThat(Pins.covers(0, increment)).isFalse();
        // Another counter's uses are no uses of this one, though the word as a number is larger.
        assertThat(Pins.covers(0x7f00_0000 & ~(increment * 0xff), increment)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aCopyCountsAsAUseThroughTheCpu(int access) {
        int asCopy = (access & ~(Access.HOST | Access.DEVICE)) | Access.COPY;
        int asHost = (access & ~Access.DEVICE) | Access.HOST;
        assertThat(Pins.increment(asCopy)).isEqualTo(Pins.increment(asHost));
    }
}
