package grantlab.virtio.vhost.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Bytes and open files from one end to the other. */
@EnabledOnOs(OS.LINUX)
class UnixSocketTest {
    private UnixSocket near;
    private UnixSocket far;

    @BeforeEach
    void connect() throws IOException {
        UnixSocket.Pair pair = UnixSocket.pair();
        near = pair.near();
        far = pair.far();
    }

    @AfterEach
    void close() {
        near.close();
        far.close();
    }

    private static MemorySegment bytes(int length) {
        MemorySegment bytes = Arena.ofAuto().allocate(length, Long.BYTES);
        for (int n = 0; n < length; n++) {
            bytes.set(ValueLayout.JAVA_BYTE, n, (byte) (n * 7));
        }
        return bytes;
    }

    @Test
    void aMessageArrivesInParts() throws IOException {
        near.send(bytes(20).asSlice(0, 8));
        near.send(bytes(20).asSlice(8, 12));
        MemorySegment into = Arena.ofAuto().allocate(20);
        assertThat(far.receive(into, UnixSocket.FOR_EVER)).isEmpty();
        assertThat(into.mismatch(bytes(20))).isEqualTo(-1);
    }

    /** Both ends have the same file: what one writes into it the other one reads. */
    @Test
    void filesComeWithAMessage() throws IOException {
        EventFile event = EventFile.create();
        UnixSocket.Pair another = UnixSocket.pair();
        near.send(bytes(4), event.descriptor(), another.far().descriptor());
        List<OpenFile> files = far.receive(Arena.ofAuto().allocate(4), UnixSocket.FOR_EVER);

        assertThat(files).hasSize(2);
        assertThat(Files.readSymbolicLink(files.get(0).path()).toString()).contains("eventfd");
        assertThat(files.get(0).descriptor()).isNotEqualTo(event.descriptor());
        try (UnixSocket came = UnixSocket.of(files.get(1))) {
            another.far().close();
            came.send(bytes(3));
            MemorySegment into = Arena.ofAuto().allocate(3);
            another.near().receive(into, UnixSocket.FOR_EVER);
            assertThat(into.mismatch(bytes(3))).isEqualTo(-1);
        }
        another.near().close();
        files.get(0).close();
        event.close();
    }

    @Test
    void theEndOfTheOtherOneIsToldApartFromHalfAMessage() throws IOException {
        near.send(bytes(5));
        near.close();
        assertThatThrownBy(() -> far.receive(Arena.ofAuto().allocate(12), UnixSocket.FOR_EVER))
                .isInstanceOf(EOFException.class)
                .hasMessageEndingWith("after 5 of 12 bytes");
        assertThatThrownBy(() -> far.receive(Arena.ofAuto().allocate(12), UnixSocket.FOR_EVER))
                .isInstanceOf(EOFException.class)
                .hasMessageEndingWith("closed the socket");
    }

    @Test
    void whoWaitsForNothingIsToldSo() {
        assertThatThrownBy(() -> far.receive(Arena.ofAuto().allocate(1), 1)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void aShutdownEndsTheWaitOfTheSameEnd() throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                near.receive(Arena.ofAuto().allocate(1), UnixSocket.FOR_EVER);
            } catch (IOException e) {
                thrown[0] = e;
            }
        });
        near.shutdown();
        waiting.join();
        assertThat(thrown[0]).isInstanceOf(EOFException.class);
    }

    @Test
    void aSendToNobodyIsAnErrorAndNoSignal() {
        far.close();
        assertThatThrownBy(() -> near.send(bytes(1)))
                .isInstanceOf(IOException.class)
                .hasMessage("sendmsg: Broken pipe");
    }

    @Test
    void aPathThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> UnixSocket.connect(Path.of("/" + "x".repeat(108))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 107 bytes");
    }
}
