package grantlab.hypervisor.mapping;

/** What pinning a reference found; one per vCPU and purpose, reused. */
public final class Pin {
    /** The record that was pinned. */
    public int act;

    /** The machine frame, on which the pin brought one reference. */
    public long frame;

    /** First byte that may be copied. */
    public int windowStart;

    /** How many bytes may be copied. */
    public int windowLength;

    /** Empty. */
    public Pin() {}
}
