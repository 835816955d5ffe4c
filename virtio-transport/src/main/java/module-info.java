/** Virtqueues, the ways in which a device reaches its driver's buffers, and devices. */
module grantlab.virtio {
    requires transitive grantlab.api;

    exports grantlab.virtio.block;
    exports grantlab.virtio.console;
    exports grantlab.virtio.device;
    exports grantlab.virtio.dpdk;
    exports grantlab.virtio.iommu;
    exports grantlab.virtio.net;
    exports grantlab.virtio.queue;
    exports grantlab.virtio.vhost;
    exports grantlab.virtio.vhost.message;
    exports grantlab.virtio.vhost.net;
    exports grantlab.virtio.vhost.socket;

    provides grantlab.api.transport.TransportProvider with
            grantlab.virtio.transport.PerDeviceTable,
            grantlab.virtio.transport.SharedTable,
            grantlab.virtio.transport.StrictIommu,
            grantlab.virtio.transport.LazyIommu;
}
