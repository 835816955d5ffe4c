package grantlab.virtio.net;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A switch between network devices. It learns behind which port an address is from the frames that come from there; a frame to an address that it
 * does not know, or to a group, goes to all other ports. Guests are hostile: an address that a device has from its configuration is found
 * behind its port alone, whoever says that he is it, and a port that tells many addresses makes the switch forget its own. One
 * thread at a time, that of the guest in which the devices are; nothing is allocated for a frame.
 */
public final class LearningSwitch {
    /** Ports that it has. */
    public static final int MOST_PORTS = 64;

    private final List<SwitchPort> ports = new ArrayList<>();

    /** No port is taken. */
    public LearningSwitch() {}

    /** To whom frames go that come out of a port. */
    public interface Receiver {
        /**
         * A frame comes; there is no waiting.
         *
         * @param frame its bytes from the first on; another's after this returns
         * @param length in bytes, 14..1514
         */
        void receive(MemorySegment frame, int length);
    }

    /**
     * Takes a port.
     *
     * @param address of who is there, as it was configured; nobody else's
     * @param receiver to whom frames go
     * @return the port
     * @throws IllegalStateException when all are taken
     * @throws IllegalArgumentException when the address is a group's, or is configured already
     */
    public SwitchPort plug(long address, Receiver receiver) {
        if (ports.size() == MOST_PORTS) {
            throw new IllegalStateException("all " + MOST_PORTS + " ports are taken");
        }
        if (Ethernet.isGroup(address) || ports.stream().anyMatch(port -> port.isOwn(address))) {
            throw new IllegalArgumentException("0x" + Long.toHexString(address) + " cannot be the address of one port");
        }
        SwitchPort port = new SwitchPort(this, address, receiver);
        ports.add(port);
        return port;
    }

    /** Nothing goes to it any more. */
    void unplug(SwitchPort port) {
        ports.remove(port);
    }

    /** As {@link SwitchPort#send}. */
    boolean forward(SwitchPort from, MemorySegment frame, int length) {
        if (!Ethernet.isLength(length)) {
            return false;
        }
        long source = Ethernet.source(frame);
        if (Ethernet.isGroup(source) || !learn(source, from)) {
            return false;
        }
        long destination = Ethernet.destination(frame);
        SwitchPort to = find(destination);
        if (to == null) {
            flood(from, frame, length);
        } else if (to != from) {
            to.deliver(frame, length);
        }
        return true;
    }

    /** @return false: the address is another port's by configuration */
    private boolean learn(long source, SwitchPort from) {
        SwitchPort before = find(source);
        if (before == from) {
            return true;
        }
        if (before != null) {
            if (before.isOwn(source)) {
                return false;
            }
            before.forget(source);
        }
        from.learn(source);
        return true;
    }

    /** Of a group's address nobody is found: it is never learned. */
    private @Nullable SwitchPort find(long address) {
        for (int n = 0; n < ports.size(); n++) {
            SwitchPort port = ports.get(n);
            if (port.isOwn(address) || port.knows(address)) {
                return port;
            }
        }
        return null;
    }

    private void flood(SwitchPort from, MemorySegment frame, int length) {
        for (int n = 0; n < ports.size(); n++) {
            SwitchPort to = ports.get(n);
            if (to != from) {
                to.deliver(frame, length);
            }
        }
    }
}
