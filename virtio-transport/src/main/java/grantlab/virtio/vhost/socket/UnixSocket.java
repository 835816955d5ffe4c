package grantlab.virtio.vhost.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A connected stream socket of the family AF_UNIX, over which open files can be handed to another process (unix(7), SCM_RIGHTS). One
 * thread sends and one receives at a time.
 */
public final class UnixSocket implements AutoCloseable {
    /** {@link #receive}: waits for ever. */
    public static final int FOR_EVER = -1;

    /** More files come with no message: what is beyond them the operating system closes. */
    private static final int MOST_FILES = 8;

    private static final int AF_UNIX = 1;
    private static final int STREAM = 1;
    private static final int CLOSED_ON_EXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int SHUT_RDWR = 2;
    private static final short POLLIN = 1;

    /** struct sockaddr_un. */
    private static final int ADDRESS_BYTES = 110;

    private static final int ADDRESS_PATH = 2;

    /** struct iovec. */
    private static final int IOVEC_BYTES = 16;

    private static final int IOVEC_LENGTH = 8;

    /** struct msghdr. */
    private static final int MESSAGE_BYTES = 56;

    private static final int MESSAGE_IOVEC = 16;
    private static final int MESSAGE_IOVEC_COUNT = 24;
    private static final int MESSAGE_CONTROL = 32;
    private static final int MESSAGE_CONTROL_BYTES = 40;

    /** struct cmsghdr, and the one kind that is used. */
    private static final int CONTROL_LENGTH = 0;

    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_HEAD = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    /** struct pollfd. */
    private static final int POLLED_BYTES = 8;

    private static final int POLLED_EVENTS = 4;

    private final OpenFile file;

    private UnixSocket(OpenFile file) {
        this.file = file;
    }

    /**
     * Two that are connected with each other.
     *
     * @param near to be kept
     * @param far to be handed to somebody else
     */
    public record Pair(UnixSocket near, UnixSocket far) {}

    /**
     * What came.
     *
     * @param bytes how many
     * @param files that came with them; the receiver closes them
     */
    public record Received(int bytes, List<OpenFile> files) {}

    /**
     * Connects to who listens there.
     *
     * @param path of the socket
     * @throws IOException when nobody does, with the path
     */
    public static UnixSocket connect(Path path) throws IOException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length >= ADDRESS_BYTES - ADDRESS_PATH) {
            throw new IOException(
                    path + ": a socket's path has at most " + (ADDRESS_BYTES - ADDRESS_PATH - 1) + " bytes");
        }
        OpenFile file = new OpenFile(SystemCall.socket(AF_UNIX, STREAM | CLOSED_ON_EXEC));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Long.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(MemorySegment.ofArray(name), 0, address, ADDRESS_PATH, name.length);
            SystemCall.connect(file.descriptor(), address);
            return new UnixSocket(file);
        } catch (IOException e) {
            file.close();
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Two ends.
     *
     * @throws IOException when the operating system has none left
     */
    public static Pair pair() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(JAVA_INT, 2);
            SystemCall.socketpair(AF_UNIX, STREAM | CLOSED_ON_EXEC, two);
            return new Pair(
                    of(new OpenFile(two.getAtIndex(JAVA_INT, 0))), of(new OpenFile(two.getAtIndex(JAVA_INT, 1))));
        }
    }

    /** The number of what is handed on when this end is to be another process's. */
    public int descriptor() {
        return file.descriptor();
    }

    /**
     * An end that came from another process.
     *
     * @param file closed with it
     */
    public static UnixSocket of(OpenFile file) {
        return new UnixSocket(file);
    }

    /**
     * Sends all of a message with one call, and files with it.
     *
     * @param bytes native memory
     * @param files their numbers; they stay open here too
     * @throws IOException when it cannot be sent whole
     */
    public void send(MemorySegment bytes, int... files) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = MemorySegment.NULL;
            if (files.length != 0) {
                control = control(arena, files.length);
                control.set(JAVA_LONG, CONTROL_LENGTH, CONTROL_HEAD + (long) files.length * Integer.BYTES);
                control.set(JAVA_INT, CONTROL_LEVEL, SOL_SOCKET);
                control.set(JAVA_INT, CONTROL_TYPE, SCM_RIGHTS);
                for (int n = 0; n < files.length; n++) {
                    control.set(JAVA_INT, CONTROL_HEAD + (long) n * Integer.BYTES, files[n]);
                }
            }
            long sent = SystemCall.sendmsg(file.descriptor(), message(arena, bytes, control), MSG_NOSIGNAL);
            if (sent != bytes.byteSize()) {
                throw new IOException("sendmsg: " + sent + " of " + bytes.byteSize() + " bytes were sent");
            }
        }
    }

    private static MemorySegment control(Arena arena, int files) {
        long bytes = CONTROL_HEAD + (long) files * Integer.BYTES;
        return arena.allocate(bytes + Long.BYTES - 1 & -Long.BYTES, Long.BYTES);
    }

    private static MemorySegment message(Arena arena, MemorySegment bytes, MemorySegment control) {
        MemorySegment vector = arena.allocate(IOVEC_BYTES, Long.BYTES);
        vector.set(ADDRESS, 0, bytes);
        vector.set(JAVA_LONG, IOVEC_LENGTH, bytes.byteSize());
        MemorySegment message = arena.allocate(MESSAGE_BYTES, Long.BYTES);
        message.set(ADDRESS, MESSAGE_IOVEC, vector);
        message.set(JAVA_LONG, MESSAGE_IOVEC_COUNT, 1);
        message.set(ADDRESS, MESSAGE_CONTROL, control);
        message.set(JAVA_LONG, MESSAGE_CONTROL_BYTES, control.byteSize());
        return message;
    }

    /**
     * Receives until a segment is full.
     *
     * @param into native memory
     * @param milliseconds how long to wait for each part, or {@link #FOR_EVER}
     * @return the files that came
     * @throws EOFException when the other end closed before
     * @throws SocketTimeoutException when nothing came in time
     */
    public List<OpenFile> receive(MemorySegment into, int milliseconds) throws IOException {
        List<OpenFile> files = new ArrayList<>();
        try {
            long done = 0;
            while (done < into.byteSize()) {
                Received part = receivePart(into.asSlice(done), milliseconds);
                files.addAll(part.files());
                if (part.bytes() == 0) {
                    throw new EOFException("the other end closed the socket"
                            + (done == 0 ? "" : " after " + done + " of " + into.byteSize() + " bytes"));
                }
                done += part.bytes();
            }
            return files;
        } catch (IOException | RuntimeException e) {
            files.forEach(OpenFile::close);
            throw e;
        }
    }

    private Received receivePart(MemorySegment into, int milliseconds) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(POLLED_BYTES, Long.BYTES);
            polled.set(JAVA_INT, 0, file.descriptor());
            polled.set(JAVA_SHORT, POLLED_EVENTS, POLLIN);
            if (SystemCall.poll(polled, milliseconds) == 0) {
                throw new SocketTimeoutException("nothing came within " + milliseconds + " ms");
            }
            MemorySegment control = control(arena, MOST_FILES);
            MemorySegment message = message(arena, into, control);
            int bytes = (int) SystemCall.recvmsg(file.descriptor(), message, MSG_CMSG_CLOEXEC);
            return new Received(bytes, files(control, message.get(JAVA_LONG, MESSAGE_CONTROL_BYTES)));
        }
    }

    /** All files are in one element: there is no second kind that was asked for. */
    private static List<OpenFile> files(MemorySegment control, long bytes) {
        List<OpenFile> files = new ArrayList<>();
        boolean rights = bytes >= CONTROL_HEAD
                && control.get(JAVA_INT, CONTROL_LEVEL) == SOL_SOCKET
                && control.get(JAVA_INT, CONTROL_TYPE) == SCM_RIGHTS;
        long end = rights ? Math.min(bytes, control.get(JAVA_LONG, CONTROL_LENGTH)) : 0;
        for (long at = CONTROL_HEAD; at + Integer.BYTES <= end; at += Integer.BYTES) {
            files.add(new OpenFile(control.get(JAVA_INT, at)));
        }
        return files;
    }

    /** Ends the conversation: whoever waits at either end hears of it. The number stays taken until {@link #close}. */
    public void shutdown() {
        try {
            SystemCall.shutdown(file.descriptor(), SHUT_RDWR);
        } catch (IOException e) {
            // The other end was gone before.
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
