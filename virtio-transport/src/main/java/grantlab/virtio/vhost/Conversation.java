package grantlab.virtio.vhost;

import grantlab.virtio.vhost.message.Header;
import grantlab.virtio.vhost.message.IotlbMessage;
import grantlab.virtio.vhost.message.Nothing;
import grantlab.virtio.vhost.message.Payload;
import grantlab.virtio.vhost.message.Request;
import grantlab.virtio.vhost.message.VringState;
import grantlab.virtio.vhost.message.Word;
import grantlab.virtio.vhost.socket.OpenFile;
import grantlab.virtio.vhost.socket.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a frontend asks and a backend answers, one thing after the other. Whatever a backend does that it may not do ends the conversation:
 * nothing can be asked any more. Any thread.
 */
final class Conversation {
    private final UnixSocket socket;
    private final int patienceMillis;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile @Nullable BackendException ended;

    /** What the last SET_VRING_ENABLE said; null before the first. */
    private volatile @Nullable VringState enabled;

    Conversation(UnixSocket socket, Duration patience) {
        this.socket = socket;
        this.patienceMillis = Math.toIntExact(patience.toMillis());
    }

    /** Asks for a word. */
    long word(Request request) {
        return Word.read(exchange(request, 0, new Nothing())).value();
    }

    /** Stops a ring. @return where the backend is in it */
    int base(int ring) {
        VringState state = VringState.read(exchange(Request.GET_VRING_BASE, 0, new VringState(ring, 0)));
        if (state.ring() != ring) {
            throw over(new BackendException("the backend tells of ring " + state.ring() + " instead of " + ring));
        }
        return state.number();
    }

    /** Has something done, with files, and hears that it is. Possible once REPLY_ACK is in force. */
    void order(Request request, Payload payload, int... files) {
        long answer =
                Word.read(exchange(request, Header.NEED_REPLY, payload, files)).value();
        if (answer != 0) {
            throw over(new BackendException("the backend refused " + request + " with " + answer));
        }
        if (request == Request.SET_VRING_ENABLE) {
            enabled = (VringState) payload;
        }
    }

    /** Says something without an answer. */
    void say(Request request, Payload payload) {
        turn.lock();
        try {
            send(request, 0, payload);
        } finally {
            turn.unlock();
        }
    }

    /**
     * What the backend was to forget before is not in use any more. The answer to an invalidation is less: DPDK lets it pass in the middle
     * of a burst, and goes on by what it had found before. Setting a ring to the state that it has takes the lock of every ring.
     */
    void barrier() {
        VringState state = enabled;
        if (state != null) {
            order(Request.SET_VRING_ENABLE, state);
        }
    }

    /** One range is forgotten; see {@link #barrier}. */
    void invalidate(long busAddress, long bytes) {
        order(Request.IOTLB_MSG, IotlbMessage.invalidate(busAddress, bytes));
    }

    private MemorySegment exchange(Request request, int flags, Payload payload, int... files) {
        turn.lock();
        try {
            send(request, flags, payload, files);
            return answer(request);
        } finally {
            turn.unlock();
        }
    }

    private void send(Request request, int flags, Payload payload, int... files) {
        BackendException why = ended;
        if (why != null) {
            throw new BackendException(request + " is not asked any more", why);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(Header.SIZE + (long) payload.size(), Long.BYTES);
            new Header(request.number(), Header.VERSION | flags, payload.size()).write(message);
            payload.write(message.asSlice(Header.SIZE));
            socket.send(message, files);
        } catch (IOException e) {
            throw over(new BackendException(request + " cannot be asked of the backend", e));
        }
    }

    /** All answers have 8 bytes. */
    private MemorySegment answer(Request request) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment head = arena.allocate(Header.SIZE, Long.BYTES);
            receive(request, head);
            String fault = Header.read(head).fault(request.number(), true, Word.SIZE);
            if (!fault.isEmpty()) {
                throw over(new BackendException("the backend answers " + request + " with " + fault));
            }
            MemorySegment payload = arena.allocate(Word.SIZE, Long.BYTES);
            receive(request, payload);
            return MemorySegment.ofArray(payload.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private void receive(Request request, MemorySegment into) {
        try {
            List<OpenFile> files = socket.receive(into, patienceMillis);
            if (!files.isEmpty()) {
                files.forEach(OpenFile::close);
                throw over(new BackendException("the backend answers " + request + " with a file"));
            }
        } catch (SocketTimeoutException e) {
            throw over(new BackendException("the backend does not answer " + request, e));
        } catch (IOException e) {
            throw over(new BackendException("the backend does not answer " + request, e));
        }
    }

    /** Nothing is asked any more, for this reason or the one that came first. */
    private BackendException over(BackendException why) {
        end(why);
        return why;
    }

    /** Why it ended. */
    BackendException whyEnded() {
        BackendException why = ended;
        return why != null ? why : new BackendException("the connection was not ended");
    }

    /** Ends it: whoever waits for an answer hears of it. */
    void end(BackendException why) {
        if (ended == null) {
            ended = why;
        }
        socket.shutdown();
    }
}
