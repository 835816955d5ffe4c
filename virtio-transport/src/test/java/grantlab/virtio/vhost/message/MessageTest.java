package grantlab.virtio.vhost.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of messages, written out by hand from the tables of QEMU's vhost-user.rst, for a little-endian machine. */
class MessageTest {
    static Stream<Arguments> payloads() {
        return Stream.of(
                Arguments.of(new Nothing(), ""),
                Arguments.of(new Word(0x0102030405060708L), "0807060504030201"),
                Arguments.of(new VringState(1, 0x100), "0100000000010000"),
                Arguments.of(
                        new VringAddress(1, 0x1000, 0x3000, 0x2000),
                        "01000000 00000000 0010000000000000 0030000000000000 0020000000000000 0000000000000000"),
                Arguments.of(
                        new MemoryTable(List.of(
                                new MemoryTable.Region(0, 0x2000, 0x10, 0),
                                new MemoryTable.Region(0x4000, 0x1000, 0x50, 0x2000))),
                        "02000000 00000000"
                                + "0000000000000000 0020000000000000 1000000000000000 0000000000000000"
                                + "0040000000000000 0010000000000000 5000000000000000 0020000000000000"),
                Arguments.of(
                        IotlbMessage.update(0x1000, 0x2000, 0x3000, 3),
                        "0010000000000000 0020000000000000 0030000000000000 03 02 000000000000"),
                Arguments.of(
                        IotlbMessage.invalidate(0x1000, 0x2000),
                        "0010000000000000 0020000000000000 0000000000000000 00 03 000000000000"));
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void aPayloadHasTheBytesOfTheSpecification(Payload payload, String hex) {
        byte[] bytes = new byte[payload.size()];
        payload.write(MemorySegment.ofArray(bytes));
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(hex.replace(" ", ""));
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(Word.read(written(new Word(-5)))).isEqualTo(new Word(-5));
        assertThat(VringState.read(written(new VringState(7, -1)))).isEqualTo(new VringState(7, -1));
        VringAddress address = new VringAddress(1, 2, 3, 4);
        assertThat(VringAddress.read(written(address))).isEqualTo(address);
        MemoryTable table = new MemoryTable(List.of(new MemoryTable.Region(1, 2, 3, 4)));
        assertThat(MemoryTable.read(written(table))).isEqualTo(table);
        IotlbMessage miss = new IotlbMessage(-1L, 0, 0, 3, IotlbMessage.MISS);
        assertThat(IotlbMessage.read(written(miss))).isEqualTo(miss);
    }

    private static MemorySegment written(Payload payload) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[payload.size()]);
        payload.write(bytes);
        return bytes;
    }

    @Test
    void aHeadHasThreeWords() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Header.SIZE]);
        new Header(22, Header.VERSION | Header.NEED_REPLY, 32).write(bytes);
        assertThat(HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE)))
                .isEqualTo("160000000900000020000000");
        assertThat(Header.read(bytes)).isEqualTo(new Header(22, 9, 32));
    }

    @ParameterizedTest
    @CsvSource({
        "22, 5, 8, ''",
        "22, 13, 8, ''",
        "22, 6, 8, 'version 2 of the protocol'",
        "22, 1, 8, 'a request where an answer was due'",
        "21, 5, 8, 'number 21 instead of 22'",
        "22, 5, -1, '4294967295 bytes instead of 8'"
    })
    void aHeadThatIsNoAnswerSaysWhy(int number, int flags, int size, String fault) {
        assertThat(new Header(number, flags, size).fault(22, true, 8)).isEqualTo(fault);
    }

    @Test
    void aTableHasOneToEightRegions() {
        MemoryTable.Region region = new MemoryTable.Region(0, 0, 0, 0);
        assertThatThrownBy(() -> new MemoryTable(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MemoryTable(Collections.nCopies(9, region)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
