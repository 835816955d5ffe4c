package grantlab.virtio.vhost;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.virtio.transport.BusAddresses;
import grantlab.virtio.transport.GrantedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The grants that the backend's domain has mapped, by bus address. A page is mapped when the backend misses it, with all rights that
 * there are: DPDK would not learn of more rights later. What is not granted, or not any more, reads as zeroes and swallows what is written,
 * so that the ring goes on and only what was in such a page is lost; parts of rings are left out of that. One thread.
 */
final class BackendPages {
    private static final long LOOK_AGAIN_NANOS = 50_000;
    private static final int EVERYTHING = Access.READ | Access.WRITE;

    private final GuestKernel kernel;
    private final Iotlb iotlb;
    private final GrantedTable table;
    private final Map<Long, Mapped> pages = new HashMap<>();

    /** Bus addresses of pages that have parts of rings. */
    private final Set<Long> ringPages = new HashSet<>();

    /** Pages of the backend's domain: nobody writes the one or reads the other. */
    private final long zeroes;

    private final long sink;

    final LongAdder maps = new LongAdder();
    final LongAdder refusals = new LongAdder();
    final LongAdder unmaps = new LongAdder();

    /** A grant, and whether it may be written. */
    private record Mapped(MappedGrant grant, boolean writable) {
        long gfn() {
            return Page.frame(grant.address);
        }
    }

    /** @throws IllegalStateException when the driver's side is not there, or the domain has no pages left */
    BackendPages(BackendDomain domain, Endpoint endpoint) {
        this.kernel = domain.kernel();
        this.iotlb = domain.iotlb();
        this.table = GrantedTable.ofDevice(kernel, endpoint.driverDomid(), endpoint.deviceId());
        this.zeroes = kernel.allocatePages(Page.ORDER_4K);
        this.sink = kernel.allocatePages(Page.ORDER_4K);
        if (zeroes < 0 || sink < 0) {
            throw new IllegalStateException(
                    "domain " + kernel.vcpu().domid() + " has no pages for what is not granted");
        }
    }

    private static long page(long busAddress) {
        return busAddress & -Page.SIZE;
    }

    /** A part of a ring is within a page. */
    void ring(long busAddress) {
        ringPages.add(page(busAddress));
    }

    /** The backend misses something. */
    void miss(long busAddress, int wanted) {
        long page = page(busAddress);
        if (tell(page, wanted) == Iotlb.Told.NOTHING) {
            standIn(page, Access.writes(wanted));
        }
    }

    private void standIn(long page, boolean written) {
        if (!ringPages.contains(page)) {
            int access = written ? EVERYTHING : Access.READ;
            iotlb.tell(page, kernel.frameOf(written ? sink : zeroes), access, access);
        }
    }

    /** Tells the backend of a page before it asks. */
    Iotlb.Told tell(long busAddress, int wanted) {
        long page = page(busAddress);
        Mapped known = pages.get(page);
        if (known != null && !iotlb.stands(known.gfn())) {
            letGo(page);
            known = null;
        }
        Mapped mapped = known != null ? known : map(page);
        if (mapped == null) {
            refusals.increment();
            return Iotlb.Told.NOTHING;
        }
        Iotlb.Told told = iotlb.tell(page, mapped.gfn(), EVERYTHING, wanted);
        if (told != Iotlb.Told.DONE) {
            refusals.increment();
            if (known == null) {
                letGo(page);
            }
        }
        return told;
    }

    /** @return null when it is not granted, or cannot be mapped */
    private @Nullable Mapped map(long page) {
        long index = BusAddresses.OWN_TREE.index(page);
        if (index < 0 || index >= table.indexLimit()) {
            return null;
        }
        long slot = kernel.allocateSlot(Page.ORDER_4K);
        if (slot < 0) {
            return null;
        }
        MappedGrant grant = new MappedGrant();
        boolean writable = map(index, slot, EVERYTHING, grant) == Status.OKAY;
        if (!writable && map(index, slot, Access.READ, grant) != Status.OKAY) {
            kernel.freeSlot(slot, Page.ORDER_4K);
            return null;
        }
        maps.increment();
        Mapped mapped = new Mapped(grant, writable);
        pages.put(page, mapped);
        return mapped;
    }

    private int map(long index, long slot, int access, MappedGrant mapped) {
        return kernel.map(table.granter(), table.base() + index, table.epoch(), slot, Page.ORDER_4K, access, mapped);
    }

    /**
     * A page is gone from the map, and was not mapped again meanwhile: the granter hears that nobody minds, and something stands in for the
     * page before the backend comes to it: DPDK drops what it is about to write while it misses something.
     */
    void acknowledge(long page) {
        Mapped mapped = pages.get(page);
        if (mapped != null && !iotlb.stands(mapped.gfn())) {
            letGo(page);
            standIn(page, mapped.writable);
        }
    }

    /** Unmaps a page: the backend has forgotten it when this returns. */
    void letGo(long busAddress) {
        Mapped mapped = pages.remove(page(busAddress));
        if (mapped == null) {
            return;
        }
        int status = kernel.unmap(mapped.grant);
        while (status == Status.EAGAIN) {
            // It is being taken back at this moment, by another CPU, which may wait for the backend, but not for long.
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            status = kernel.unmap(mapped.grant);
        }
        if (status != Status.OKAY) {
            throw new IllegalStateException(
                    "a mapping of domain " + table.granter() + " does not go: status " + status);
        }
        unmaps.increment();
        kernel.freeSlot(mapped.grant.address, Page.ORDER_4K);
    }

    /** Unmaps all. */
    void letGoOfAll() {
        new ArrayList<>(pages.keySet()).forEach(this::letGo);
    }

    /** Gives back what is not granted to anybody. Nothing leads there any more. */
    void close() {
        kernel.freePages(sink, Page.ORDER_4K);
        kernel.freePages(zeroes, Page.ORDER_4K);
    }
}
