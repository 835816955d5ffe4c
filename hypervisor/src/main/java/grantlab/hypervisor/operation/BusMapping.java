package grantlab.hypervisor.operation;

import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.passthrough.BusFrames;

/**
 * A granted frame among those that devices of the grantee reach: row 14 of map and row 12 of unmap, once for each handle, whichever
 * parts it has (xen-semantics 3.10, XSA-394). Only where bus addresses are machine addresses, and not for a domain's own grants.
 *
 * <p>It holds a reference and, to write, the writable type. Xen has none for it, and relies on the parts of the mapping; but a PV
 * guest that overwrites the page-table entry ends what the part holds, while its handle and the entry of the IOMMU stay. The frame
 * could then be freed, or become a page table of the granter's, and a device would still write to it.
 */
final class BusMapping {
    private BusMapping() {}

    /**
     * Row 14.
     *
     * @param bus of the grantee
     * @param frame that the caller holds
     * @param access READ or READ | WRITE, whatever else
     * @return zero, or GENERAL_ERROR and nothing has changed
     */
    static int enter(FrameTable frames, BusFrames bus, long frame, int access, Domain granter, Domain grantee) {
        if (granter == grantee) {
            return Status.OKAY;
        }
        if (!frames.get(frame, Page.ORDER_4K, granter.domid())) {
            return Status.GENERAL_ERROR;
        }
        if (!FrameUse.DEVICE.holdType(frames, frame, access, granter, grantee)) {
            frames.put(frame, Page.ORDER_4K);
            return Status.GENERAL_ERROR;
        }
        int status = bus.map(frame, access);
        if (status != Status.OKAY) {
            FrameUse.DEVICE.release(frames, frame, access, granter, grantee);
        }
        return status;
    }

    /** What it held; after the flush that follows {@link BusFrames#unmap}, or when the grantee's devices are gone. */
    static void release(FrameTable frames, long frame, int access, Domain granter, Domain grantee) {
        FrameUse.DEVICE.release(frames, frame, access, granter, grantee);
    }
}
