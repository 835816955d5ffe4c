package grantlab.virtio.transport;

import grantlab.api.Status;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.TransportCounts;
import java.util.BitSet;

/**
 * A driver's side that grants: exposing is a store into the table, withdrawing a compare-exchange, and neither enters the
 * hypervisor. A buffer is exposed by the whole page around it. The table stays with the kernel, for the next driver.
 */
final class GrantingSide implements DriverSide {
    private final GuestKernel kernel;
    private final GuestTable table;
    private final int peer;
    private final BusAddresses addresses;
    private final BitSet exposed = new BitSet();
    private final TransportCounts counts = new TransportCounts();

    GrantingSide(GuestKernel kernel, GuestTable table, int peer, BusAddresses addresses) {
        this.kernel = kernel;
        this.table = table;
        this.peer = peer;
        this.addresses = addresses;
    }

    @Override
    public long expose(long address, int length, int access) {
        int offset = Page.offset(address);
        if (length < 1 || length > Page.SIZE - offset) {
            throw new IllegalArgumentException(
                    length + " bytes at 0x" + Long.toHexString(address) + " do not lie within a page");
        }
        long gfn = kernel.frameOf(address - offset);
        long index = table.canName(gfn, Page.ORDER_4K) ? kernel.allocateIndices(table, 1) : NONE;
        if (index < 0) {
            return NONE;
        }
        if (index >= addresses.endIndex()) {
            kernel.freeIndices(table, index, 1);
            return NONE;
        }
        table.grant(index, peer, gfn, Page.ORDER_4K, access);
        exposed.set((int) index);
        counts.tableWrites++;
        return addresses.address(index) | offset;
    }

    @Override
    public int withdraw(long busAddress, int length) {
        return end(exposedIndex(busAddress)) ? Status.OKAY : Status.EAGAIN;
    }

    private int exposedIndex(long busAddress) {
        long index = addresses.index(busAddress);
        if (index < 0 || index > Integer.MAX_VALUE || !exposed.get((int) index)) {
            throw new IllegalArgumentException("0x" + Long.toHexString(busAddress) + " was not exposed");
        }
        return (int) index;
    }

    /** By v3_revoke, from trees. The index is not used again: the device may never say that it knows. */
    @Override
    public int revoke(long busAddress, int length) {
        int index = exposedIndex(busAddress);
        if (!(table instanceof GuestTree)) {
            return Status.UNSUPPORTED;
        }
        counts.hypercalls++;
        counts.exits++;
        int status = kernel.revokeTree(table.reference(index));
        if (status == Status.OKAY) {
            exposed.clear(index);
        }
        return status;
    }

    private boolean end(int index) {
        if (!table.end(index)) {
            return false;
        }
        counts.tableWrites++;
        exposed.clear(index);
        kernel.freeIndices(table, index, 1);
        return true;
    }

    @Override
    public TransportCounts counts() {
        return counts;
    }

    /** What the device still uses stays granted, and its index is never used again. */
    @Override
    public void close() {
        for (int index = exposed.nextSetBit(0); index >= 0; index = exposed.nextSetBit(index + 1)) {
            end(index);
        }
    }
}
