package grantlab.hypervisor.event;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The event channels of one domain. The engine has no interrupts and no channel between two domains, so every port that Xen's
 * two-level ABI knows is one that nobody else has bound; each counts how often it was notified. Looking one up takes no lock.
 */
public final class EventChannels {
    /** Ports are below this; 0 is none. */
    public static final int PORTS = 4096;

    private final AtomicReferenceArray<@Nullable EventChannel> byPort = new AtomicReferenceArray<>(PORTS);

    /** No port is in use. */
    public EventChannels() {}

    /**
     * A port that is to be notified.
     *
     * @param port any number
     * @return always the same for one port; null when it is none
     */
    public @Nullable EventChannel open(int port) {
        if (port < 1 || port >= PORTS) {
            return null;
        }
        EventChannel known = byPort.get(port);
        if (known != null) {
            return known;
        }
        EventChannel fresh = new EventChannel();
        EventChannel first = byPort.compareAndExchange(port, null, fresh);
        return first == null ? fresh : first;
    }

    /**
     * How often a port was notified.
     *
     * @param port any number
     * @return zero where nobody opened it
     */
    public long notifications(int port) {
        EventChannel known = port < 1 || port >= PORTS ? null : byPort.get(port);
        return known == null ? 0 : known.notifications();
    }
}
