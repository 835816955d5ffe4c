package grantlab.virtio.transport;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.TransportCounts;
import grantlab.virtio.iommu.Iommu;
import grantlab.virtio.iommu.IommuDriver;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A driver's side behind a virtio-iommu: exposing is a request to map, withdrawing one to unmap, and each is a notification, which traps.
 * Strict: withdrawing waits for the answer. Lazy: it puts the request off, and asks for many at once; until then the device still reaches
 * the page, whose virtual address is not used again so long.
 */
final class MappedByRequests implements DriverSide {
    /** Virtual addresses begin here: those below are reserved. */
    private static final int FIRST_PAGE = 0x100;

    private static final int END_PAGE = 1 << 20;

    private final GuestKernel kernel;
    private final int endpoint;
    private final boolean lazy;
    private final Supplier<@Nullable IommuUnit> find;
    private final TransportCounts counts = new TransportCounts();

    /** Pages of virtual addresses. */
    private final BitSet taken = new BitSet();

    private final List<Integer> putOff = new ArrayList<>();
    private int lowest = FIRST_PAGE;
    private @Nullable IommuUnit unit;
    private @Nullable IommuDriver driver;

    MappedByRequests(GuestKernel kernel, int endpoint, boolean lazy, Supplier<@Nullable IommuUnit> find) {
        this.kernel = kernel;
        this.endpoint = endpoint;
        this.lazy = lazy;
        this.find = find;
    }

    /** The domain of the endpoint: each has one of its own. */
    private int domain() {
        return endpoint + 1;
    }

    /** What the IOMMU has of another one, whose domain is gone, is nothing here. */
    private @Nullable IommuDriver driver() {
        IommuUnit found = find.get();
        if (found == null) {
            return null;
        }
        IommuDriver known = driver;
        if (known == null || found != unit) {
            long before = found.exits();
            known = found.driver(kernel);
            driver = known;
            unit = found;
            taken.clear();
            putOff.clear();
            lowest = FIRST_PAGE;
            int status = known.attach(domain(), endpoint, 0);
            counts.exits += found.exits() - before;
            if (status != Iommu.OK) {
                throw new IllegalStateException("endpoint " + endpoint + " is not attached: status " + status);
            }
        }
        return known;
    }

    @Override
    public long expose(long address, int length, int access) {
        int offset = Page.offset(address);
        if (length < 1 || length > Page.SIZE - offset) {
            throw new IllegalArgumentException(
                    length + " bytes at 0x" + Long.toHexString(address) + " do not lie within a page");
        }
        IommuDriver requests = driver();
        int page = taken.nextClearBit(lowest);
        if (requests == null || unit == null || page >= END_PAGE) {
            return NONE;
        }
        long first = Page.address(page);
        int flags = Access.writes(access) ? Iommu.READ | Iommu.WRITE : Iommu.READ;
        long before = unit.exits();
        long physical = Page.address(kernel.frameOf(address - offset));
        int status = requests.map(domain(), first, first | Page.OFFSET_MASK, physical, flags);
        counts.exits += unit.exits() - before;
        if (status != Iommu.OK) {
            return NONE;
        }
        counts.tableWrites++;
        taken.set(page);
        lowest = page + 1;
        return first | offset;
    }

    @Override
    public int withdraw(long busAddress, int length) {
        int page = exposedPage(busAddress);
        if (!lazy) {
            return unmap(page);
        }
        putOff.add(page);
        return putOff.size() < IommuDriver.MOST_REQUESTS ? Status.OKAY : unmapAll();
    }

    private int exposedPage(long busAddress) {
        long page = Page.frame(busAddress);
        if (page >= END_PAGE || !taken.get((int) page) || putOff.contains((int) page)) {
            throw new IllegalArgumentException("0x" + Long.toHexString(busAddress) + " was not exposed");
        }
        return (int) page;
    }

    private int unmap(int page) {
        putOff.add(page);
        return unmapAll();
    }

    /** With one notification. */
    private int unmapAll() {
        IommuDriver requests = driver;
        IommuUnit asked = unit;
        if (requests == null || asked == null || putOff.isEmpty()) {
            return Status.OKAY;
        }
        long before = asked.exits();
        for (int page : putOff) {
            long first = Page.address(page);
            requests.addUnmap(domain(), first, first | Page.OFFSET_MASK);
        }
        int status = requests.perform();
        counts.exits += asked.exits() - before;
        if (status != Iommu.OK) {
            putOff.clear();
            return Status.GENERAL_ERROR;
        }
        counts.tableWrites += putOff.size();
        counts.iotlbFlushes += putOff.size();
        for (int page : putOff) {
            taken.clear(page);
            lowest = Math.min(lowest, page);
        }
        putOff.clear();
        return Status.OKAY;
    }

    /** The IOMMU does not ask the device: withdrawing is enough. */
    @Override
    public int revoke(long busAddress, int length) {
        return unmap(exposedPage(busAddress));
    }

    @Override
    public TransportCounts counts() {
        return counts;
    }

    @Override
    public void close() {
        unmapAll();
        for (int page = taken.nextSetBit(0); page >= 0; page = taken.nextSetBit(page + 1)) {
            unmap(page);
        }
    }
}
