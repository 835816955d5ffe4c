package grantlab.virtio.net;

/** The numbers of network devices (sections 5.1.2 to 5.1.6). All fields are little endian. */
public final class Net {
    /** The device type. */
    public static final int DEVICE_ID = 1;

    /** The queue receiveq1: buffers that the device fills with frames. */
    public static final int RECEIVEQ = 0;

    /** The queue transmitq1: frames that the driver sends. */
    public static final int TRANSMITQ = 1;

    /** Feature VIRTIO_NET_F_MAC: the device has an address. */
    public static final long F_MAC = 1L << 5;

    /** Feature VIRTIO_NET_F_STATUS: the configuration says whether the link is up. */
    public static final long F_STATUS = 1L << 16;

    /** Configuration: the address, 6 bytes. */
    public static final int MAC = 0;

    /** Configuration: the status, 2 bytes. */
    public static final int STATUS = 6;

    /** Status VIRTIO_NET_S_LINK_UP. */
    public static final int LINK_UP = 1;

    /** Bytes before each frame: struct virtio_net_hdr as VERSION_1 has it, always with the number of buffers. */
    public static final int HEADER = 12;

    /** Header: flags, 1 byte. */
    public static final int HEADER_FLAGS = 0;

    /** Header: what the frame is a large one of, 1 byte. */
    public static final int HEADER_GSO_TYPE = 1;

    /** Header: in how many buffers the frame is, 2 bytes; 0 in what is sent. */
    public static final int HEADER_NUM_BUFFERS = 10;

    /** Flag VIRTIO_NET_HDR_F_NEEDS_CSUM: somebody has to compute a checksum. */
    public static final int NEEDS_CSUM = 1;

    /** VIRTIO_NET_HDR_GSO_NONE: a frame as it is. */
    public static final int GSO_NONE = 0;

    private Net() {}
}
