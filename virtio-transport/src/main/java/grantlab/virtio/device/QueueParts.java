package grantlab.virtio.device;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import java.util.ArrayList;
import java.util.List;

/**
 * Pages for the parts of a driver's queues, exposed to the device with the access that it needs: parts that it only reads stand in
 * pages of their own. No part crosses a page.
 */
final class QueueParts {
    private static final int ALIGNMENT = 16;

    private final GuestKernel kernel;
    private final DriverSide side;
    private final List<Exposed> pages = new ArrayList<>();

    /** A part: where the driver sees it, and where the device does. */
    record Part(long address, long busAddress) {}

    private static final class Exposed {
        final long address;
        final long busAddress;
        final int access;
        int taken;

        Exposed(long address, long busAddress, int access) {
            this.address = address;
            this.busAddress = busAddress;
            this.access = access;
        }
    }

    QueueParts(GuestKernel kernel, DriverSide side) {
        this.kernel = kernel;
        this.side = side;
    }

    /**
     * Room for a part.
     *
     * @param bytes at most a page
     * @param access READ, or READ | WRITE where the device writes
     * @throws IllegalStateException when the guest has no page or the transport no room
     */
    Part take(int bytes, int access) {
        if (bytes > Page.SIZE) {
            throw new IllegalArgumentException("a part of " + bytes + " bytes is larger than a page");
        }
        Exposed page = pages.stream()
                .filter(each -> each.access == access && each.taken + bytes <= Page.SIZE)
                .findFirst()
                .orElseGet(() -> expose(access));
        Part part = new Part(page.address + page.taken, page.busAddress + page.taken);
        page.taken = page.taken + bytes + ALIGNMENT - 1 & -ALIGNMENT;
        return part;
    }

    private Exposed expose(int access) {
        long address = kernel.allocatePages(Page.ORDER_4K);
        if (address < 0) {
            throw new IllegalStateException("domain " + kernel.vcpu().domid() + " has no page for a virtqueue");
        }
        long busAddress = side.expose(address, Page.SIZE, Access.READ | access);
        if (busAddress == DriverSide.NONE) {
            kernel.freePages(address, Page.ORDER_4K);
            throw new IllegalStateException(
                    "the transport of domain " + kernel.vcpu().domid() + " has no room for a virtqueue");
        }
        Exposed page = new Exposed(address, busAddress, access);
        pages.add(page);
        return page;
    }

    /** Withdraws all pages. One that the device still uses is never used again. */
    void giveBack() {
        for (Exposed page : pages) {
            if (side.withdraw(page.busAddress, Page.SIZE) == 0) {
                kernel.freePages(page.address, Page.ORDER_4K);
            }
        }
        pages.clear();
    }
}
