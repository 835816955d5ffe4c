package grantlab.conformance.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads what comes over the serial line, and tells when an answer begins: a line whose first character is a digit. */
final class SerialReader {
    /** Far more than the longest script prints: a guest that never stops must not fill our memory. */
    static final int MAX_BYTES = 64 << 20;

    private static final int CHUNK = 8192;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Runnable answered;
    private boolean atLineStart = true;

    SerialReader(Runnable answered) {
        this.answered = answered;
    }

    /**
     * Reads to the end.
     *
     * @return false when there is more than any script can print
     */
    boolean readAll(InputStream in) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            bytes.write(chunk, 0, read);
            tell(chunk, read);
            if (bytes.size() > MAX_BYTES) {
                return false;
            }
        }
        return true;
    }

    private void tell(byte[] chunk, int length) {
        for (int at = 0; at < length; at++) {
            if (atLineStart && chunk[at] >= '0' && chunk[at] <= '9') {
                answered.run();
            }
            atLineStart = chunk[at] == '\n';
        }
    }

    /** All that was read. */
    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
