package grantlab.virtio.queue;

/** Feature bits that are about queues and not about a kind of device, as masks (section 6). */
public final class Feature {
    /** VIRTIO_F_INDIRECT_DESC: a descriptor may stand for a table of them. */
    public static final long INDIRECT_DESC = 1L << 28;

    /** VIRTIO_F_EVENT_IDX: each side says how far the other may go before it wants to be notified. */
    public static final long EVENT_IDX = 1L << 29;

    /** VIRTIO_F_VERSION_1: not the interface of old. */
    public static final long VERSION_1 = 1L << 32;

    /** VIRTIO_F_ACCESS_PLATFORM: addresses are bus addresses, which somebody between driver and device translates. */
    public static final long ACCESS_PLATFORM = 1L << 33;

    /** VIRTIO_F_RING_PACKED: packed queues. */
    public static final long RING_PACKED = 1L << 34;

    /** VIRTIO_F_IN_ORDER: the device uses buffers in the order in which they were made available. */
    public static final long IN_ORDER = 1L << 35;

    /** VIRTIO_F_RING_RESET: one queue can be reset alone. */
    public static final long RING_RESET = 1L << 40;

    /** Without these there is nothing here. */
    public static final long MANDATORY = VERSION_1 | ACCESS_PLATFORM;

    /** What the queues of this package can do. */
    public static final long ALL = MANDATORY | INDIRECT_DESC | EVENT_IDX | RING_PACKED | IN_ORDER | RING_RESET;

    private Feature() {}

    /**
     * Whether all of some features are in a set.
     *
     * @param features a set
     * @param wanted a set
     * @return true if so
     */
    public static boolean has(long features, long wanted) {
        return (features & wanted) == wanted;
    }
}
