package grantlab.virtio.vhost.socket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A counter that another process can wait for (eventfd(2)). Any thread. */
public final class EventFile implements AutoCloseable {
    private static final int NONBLOCK = 0x800;
    private static final int CLOSED_ON_EXEC = 0x80000;

    private final OpenFile file;

    private EventFile(OpenFile file) {
        this.file = file;
    }

    /**
     * A counter at zero.
     *
     * @throws IOException when the operating system has none left
     */
    public static EventFile create() throws IOException {
        return new EventFile(new OpenFile(SystemCall.eventfd(NONBLOCK | CLOSED_ON_EXEC)));
    }

    /** The number of what is handed on. */
    public int descriptor() {
        return file.descriptor();
    }

    /** Counts one up: whoever waits wakes. */
    public void signal() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(ValueLayout.JAVA_LONG);
            one.set(ValueLayout.JAVA_LONG, 0, 1);
            SystemCall.write(file.descriptor(), one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
