package grantlab.virtio.transport;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;

/**
 * Pages that are entries of a table. The hypervisor asks the table at each map and copy.
 *
 * @param kernel of the device's guest
 * @param table of the driver's guest
 * @param addresses what bus addresses look like
 */
record GrantedPages(GuestKernel kernel, GrantedTable table, BusAddresses addresses) implements DriverPages {
    @Override
    public long index(long busAddress) {
        long index = addresses.index(busAddress);
        return index < table.indexLimit() ? index : NO_INDEX;
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
        into.reference = table.base() + index;
        into.access = writes ? Access.READ | Access.WRITE : Access.READ;
        into.address = slot;
    }

    @Override
    public int mapAll(MappedGrant[] mappings, int count) {
        return kernel.mapAll(table.granter(), table.epoch(), mappings, count);
    }

    @Override
    public int unmapAll(MappedGrant[] mappings, int count) {
        return kernel.unmapAll(mappings, count);
    }

    @Override
    public int copyFrom(long index, int offset, long address, int length) {
        return kernel.copyFrom(table.granter(), table.base() + index, table.epoch(), offset, address, length);
    }

    @Override
    public int copyTo(long index, int offset, long address, int length) {
        return kernel.copyTo(table.granter(), table.base() + index, table.epoch(), offset, address, length);
    }
}
