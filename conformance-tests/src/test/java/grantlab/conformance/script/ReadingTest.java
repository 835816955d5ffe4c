package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadingTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "42, 42",
        "0x2a, 42",
        "-1, -1",
        "-0x10, -16",
        "18446744073709551615, -1",
        "0xffffffffffffffff, -1",
        "0x1ffffffffffffffff, -1",
        "12abc, 12",
        "0x1F, 1",
        "p3, 0",
    })
    void shouldReadNumbersAsFarAsTheyGo(String text, long value) {
        assertThat(new Reading(text).number()).isEqualTo(value);
    }

    @Test
    void shouldLeaveWhatFollowsANumber() {
        Reading reading = new Reading("16+8");

        assertThat(reading.number()).isEqualTo(16);
        assertThat(reading.skip("+")).isTrue();
        assertThat(reading.number()).isEqualTo(8);
        assertThat(reading.atEnd()).isTrue();
    }
}
