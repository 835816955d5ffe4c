package grantlab.conformance;

/**
 * What one request of a virtio device took on both sides. Nothing is measured: each number counts acts.
 *
 * @param request what was asked for and how, in a few words
 * @param hypercalls of driver and device
 * @param exits hypercalls, and accesses to registers that are trapped
 * @param tableWrites entries of a grant table, or of an IOMMU's tables, that were written
 * @param cpuFlushes hypercalls after which TLBs were flushed
 * @param iotlbFlushes invalidations of an IOMMU
 * @param bytesCopied only because of how buffers are handed over
 * @param mappingsLive pages of the driver that are mapped when the request is done
 */
public record RequestCost(
        String request,
        long hypercalls,
        long exits,
        long tableWrites,
        long cpuFlushes,
        long iotlbFlushes,
        long bytesCopied,
        long mappingsLive) {}
