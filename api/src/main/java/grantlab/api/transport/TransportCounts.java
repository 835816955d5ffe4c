package grantlab.api.transport;

/** What one side of a transport did, counted by the thread that does it. Nothing here is measured: each number counts acts. */
public final class TransportCounts {
    /** Hypercalls that the side's kernel made. */
    public long hypercalls;

    /** Ends of an instruction stream of the side's CPU in the hypervisor or a device model: hypercalls and trapped accesses. */
    public long exits;

    /** Entries of a grant table or of an IOMMU's tables that were written. */
    public long tableWrites;

    /** Calls after which the hypervisor had to flush TLBs. */
    public long cpuFlushes;

    /** Invalidations of an IOMMU. */
    public long iotlbFlushes;

    /** Bytes that were copied only because of the way in which buffers are handed over. */
    public long bytesCopied;

    /** Pages of the driver that are mapped now. */
    public long mappingsLive;

    /** All zero. */
    public TransportCounts() {}
}
