package grantlab.virtio.transport;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.guest.GuestKernel;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.Transport;
import grantlab.api.transport.TransportProvider;
import java.util.Set;

/**
 * The transport {@code virtio-grants}: one tree for each device, made for it and with its number, which the device finds by v3_probe.
 * A bus address is index and offset, index &lt;&lt; 12 | offset (grant-v3.md, section 12). A flat table is none of a device: where a
 * guest's format is flat there is no driver.
 */
public final class PerDeviceTable implements TransportProvider {
    /** For ServiceLoader. */
    public PerDeviceTable() {}

    @Override
    public String name() {
        return "virtio-grants";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.TABLES_OF_DEVICES, Capability.USE_IS_SEEN, Capability.HYPERVISOR_COPIES);
    }

    @Override
    public Transport create(Ground ground) {
        return new Transport() {
            @Override
            public DriverSide driver(GuestKernel kernel, Endpoint endpoint) {
                int peer = endpoint.deviceDomid();
                return new GrantingSide(kernel, kernel.table(peer, endpoint.deviceId()), peer, BusAddresses.OWN_TREE);
            }

            @Override
            public DeviceSide device(GuestKernel kernel, Endpoint endpoint) {
                GrantedTable table = GrantedTable.ofDevice(kernel, endpoint.driverDomid(), endpoint.deviceId());
                return new MappingSide(kernel, new GrantedPages(kernel, table, BusAddresses.OWN_TREE), endpoint.mode());
            }
        };
    }
}
