package grantlab.virtio.device;

/**
 * The registers of a device of virtio over MMIO (section 4.2.2) as its driver reaches them: 32 bits each. Every access is trapped,
 * so it is an exit.
 */
public interface Mmio {
    /** R: {@link #MAGIC}. */
    int MAGIC_VALUE = 0x000;

    /** R: {@link #VERSION_2}. */
    int VERSION = 0x004;

    /** R: the device type, or 0 for none. */
    int DEVICE_ID = 0x008;

    /** R: who made it. */
    int VENDOR_ID = 0x00c;

    /** R: 32 of the features that the device offers. */
    int DEVICE_FEATURES = 0x010;

    /** W: which 32. */
    int DEVICE_FEATURES_SEL = 0x014;

    /** W: 32 of the features that the driver accepts. */
    int DRIVER_FEATURES = 0x020;

    /** W: which 32. */
    int DRIVER_FEATURES_SEL = 0x024;

    /** W: the queue that registers named Queue... are about. */
    int QUEUE_SEL = 0x030;

    /** R: how large the queue may be; 0: there is none. */
    int QUEUE_SIZE_MAX = 0x034;

    /** W: how large it is. */
    int QUEUE_SIZE = 0x038;

    /** RW: 1 while it can be used. */
    int QUEUE_READY = 0x044;

    /** W: the number of a queue with new buffers. */
    int QUEUE_NOTIFY = 0x050;

    /** R: {@link #USED_BUFFER} and {@link #CONFIGURATION_CHANGE}. */
    int INTERRUPT_STATUS = 0x060;

    /** W: what of it was handled. */
    int INTERRUPT_ACK = 0x064;

    /** RW: {@link DeviceStatus}; 0 resets. */
    int STATUS = 0x070;

    /** W: low half of where the descriptor area is; the high half is 4 bytes on. */
    int QUEUE_DESC_LOW = 0x080;

    /** W: low half of where the driver area is; the high half is 4 bytes on. */
    int QUEUE_DRIVER_LOW = 0x090;

    /** W: low half of where the device area is; the high half is 4 bytes on. */
    int QUEUE_DEVICE_LOW = 0x0a0;

    /** RW: 1 resets the queue. */
    int QUEUE_RESET = 0x0c0;

    /** R: changes with the configuration space. */
    int CONFIG_GENERATION = 0x0fc;

    /** RW: where the configuration space of the device type begins. */
    int CONFIG = 0x100;

    /** "virt". */
    int MAGIC = 0x7472_6976;

    /** Not the interface of old. */
    int VERSION_2 = 2;

    /** The device used buffers. */
    int USED_BUFFER = 1;

    /** The configuration changed, or the device needs a reset. */
    int CONFIGURATION_CHANGE = 1 << 1;

    /**
     * Reads a register.
     *
     * @param offset one of this interface that can be read, or of the configuration space, aligned to 4
     * @return its value; 0 where there is none
     */
    int read(int offset);

    /**
     * Writes a register.
     *
     * @param offset one of this interface that can be written, or of the configuration space, aligned to 4
     * @param value what to write; a device ignores what it does not know
     */
    void write(int offset, int value);
}
