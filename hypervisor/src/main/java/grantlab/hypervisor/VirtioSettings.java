package grantlab.hypervisor;

import java.util.List;

/**
 * How virtio drivers and devices find together: keys {@code transport} and {@code queue} of grantlab.conf.
 *
 * @param transport name of a transport, or {@link #NONE}
 * @param queue {@link #SPLIT} or {@link #PACKED}
 */
public record VirtioSettings(String transport, String queue) {
    /** There are no virtio devices. */
    public static final String NONE = "none";

    /** Virtqueues of three areas (virtio 1.2, section 2.7). */
    public static final String SPLIT = "split";

    /** Virtqueues of one ring (virtio 1.2, section 2.8). */
    public static final String PACKED = "packed";

    /** What {@code queue} may be. */
    public static final List<String> QUEUES = List.of(SPLIT, PACKED);

    /** Checks the queue. */
    public VirtioSettings {
        if (!QUEUES.contains(queue)) {
            throw Installed.unknown("queue", queue, QUEUES);
        }
    }

    /** Whether there are virtio devices. */
    public boolean isThere() {
        return !transport.equals(NONE);
    }
}
