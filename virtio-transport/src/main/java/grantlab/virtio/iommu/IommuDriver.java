package grantlab.virtio.iommu;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.device.VirtioDriver;
import grantlab.virtio.iommu.IommuDevice.Fault;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.DriverQueue;
import grantlab.virtio.queue.Feature;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a virtio-iommu device (section 5.13). A request is written, shown, and waited for: when a method returns the device has
 * answered. Unmapping can be put off and done for many at once ({@link #addUnmap}, {@link #perform}). By the thread of its kernel.
 */
public final class IommuDriver {
    /** Requests that can be shown at once. */
    public static final int MOST_REQUESTS = 32;

    /** No status: the device did not answer. */
    public static final int NO_ANSWER = 0xff;

    private static final int EVENTS = 16;
    private static final int SLOT = Page.SIZE / MOST_REQUESTS;
    private static final int TAIL_AT = 96;

    private final VirtioDriver driver;
    private final Vcpu vcpu;
    private final DescriptorChain chain = new DescriptorChain(3);
    private final long requests;
    private final long requestsPhysical;
    private final long others;
    private final long othersPhysical;
    private final int[] eventOf = new int[EVENTS];
    private int shown;

    /** It did not answer once: nothing that it says is an answer to what it is asked. */
    private boolean lost;

    /**
     * Finds a device and agrees with it.
     *
     * @param registers of the device
     * @param kernel of the driver's guest
     * @param physical exposes memory at its physical address
     * @throws IllegalStateException when there is no such device, or no memory
     */
    public IommuDriver(Mmio registers, GuestKernel kernel, DriverSide physical) {
        this.vcpu = kernel.vcpu();
        this.driver = new VirtioDriver(registers, kernel, physical, 2);
        this.requests = kernel.allocatePages(Page.ORDER_4K);
        this.others = kernel.allocatePages(Page.ORDER_4K);
        if (requests < 0 || others < 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " has no pages for the driver of an IOMMU");
        }
        this.requestsPhysical = physical.expose(requests, Page.SIZE, Access.READ | Access.WRITE);
        this.othersPhysical = physical.expose(others, Page.SIZE, Access.READ | Access.WRITE);
        long wanted = Iommu.F_INPUT_RANGE | Iommu.F_DOMAIN_RANGE | Iommu.F_MAP_UNMAP | Iommu.F_PROBE;
        long agreed = driver.negotiate(Iommu.DEVICE_ID, wanted, Feature.VERSION_1);
        if (!Feature.has(agreed, Iommu.F_MAP_UNMAP)) {
            throw new IllegalStateException("the IOMMU maps nothing: features 0x" + Long.toHexString(agreed));
        }
        driver.setUpQueue(Iommu.REQUESTS, 2 * MOST_REQUESTS).disableNotifications();
        DriverQueue events = driver.setUpQueue(Iommu.EVENTS, EVENTS);
        driver.ready();
        for (int n = 0; n < EVENTS; n++) {
            offerEvent(n, events);
        }
        driver.publish(Iommu.EVENTS);
    }

    private void offerEvent(int n, DriverQueue events) {
        chain.clear();
        int queued = events.add(chain.write(othersPhysical + (long) n * 2 * Iommu.EVENT, Iommu.EVENT));
        eventOf[queued] = n;
    }

    /**
     * The registers' driver, to look whether the device needs a reset.
     *
     * @return always the same
     */
    public VirtioDriver virtio() {
        return driver;
    }

    // ---- requests

    /**
     * Puts an endpoint into a domain.
     *
     * @param domain 0..0xffff
     * @param endpoint its number
     * @param flags ATTACH_BYPASS of {@link Iommu}, or 0
     * @return a status of {@link Iommu}
     */
    public int attach(int domain, int endpoint, int flags) {
        long at = begin(Iommu.ATTACH);
        store(at + 4, 4, domain);
        store(at + 8, 4, endpoint);
        store(at + 12, 4, flags);
        store(at + 16, 4, 0);
        return end(Iommu.ATTACH_SIZE);
    }

    /**
     * Takes an endpoint out of its domain.
     *
     * @param domain the domain
     * @param endpoint its number
     * @return a status of {@link Iommu}
     */
    public int detach(int domain, int endpoint) {
        long at = begin(Iommu.DETACH);
        store(at + 4, 4, domain);
        store(at + 8, 4, endpoint);
        store(at + 12, 4, 0);
        store(at + 16, 4, 0);
        return end(Iommu.ATTACH_SIZE);
    }

    /**
     * Maps.
     *
     * @param domain the domain
     * @param first virtual address
     * @param last virtual address
     * @param physical address of the first
     * @param flags READ and WRITE of {@link Iommu}
     * @return a status of {@link Iommu}
     */
    public int map(int domain, long first, long last, long physical, int flags) {
        long at = begin(Iommu.MAP);
        store(at + 4, 4, domain);
        store(at + 8, 8, first);
        store(at + 16, 8, last);
        store(at + 24, 8, physical);
        store(at + 32, 4, flags);
        return end(Iommu.MAP_SIZE);
    }

    /**
     * Unmaps.
     *
     * @param domain the domain
     * @param first virtual address
     * @param last virtual address
     * @return a status of {@link Iommu}
     */
    public int unmap(int domain, long first, long last) {
        addUnmap(domain, first, last);
        return perform();
    }

    /**
     * Adds an unmapping to those that {@link #perform} will show together.
     *
     * @param domain the domain
     * @param first virtual address
     * @param last virtual address
     */
    public void addUnmap(int domain, long first, long last) {
        long at = begin(Iommu.UNMAP);
        store(at + 4, 4, domain);
        store(at + 8, 8, first);
        store(at + 16, 8, last);
        store(at + 24, 4, 0);
        add(Iommu.UNMAP_SIZE, Iommu.TAIL);
    }

    /**
     * Requests that were added and not shown.
     *
     * @return at most {@link #MOST_REQUESTS}
     */
    public int added() {
        return shown;
    }

    /**
     * Shows what was added, and waits for it.
     *
     * @return OK, or a status that is not: that of the last request that failed
     */
    public int perform() {
        int count = shown;
        shown = 0;
        driver.publish(Iommu.REQUESTS);
        for (int n = 0; n < count && !lost; n++) {
            lost = driver.queue(Iommu.REQUESTS).poll() < 0;
        }
        if (lost) {
            return NO_ANSWER;
        }
        int worst = Iommu.OK;
        for (int n = 0; n < count; n++) {
            int status = (int) load(requests + (long) n * SLOT + TAIL_AT, 1);
            worst = status == Iommu.OK ? worst : status;
        }
        return worst;
    }

    /**
     * Asks for the properties of an endpoint.
     *
     * @param endpoint its number
     * @return the reserved ranges, first and last address one after the other; null when the device answers another status than OK
     */
    public long @Nullable [] reserved(int endpoint) {
        long at = begin(Iommu.PROBE);
        store(at + 4, 4, endpoint);
        for (int n = 8; n < Iommu.PROBE_SIZE; n += Long.BYTES) {
            store(at + n, 8, 0);
        }
        long properties = others + Page.SIZE / 2;
        chain.clear();
        chain.read(requestsPhysical, Iommu.PROBE_SIZE)
                .write(othersPhysical + Page.SIZE / 2, Iommu.PROPERTIES)
                .write(requestsPhysical + TAIL_AT, Iommu.TAIL);
        queue();
        if (perform() != Iommu.OK) {
            return null;
        }
        List<Long> ranges = new ArrayList<>();
        int n = 0;
        while (n + 4 <= Iommu.PROPERTIES && load(properties + n, 2) != 0) {
            if (load(properties + n, 2) == Iommu.RESV_MEM) {
                ranges.add(load(properties + n + 8, 8));
                ranges.add(load(properties + n + 16, 8));
            }
            n += 4 + (int) load(properties + n + 2, 2);
        }
        return ranges.stream().mapToLong(Long::longValue).toArray();
    }

    private long begin(int type) {
        if (shown == MOST_REQUESTS) {
            throw new IllegalStateException(MOST_REQUESTS + " requests are added: perform them first");
        }
        long at = requests + (long) shown * SLOT;
        store(at, 4, type);
        store(at + TAIL_AT, 4, NO_ANSWER);
        return at;
    }

    private int end(int readable) {
        add(readable, Iommu.TAIL);
        return perform();
    }

    private void add(int readable, int writable) {
        long physical = requestsPhysical + (long) shown * SLOT;
        chain.clear();
        chain.read(physical, readable).write(physical + TAIL_AT, writable);
        queue();
    }

    private void queue() {
        lost |= driver.queue(Iommu.REQUESTS).add(chain) < 0;
        shown++;
    }

    // ---- events

    /**
     * Looks what the device told, and gives it the room again.
     *
     * @return faults, the oldest first
     */
    public List<Fault> faults() {
        DriverQueue events = driver.queue(Iommu.EVENTS);
        List<Fault> told = new ArrayList<>();
        for (int queued = events.poll(); queued >= 0; queued = events.poll()) {
            int n = eventOf[queued];
            long at = others + (long) n * 2 * Iommu.EVENT;
            told.add(new Fault((int) load(at, 1), (int) load(at + 4, 4), (int) load(at + 8, 4), load(at + 16, 8)));
            offerEvent(n, events);
        }
        driver.publish(Iommu.EVENTS);
        return told;
    }

    private long load(long address, int bytes) {
        own(vcpu.load(address, bytes));
        return vcpu.value();
    }

    private void store(long address, int bytes, long value) {
        own(vcpu.store(address, bytes, value));
    }

    private void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " lost its own memory: fault " + fault);
        }
    }
}
