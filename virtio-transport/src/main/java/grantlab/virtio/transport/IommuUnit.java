package grantlab.virtio.transport;

import grantlab.api.guest.GuestKernel;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.Endpoint;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.device.VirtioDevice;
import grantlab.virtio.iommu.Iommu;
import grantlab.virtio.iommu.IommuDevice;
import grantlab.virtio.iommu.IommuDriver;
import grantlab.virtio.iommu.PhysicalSide;
import grantlab.virtio.queue.Feature;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The IOMMU of one driver's guest: a virtio-iommu device whose model runs in the domain of the devices, which is privileged. The model works
 * when it is notified, within the exit of the driver's CPU that is forwarded to it, so that a request is answered when the notification
 * returns. It uses the kernel of the device's guest, as the devices there do: the lock says whose turn it is.
 */
final class IommuUnit {
    private static final int QUEUE = 64;

    /** One for all units of a device's guest. */
    final Object lock;

    private final GuestKernel kernel;
    private final ForeignPages physical;
    private final IommuDevice iommu;
    private final VirtioDevice device;

    /** By endpoint: who remembers translations. */
    private final Map<Integer, MappingSide> remembering = new HashMap<>();

    /** Accesses to registers: each is an exit. */
    private long exits;

    private @Nullable IommuDriver driver;

    IommuUnit(GuestKernel kernel, int driverDomid, Object lock) {
        this.kernel = kernel;
        this.lock = lock;
        this.physical = new ForeignPages(kernel, driverDomid);
        this.iommu = new IommuDevice(this::forget);
        DeviceSide ownQueues = new MappingSide(kernel, physical, Endpoint.Mode.POOL);
        this.device = new VirtioDevice(
                iommu, ownQueues, Feature.INDIRECT_DESC | Feature.RING_PACKED, QUEUE, () -> {}, () -> {});
    }

    @SuppressWarnings("ReferenceEquality") // a guest has one kernel
    boolean isOf(GuestKernel devices) {
        return kernel == devices;
    }

    private void forget(int endpoint, long first, long last) {
        MappingSide side = remembering.get(endpoint);
        if (side != null) {
            side.forget(first >>> 12, last >>> 12);
        }
    }

    /** A device's side; that of a device that was plugged in there before remembers nothing any more. */
    DeviceSide plug(int endpoint) {
        synchronized (lock) {
            iommu.plug(endpoint);
            forget(endpoint, 0, -1);
            TranslatedPages pages = new TranslatedPages(iommu, endpoint, physical, this::tellEvents);
            MappingSide side = new MappingSide(kernel, pages, Endpoint.Mode.POOL);
            remembering.put(endpoint, side);
            return new LockedSide(side, lock);
        }
    }

    private void tellEvents() {
        device.write(Mmio.QUEUE_NOTIFY, Iommu.EVENTS);
        device.work();
    }

    /** The registers, as the driver's guest reaches them. */
    Mmio registers() {
        return new Mmio() {
            @Override
            public int read(int offset) {
                exits++;
                synchronized (lock) {
                    return device.read(offset);
                }
            }

            @Override
            public void write(int offset, int value) {
                exits++;
                synchronized (lock) {
                    device.write(offset, value);
                    if (offset == QUEUE_NOTIFY) {
                        device.work();
                    }
                }
            }
        };
    }

    /** By the thread of the driver's kernel. */
    long exits() {
        return exits;
    }

    /** The guest's driver, brought up when it is first needed. */
    IommuDriver driver(GuestKernel guest) {
        IommuDriver known = driver;
        if (known == null) {
            known = new IommuDriver(registers(), guest, new PhysicalSide(guest));
            driver = known;
        }
        return known;
    }
}
