package grantlab.hypervisor.operation;

import static grantlab.api.abi.MemoryReservation.DOMID;
import static grantlab.api.abi.MemoryReservation.EXTENT_ORDER;
import static grantlab.api.abi.MemoryReservation.EXTENT_START;
import static grantlab.api.abi.MemoryReservation.NR_EXTENTS;
import static grantlab.api.abi.MemoryReservation.SIZE;

import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.domain.Reuse;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * XENMEM_decrease_reservation and XENMEM_populate_physmap: a guest gives memory back and gets some (xen/common/memory.c).
 * Both answer how many extents were done. Extents of a page; larger ones are refused.
 */
@MachineScoped
public final class MemoryReservations {
    private static final long NOTHING = -1;

    private final Domains domains;
    private final FrameTable frames;
    private final Reuse reuse;

    @Inject
    MemoryReservations(Domains domains, Ground ground, Reuse reuse) {
        this.domains = domains;
        this.frames = ground.frames();
        this.reuse = reuse;
    }

    /**
     * Decreases.
     *
     * @return extents done or a negated errno
     */
    public long decrease(Caller caller, long address) {
        return extents(caller, address, this::decreaseOne);
    }

    /**
     * Populates.
     *
     * @return extents done or a negated errno
     */
    public long populate(Caller caller, long address) {
        return extents(caller, address, this::populateOne);
    }

    /** One extent. */
    @FunctionalInterface
    private interface Extent {
        /** Whether it was done. */
        boolean change(Caller caller, Domain domain, long element);
    }

    private long extents(Caller caller, long address, Extent extent) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, SIZE)) {
            return -Errno.EFAULT;
        }
        Domain domain = domains.findAny(arguments.u16(DOMID), caller.domain());
        if (domain == null) {
            return 0;
        }
        if (!caller.mayAdminister(domain) || arguments.u32(EXTENT_ORDER) != Page.ORDER_4K) {
            return 0;
        }
        long list = arguments.u64(EXTENT_START);
        long wanted = arguments.u64(NR_EXTENTS);
        long done = 0;
        while (done < wanted && extent.change(caller, domain, list + done * Long.BYTES)) {
            done++;
            if (!caller.domain().running()) {
                break;
            }
        }
        return done;
    }

    private boolean decreaseOne(Caller caller, Domain domain, long element) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(element, Long.BYTES)) {
            return false;
        }
        int grant = OwnGrant.type(domain, arguments.u64(0));
        if (domain.physicalMap().decrease(arguments.u64(0), caller.removed) != 0) {
            return false;
        }
        domain.addressSpace().flush();
        long frame = caller.removed.mfn;
        OwnGrant.left(domain, arguments.u64(0), grant);
        if (frame != PhysicalMap.INVALID) {
            frames.releaseAllocation(frame);
            frames.put(frame, Page.ORDER_4K);
        }
        return true;
    }

    private boolean populateOne(Caller caller, Domain domain, long element) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(element, Long.BYTES)) {
            return false;
        }
        long frame = frames.pages(domain.domid()) < domain.config().maxPages()
                ? frames.allocate(domain.domid(), Page.ORDER_4K)
                : NOTHING;
        if (frame == NOTHING) {
            return false;
        }
        reuse.frameAllocated();
        long number = domain.physicalMap().populate(arguments.u64(0), frame);
        domain.addressSpace().flush();
        if (number < 0) {
            // The page stays with the domain, which cannot name it.
            if (number == PhysicalMap.CRASHES) {
                // The number holds a mapping: Xen lets nobody remove one in this way (p2m.c, guest_physmap_add_entry).
                domain.crash();
            }
            return false;
        }
        return domain.translated() || arguments.write64(element, number);
    }
}
