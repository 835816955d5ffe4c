package grantlab.hypervisor.operation;

import grantlab.api.Errno;
import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.RemoveFromPhysmap;
import grantlab.api.grant.FlatFormat;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * XENMEM_add_to_physmap, of grant table frames, and XENMEM_remove_from_physmap (xen-semantics 2.13). Placing a frame that
 * the table does not have yet grows the table; for a status frame by the eight shared frames that go with it.
 */
@MachineScoped
public final class PhysmapChanges {
    private static final int SHARED_FRAMES_PER_STATUS_FRAME = 8;

    private final Domains domains;
    private final TableGrowth growth;

    @Inject
    PhysmapChanges(Domains domains, TableGrowth growth) {
        this.domains = domains;
        this.growth = growth;
    }

    /**
     * Adds.
     *
     * @return zero or a negated errno
     */
    public long add(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, AddToPhysmap.SIZE)) {
            return -Errno.EFAULT;
        }
        Domain domain = domains.findAny(arguments.u16(AddToPhysmap.DOMID), caller.domain());
        if (domain == null) {
            return -Errno.ESRCH;
        }
        if (!domain.translated()) {
            return -Errno.EACCES;
        }
        if (!caller.mayAdminister(domain)) {
            return -Errno.EPERM;
        }
        if (arguments.u64(AddToPhysmap.GPFN) == PhysicalMap.INVALID) {
            return -Errno.EINVAL;
        }
        if (arguments.u32(AddToPhysmap.SPACE) != AddToPhysmap.SPACE_GRANT_TABLE) {
            return -Errno.ENOSYS;
        }
        return place(caller, domain, arguments.u64(AddToPhysmap.IDX), arguments.u64(AddToPhysmap.GPFN));
    }

    private long place(Caller caller, Domain domain, long index, long gfn) {
        DomainTable table = domain.grantTable();
        FlatFormat format = table.enter(caller.section()).format();
        boolean status = format.statusFrames(1) > 0 && (index & AddToPhysmap.STATUS_FRAME) != 0;
        long n = status ? index & ~AddToPhysmap.STATUS_FRAME : index;
        long shared = status ? (n + 1) * SHARED_FRAMES_PER_STATUS_FRAME : n + 1;
        boolean exists = n >= 0 && n < (status ? table.statusCount() : table.sharedCount());
        boolean mayGrow = n >= 0 && n < table.maxFrames() && shared <= table.maxFrames();
        if (!exists && !(mayGrow && growth.grow(caller, domain, (int) shared))) {
            return -Errno.EINVAL;
        }
        long frame = status ? table.statusFrame((int) n) : table.sharedFrame((int) n);
        int grant = OwnGrant.type(domain, gfn);
        int placed = domain.addressSpace().placeTableFrame(gfn, frame);
        domain.addressSpace().flush();
        if (placed == 0) {
            OwnGrant.left(domain, gfn, grant);
        }
        return placed;
    }

    /**
     * Removes.
     *
     * @return zero or a negated errno
     */
    public long remove(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, RemoveFromPhysmap.SIZE)) {
            return -Errno.EFAULT;
        }
        Domain domain = domains.findAny(arguments.u16(RemoveFromPhysmap.DOMID), caller.domain());
        if (domain == null) {
            return -Errno.ESRCH;
        }
        if (!caller.mayAdminister(domain)) {
            return -Errno.EPERM;
        }
        long gfn = arguments.u64(RemoveFromPhysmap.GPFN);
        int grant = OwnGrant.type(domain, gfn);
        int removed = domain.physicalMap().remove(gfn);
        domain.addressSpace().flush();
        if (removed == 0) {
            OwnGrant.left(domain, gfn, grant);
        }
        return removed;
    }
}
