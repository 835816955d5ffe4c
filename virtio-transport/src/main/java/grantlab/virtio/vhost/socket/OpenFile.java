package grantlab.virtio.vhost.socket;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file that this process has open, by its number. Closed once, whoever closes it how often. Any thread. */
public final class OpenFile implements AutoCloseable {
    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Takes a number over.
     *
     * @param descriptor of a file that nobody else closes
     */
    public OpenFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Its number.
     *
     * @return what system calls know it by; somebody else's once it is closed
     */
    public int descriptor() {
        return descriptor;
    }

    /**
     * By what java.nio opens it once more.
     *
     * @return good until it is closed
     */
    public Path path() {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            SystemCall.close(descriptor);
        }
    }
}
