package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.abi.AddToPhysmapBatch;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Memory of another domain by its frame number, without a grant: for a privileged domain, which nobody asks. XENMEM_add_to_physmap_batch
 * with XENMAPSPACE_gmfn_foreign for translated callers, do_update_va_mapping_otherdomain for PV. The mapping has a reference of its own.
 */
@MachineScoped
public final class ForeignMappings {
    /** Frames of a batch between two turns of others. */
    private static final int SLICE = 32;

    private static final int ENTRY_WRITABLE = 1 << 1;
    private static final int ENTRY_PRESENT = 1;
    private static final long ENTRY_FRAME = 0x000f_ffff_ffff_f000L;

    private final Domains domains;
    private final FrameTable frames;

    @Inject
    ForeignMappings(Domains domains, MachineRam ram) {
        this.domains = domains;
        this.frames = ram.frames();
    }

    /**
     * Adds to a map.
     *
     * @param address of the struct
     * @return zero or a negated errno; each frame has an answer of its own
     */
    public long add(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, AddToPhysmapBatch.SIZE)) {
            return -Errno.EFAULT;
        }
        if (arguments.u16(AddToPhysmapBatch.SPACE) != AddToPhysmapBatch.SPACE_GMFN_FOREIGN) {
            return -Errno.ENOSYS;
        }
        int domid = arguments.u16(AddToPhysmapBatch.DOMID);
        int ownerDomid = arguments.u16(AddToPhysmapBatch.FOREIGN_DOMID);
        int count = arguments.u16(AddToPhysmapBatch.COUNT);
        Lists lists = new Lists(
                arguments.u64(AddToPhysmapBatch.IDXS),
                arguments.u64(AddToPhysmapBatch.GPFNS),
                arguments.u64(AddToPhysmapBatch.ERRS));
        int next = 0;
        long error;
        do {
            int end = Math.min(count, next + SLICE);
            error = addSome(caller, domid, ownerDomid, lists, next, end);
            next = end;
        } while (error == 0 && next < count && caller.breathe());
        return error;
    }

    /** Where the numbers of frames, those of places and the answers are. */
    private record Lists(long frames, long places, long answers) {}

    /** Who asks and for whom is asked again for each slice: others had their turn. */
    private long addSome(Caller caller, int domid, int ownerDomid, Lists lists, int from, int end) {
        Domain domain = domains.findAny(domid, caller.domain());
        Domain owner = domains.find(ownerDomid);
        if (domain == null || owner == null) {
            return -Errno.ESRCH;
        }
        if (!domain.translated()) {
            return -Errno.EACCES;
        }
        if (!caller.domain().config().privileged()) {
            return -Errno.EPERM;
        }
        if (owner == domain) {
            return -Errno.EINVAL;
        }
        GuestArguments arguments = caller.arguments();
        for (int n = from; n < end; n++) {
            if (!arguments.read(lists.frames + (long) n * Long.BYTES, Long.BYTES)) {
                return -Errno.EFAULT;
            }
            long frame = arguments.u64(0);
            if (!arguments.read(lists.places + (long) n * Long.BYTES, Long.BYTES)) {
                return -Errno.EFAULT;
            }
            long place = arguments.u64(0);
            int answer = map(domain, Page.address(place), owner, frame, Access.READ | Access.WRITE);
            if (!arguments.write32(lists.answers + (long) n * Integer.BYTES, answer)) {
                return -Errno.EFAULT;
            }
        }
        return 0;
    }

    /**
     * Changes a page-table entry of the caller.
     *
     * @param address linear
     * @param entry new L1 entry; its frame is one of the owner's
     * @param ownerDomid whose
     * @return zero or a negated errno
     */
    public long update(Caller caller, long address, long entry, long ownerDomid) {
        Domain domain = caller.domain();
        if (domain.translated()) {
            return -Errno.ENOSYS;
        }
        Domain owner = domains.findAny((int) ownerDomid, domain);
        if (owner == null) {
            return -Errno.ESRCH;
        }
        if (owner == domain || (entry & ENTRY_PRESENT) == 0) {
            return domain.addressSpace().update(address, entry);
        }
        if (!domain.config().privileged()) {
            return -Errno.EPERM;
        }
        int access = (entry & ENTRY_WRITABLE) != 0 ? Access.READ | Access.WRITE : Access.READ;
        return map(domain, address, owner, Page.frame(entry & ENTRY_FRAME), access);
    }

    /** The reference that holds the frame goes to the place. */
    private int map(Domain domain, long address, Domain owner, long number, int access) {
        long entry = owner.physicalMap().entry(number);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return -Errno.EINVAL;
        }
        long frame = PhysicalMap.frameOf(entry);
        if (!frames.get(frame, Page.ORDER_4K, owner.domid())) {
            return -Errno.EINVAL;
        }
        int error = domain.addressSpace().mapForeign(address, frame, access, new AddressSpace.Mapped());
        if (error != 0) {
            frames.put(frame, Page.ORDER_4K);
            return error;
        }
        domain.addressSpace().flush();
        return 0;
    }
}
