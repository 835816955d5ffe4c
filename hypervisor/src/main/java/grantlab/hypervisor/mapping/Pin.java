package grantlab.hypervisor.mapping;

/** What pinning a reference found; one per vCPU and purpose, reused. */
public final class Pin {
    /** The page is the granter's own. */
    public static final int NO_HOP = -1;

    /** The record that was pinned. */
    public int act;

    /** The machine frame, on which the pin brought one reference. */
    public long frame;

    /** First byte that may be copied. */
    public int windowStart;

    /** How many bytes may be copied. */
    public int windowLength;

    /** Whose reference the frame was found through, or {@link #NO_HOP}: a grant of a grant. */
    public int hopDomid = NO_HOP;

    /** That reference. */
    public long hopRef;

    /** Word 0 of the record before anything was counted: to tell whether others came in between. */
    public long before;

    /** Word 0 of the record with the use counted, for whoever holds its lock. */
    public long word;

    /** Empty. */
    public Pin() {}
}
