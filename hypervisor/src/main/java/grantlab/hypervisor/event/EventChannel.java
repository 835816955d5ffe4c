package grantlab.hypervisor.event;

import java.util.concurrent.atomic.AtomicLong;

/** One port of a domain that the hypervisor may notify. Any thread. */
public final class EventChannel {
    private final AtomicLong notifications = new AtomicLong();

    EventChannel() {}

    /** Notifies: where there are interrupts the domain gets one. */
    public void raise() {
        notifications.incrementAndGet();
    }

    /** How often it was notified. */
    public long notifications() {
        return notifications.get();
    }
}
