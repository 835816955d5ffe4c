package grantlab.virtio.vhost;

import grantlab.api.Access;
import grantlab.virtio.vhost.message.Header;
import grantlab.virtio.vhost.message.IotlbMessage;
import grantlab.virtio.vhost.socket.OpenFile;
import grantlab.virtio.vhost.socket.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/**
 * Receives what a backend asks of its own: misses of its IOTLB. Its thread takes no lock and waits for nothing else: a backend that cannot
 * send a miss stands still with its rings locked, and would not forget anything.
 */
final class BackendRequests {
    private static final int MOST_ACCESS = Access.READ | Access.WRITE;

    private final UnixSocket socket;
    private final Consumer<IotlbMessage> misses;
    private final Consumer<BackendException> failed;

    BackendRequests(UnixSocket socket, Consumer<IotlbMessage> misses, Consumer<BackendException> failed) {
        this.socket = socket;
        this.misses = misses;
        this.failed = failed;
    }

    /** Until the backend is gone, or does what it may not do. */
    void receiveAll() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment head = arena.allocate(Header.SIZE, Long.BYTES);
            MemorySegment payload = arena.allocate(IotlbMessage.SIZE, Long.BYTES);
            while (true) {
                receive(head);
                Header header = Header.read(head);
                String fault = header.fault(IotlbMessage.BACKEND_REQUEST, false, IotlbMessage.SIZE);
                if (!fault.isEmpty()) {
                    throw new BackendException("the backend asks with " + fault);
                }
                if ((header.flags() & Header.NEED_REPLY) != 0) {
                    throw new BackendException("the backend wants an answer to what has none");
                }
                receive(payload);
                misses.accept(checked(IotlbMessage.read(payload)));
            }
        } catch (BackendException e) {
            failed.accept(e);
        }
    }

    private void receive(MemorySegment into) {
        List<OpenFile> files;
        try {
            files = socket.receive(into, UnixSocket.FOR_EVER);
        } catch (IOException e) {
            throw new BackendException("the backend asks nothing any more", e);
        }
        if (!files.isEmpty()) {
            files.forEach(OpenFile::close);
            throw new BackendException("the backend asks with a file");
        }
    }

    private static IotlbMessage checked(IotlbMessage message) {
        if (message.type() != IotlbMessage.MISS) {
            throw new BackendException("the backend asks for something of type " + message.type() + " of its IOTLB");
        }
        if (message.access() < Access.READ || message.access() > MOST_ACCESS) {
            throw new BackendException("the backend misses an access " + message.access() + " that there is not");
        }
        return message;
    }
}
