package grantlab.virtio.transport;

import grantlab.api.guest.GuestKernel;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.Transport;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.iommu.GuestIommus;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Virtio-iommu: a bus address is a virtual address of the endpoint, which its driver's guest maps by requests. */
final class IommuTransport implements Transport, GuestIommus {
    private final boolean lazy;
    private final Map<Wire, IommuUnit> units = new ConcurrentHashMap<>();
    private final Map<Integer, Object> locks = new ConcurrentHashMap<>();

    /** Between two guests. */
    private record Wire(int driverDomid, int deviceDomid) {
        static Wire of(Endpoint endpoint) {
            return new Wire(endpoint.driverDomid(), endpoint.deviceDomid());
        }
    }

    IommuTransport(boolean lazy) {
        this.lazy = lazy;
    }

    @Override
    public DriverSide driver(GuestKernel kernel, Endpoint endpoint) {
        requireMapped(endpoint);
        return new MappedByRequests(kernel, endpoint.deviceId(), lazy, () -> unit(endpoint));
    }

    private @Nullable IommuUnit unit(Endpoint endpoint) {
        return units.get(Wire.of(endpoint));
    }

    @Override
    public @Nullable Mmio iommu(Endpoint endpoint) {
        IommuUnit unit = unit(endpoint);
        return unit == null ? null : unit.registers();
    }

    @Override
    public DeviceSide device(GuestKernel kernel, Endpoint endpoint) {
        requireMapped(endpoint);
        Object lock = locks.computeIfAbsent(endpoint.deviceDomid(), any -> new Object());
        // A domain that took the number of one that is gone has an IOMMU of its own.
        IommuUnit unit = units.compute(
                Wire.of(endpoint),
                (wire, known) -> known != null && known.isOf(kernel)
                        ? known
                        : new IommuUnit(kernel, endpoint.driverDomid(), lock));
        return unit.plug(endpoint.deviceId());
    }

    /** The hypervisor copies for who has a grant, and here nobody has. */
    private static void requireMapped(Endpoint endpoint) {
        if (endpoint.mode() == Endpoint.Mode.COPY) {
            throw new IllegalStateException("buffers behind a virtio-iommu are mapped: there is no mode COPY");
        }
    }
}
