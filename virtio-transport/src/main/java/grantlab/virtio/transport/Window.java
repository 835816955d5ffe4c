package grantlab.virtio.transport;

import grantlab.api.guest.GuestKernel.MappedGrant;
import org.jspecify.annotations.Nullable;

/** A page of the driver, mapped into the device's guest. Reused. */
final class Window {
    final MappedGrant mapping = new MappedGrant();
    long index;
    boolean writable;

    /** Whether it is mapped. */
    boolean open;

    /** How often a queue keeps it. */
    int kept;

    /** Whether the request that is being worked on used it. */
    boolean inRequest;

    /** In the list of its bucket, or of those that are free. */
    @Nullable
    Window next;
}
