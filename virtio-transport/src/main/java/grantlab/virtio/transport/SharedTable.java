package grantlab.virtio.transport;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.abi.VdomidBind;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.Transport;
import grantlab.api.transport.TransportProvider;
import java.util.Set;

/**
 * The transport {@code virtio-shared-table}: all devices of one domain are granted to through one table, as guests do it today. A bus
 * address is bit 63 | reference &lt;&lt; 12 | offset; of a tree it has the index, and then the device finds the tree by v3_probe.
 */
public final class SharedTable implements TransportProvider {
    private static final int NO_DEVICE = -1;

    /** For ServiceLoader. */
    public SharedTable() {}

    @Override
    public String name() {
        return "virtio-shared-table";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.USE_IS_SEEN, Capability.HYPERVISOR_COPIES);
    }

    @Override
    public Transport create(Ground ground) {
        return new Transport() {
            @Override
            public DriverSide driver(GuestKernel kernel, Endpoint endpoint) {
                int peer = endpoint.deviceDomid();
                GuestTable table = kernel.table(peer, NO_DEVICE);
                requireNameable(table, peer);
                return new GrantingSide(kernel, table, peer, BusAddresses.SHARED_TABLE);
            }

            @Override
            public DeviceSide device(GuestKernel kernel, Endpoint endpoint) {
                GrantedTable table = GrantedTable.common(kernel, endpoint.driverDomid());
                return new MappingSide(
                        kernel, new GrantedPages(kernel, table, BusAddresses.SHARED_TABLE), endpoint.mode());
            }
        };
    }

    /** An entry of versions 1 and 2 would take a virtual domid for a real one. */
    private static void requireNameable(GuestTable table, int peer) {
        boolean flat = table.reference(0) >>> Integer.SIZE == 0;
        if (flat && peer >= VdomidBind.FIRST_VIRTUAL) {
            throw new IllegalStateException(
                    "a flat table cannot grant to the virtual domid 0x" + Integer.toHexString(peer));
        }
    }
}
