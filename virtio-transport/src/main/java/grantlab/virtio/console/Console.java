package grantlab.virtio.console;

/** The numbers of console devices (sections 5.3.2 to 5.3.4). All fields are little endian. */
public final class Console {
    /** The device type. */
    public static final int DEVICE_ID = 3;

    /** The queue receiveq of port 0: buffers that the device fills with what was typed. */
    public static final int RECEIVEQ = 0;

    /** The queue transmitq of port 0: what the driver prints. */
    public static final int TRANSMITQ = 1;

    /** Feature VIRTIO_CONSOLE_F_SIZE: the configuration says how large the screen is. */
    public static final long F_SIZE = 1;

    /** Feature VIRTIO_CONSOLE_F_EMERG_WRITE: a byte can be printed without a queue. */
    public static final long F_EMERG_WRITE = 1L << 2;

    /** Configuration: columns and rows, 2 bytes each. */
    public static final int SIZE = 0;

    /** Configuration: a byte to print, in 4 that are written. */
    public static final int EMERG_WR = 8;

    private Console() {}
}
