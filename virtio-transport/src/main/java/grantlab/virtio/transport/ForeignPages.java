package grantlab.virtio.transport;

import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;

/**
 * Pages by their frame numbers: the way of a privileged domain, which maps them without asking the driver's guest. A physical address is
 * frame &lt;&lt; 12 | offset.
 *
 * @param kernel of the device's guest
 * @param domid of the driver's guest
 */
record ForeignPages(GuestKernel kernel, int domid) implements DriverPages {
    @Override
    public long index(long busAddress) {
        return Page.frame(busAddress);
    }

    @Override
    public int admits(long index, boolean writes) {
        return Status.OKAY;
    }

    @Override
    public boolean takenAway() {
        return false;
    }

    @Override
    public void prepare(long index, boolean writes, long slot, MappedGrant into) {
        into.reference = index;
        into.address = slot;
    }

    /** One hypercall for each: the kernel knows no other way. */
    @Override
    public int mapAll(MappedGrant[] mappings, int count) {
        for (int n = 0; n < count; n++) {
            mappings[n].status = kernel.mapForeign(domid, mappings[n].reference, mappings[n].address);
        }
        return count;
    }

    @Override
    public int unmapAll(MappedGrant[] mappings, int count) {
        for (int n = 0; n < count; n++) {
            mappings[n].status = kernel.unmapForeign(mappings[n].address);
        }
        return count;
    }

    @Override
    public int copyFrom(long index, int offset, long address, int length) {
        return Status.UNSUPPORTED;
    }

    @Override
    public int copyTo(long index, int offset, long address, int length) {
        return Status.UNSUPPORTED;
    }
}
