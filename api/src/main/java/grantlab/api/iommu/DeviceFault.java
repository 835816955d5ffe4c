package grantlab.api.iommu;

/**
 * An access of a device that was refused.
 *
 * @param number faults of the device space are numbered from 0
 * @param device {@link Device#number} of who tried
 * @param address the device address
 * @param access {@link grantlab.api.Access#READ}, {@link grantlab.api.Access#WRITE}, or both for an atomic
 * @param reason {@link #NOT_MAPPED}, {@link #NOT_READABLE}, {@link #NOT_WRITABLE} or {@link #BLOCKED}
 */
public record DeviceFault(long number, int device, long address, int access, int reason) {
    /** Nothing is mapped there. */
    public static final int NOT_MAPPED = 1;

    /** What is mapped there may not be read. */
    public static final int NOT_READABLE = 2;

    /** What is mapped there may not be written. */
    public static final int NOT_WRITABLE = 3;

    /** The device was cut off: it was detached, or it did not drain and is in quarantine. */
    public static final int BLOCKED = 4;

    /**
     * The name of a reason, as scripts and reports print it.
     *
     * @param reason one of the above
     * @return lower case
     */
    public static String name(int reason) {
        return switch (reason) {
            case NOT_MAPPED -> "not_mapped";
            case NOT_READABLE -> "not_readable";
            case NOT_WRITABLE -> "not_writable";
            case BLOCKED -> "blocked";
            default -> throw new IllegalArgumentException("no reason of a fault: " + reason);
        };
    }
}
