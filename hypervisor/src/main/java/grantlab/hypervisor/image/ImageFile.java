package grantlab.hypervisor.image;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The frame of an image, big endian:
 *
 * <pre>
 *   8  "GNTIMAGE"
 *   4  version: 1
 *   n  the domain ({@link DomainSaver})
 *   4  CRC-32C of everything before
 * </pre>
 *
 * A file appears whole or not at all, and is read only after the whole of it was checked.
 */
final class ImageFile {
    private static final byte[] MAGIC = {'G', 'N', 'T', 'I', 'M', 'A', 'G', 'E'};
    private static final int VERSION = 1;
    private static final int LEAST = MAGIC.length + Integer.BYTES + Integer.BYTES;
    private static final int CHUNK = 1 << 16;

    private final Path path;

    ImageFile(Path path) {
        this.path = path;
    }

    /** Writes the domain. */
    @FunctionalInterface
    interface Body {
        /** Writes it. */
        void write(DataOutputStream out) throws IOException;
    }

    /** Reads the domain. */
    @FunctionalInterface
    interface Reader<T> {
        /** Reads it. */
        T read(DataInputStream in) throws IOException;
    }

    void write(Body body) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".part");
        try {
            CRC32C sum = new CRC32C();
            try (DataOutputStream out = new DataOutputStream(
                    new CheckedOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh), CHUNK), sum))) {
                out.write(MAGIC);
                out.writeInt(VERSION);
                body.write(out);
                out.writeInt((int) sum.getValue());
            }
            Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    <T> T read(Reader<T> reader) throws IOException {
        check();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), CHUNK))) {
            in.skipNBytes(MAGIC.length + Integer.BYTES);
            return reader.read(in);
        } catch (EOFException | UTFDataFormatException e) {
            throw new ImageException(path + " is no whole domain: it ends too early, or is not what it says");
        }
    }

    private void check() throws IOException {
        long size = Files.size(path);
        if (size < LEAST) {
            throw new ImageException(path + " is no image of a domain: it has " + size + " bytes");
        }
        CRC32C sum = new CRC32C();
        try (InputStream file = new BufferedInputStream(Files.newInputStream(path), CHUNK)) {
            DataInputStream in = new DataInputStream(new CheckedInputStream(file, sum));
            checkHead(in);
            byte[] chunk = new byte[CHUNK];
            long left = size - LEAST;
            while (left > 0) {
                int count = in.read(chunk, 0, (int) Math.min(left, CHUNK));
                if (count < 0) {
                    throw new ImageException(path + " was cut while it was read");
                }
                left -= count;
            }
            long expected = ByteBuffer.wrap(file.readNBytes(Integer.BYTES)).getInt() & 0xffff_ffffL;
            if (sum.getValue() != expected) {
                throw new ImageException(path + " is cut or was changed: its checksum is not that of its contents");
            }
        }
    }

    private void checkHead(DataInputStream in) throws IOException {
        for (byte expected : MAGIC) {
            if (in.readByte() != expected) {
                throw new ImageException(path + " is no image of a domain: it begins with something else");
            }
        }
        int version = in.readInt();
        if (version != VERSION) {
            throw new ImageException(path + " has version " + version + " of the format, this is version " + VERSION);
        }
    }
}
