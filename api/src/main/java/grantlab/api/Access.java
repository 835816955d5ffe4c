package grantlab.api;

/**
 * A set of rights and purposes in one int, as the hot path passes it. Rights and purposes combine freely: a writable
 * mapping through both CPU and device is {@code READ | WRITE | HOST | DEVICE}.
 */
public final class Access {
    /** The frame may be read. Every use reads. */
    public static final int READ = 1;

    /** The frame may be written. */
    public static final int WRITE = 1 << 1;

    /** Through the CPU (GNTMAP_host_map). */
    public static final int HOST = 1 << 2;

    /** Through a device (GNTMAP_device_map). */
    public static final int DEVICE = 1 << 3;

    /** Only while the hypervisor copies: nothing is mapped. */
    public static final int COPY = 1 << 4;

    private Access() {}

    /**
     * Whether a set asks to write.
     *
     * @param access a set of the constants of this class
     * @return true when {@link #WRITE} is in it
     */
    public static boolean writes(int access) {
        return (access & WRITE) != 0;
    }
}
