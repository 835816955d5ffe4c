package grantlab.virtio.device;

/** The bits of the device status field (section 2.1). */
public final class DeviceStatus {
    /** The guest found the device. */
    public static final int ACKNOWLEDGE = 1;

    /** The guest has a driver for it. */
    public static final int DRIVER = 1 << 1;

    /** The driver is ready. */
    public static final int DRIVER_OK = 1 << 2;

    /** Features are agreed on. */
    public static final int FEATURES_OK = 1 << 3;

    /** The device is in an error that only a reset ends. */
    public static final int DEVICE_NEEDS_RESET = 1 << 6;

    /** The driver gave up. */
    public static final int FAILED = 1 << 7;

    private DeviceStatus() {}
}
