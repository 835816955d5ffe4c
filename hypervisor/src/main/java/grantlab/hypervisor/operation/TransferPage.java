package grantlab.hypervisor.operation;

import static grantlab.api.abi.Transfer.DOMID;
import static grantlab.api.abi.Transfer.MFN;
import static grantlab.api.abi.Transfer.REF;
import static grantlab.api.abi.Transfer.SIZE;
import static grantlab.api.abi.Transfer.STATUS;

import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Limits;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.domain.Reuse;
import grantlab.hypervisor.table.InForce;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * GNTTABOP_transfer (xen-semantics 2.5): a page leaves the caller for good. Once it is stolen every failure frees it.
 */
@MachineScoped
public final class TransferPage {
    /** The allocation's: mapped nowhere. */
    private static final int UNUSED = 1;

    private static final long KEPT_BY_CALLER = -1;

    private final Domains domains;
    private final FrameTable frames;
    private final MachineMemory memory;
    private final Reuse reuse;
    private final boolean enabled;

    @Inject
    TransferPage(Domains domains, Ground ground, Reuse reuse, Limits limits) {
        this.domains = domains;
        this.frames = ground.frames();
        this.memory = ground.memory();
        this.reuse = reuse;
        this.enabled = limits.transfer();
    }

    /**
     * Transfers each element of the array.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count) {
        if (!enabled) {
            return -Errno.EOPNOTSUPP;
        }
        GuestArguments arguments = caller.arguments();
        for (long i = 0; i < count; i++) {
            long element = array + i * SIZE;
            if (!arguments.read(element, SIZE)) {
                return -Errno.EFAULT;
            }
            int status = transfer(caller, arguments.u64(MFN), arguments.u16(DOMID), arguments.u32(REF));
            if (!arguments.write16(element + STATUS, Answers.checked(status))) {
                return -Errno.EFAULT;
            }
        }
        return 0;
    }

    private int transfer(Caller caller, long mfn, int domid, long reference) {
        if (!memory.isRam(mfn) || !frames.steal(mfn, caller.domid(), UNUSED)) {
            return Status.BAD_PAGE;
        }
        caller.domain().addressSpace().flush();
        Domain target = domains.find(domid);
        if (target == null) {
            frames.freeStolen(mfn);
            return Status.BAD_DOMAIN;
        }
        InForce inForce = target.grantTable().enter(caller.section());
        long page = namable(caller, target, inForce, mfn);
        if (page == KEPT_BY_CALLER) {
            return Status.ADDRESS_TOO_BIG;
        }
        if (!roomFor(target) || inForce.table().commitTransfer(reference, caller.domid()) != Status.OKAY) {
            frames.freeStolen(page);
            return Status.GENERAL_ERROR;
        }
        return deliver(target, inForce, page, reference);
    }

    private boolean roomFor(Domain target) {
        return !target.dying() && frames.pages(target.domid()) < target.config().maxPages();
    }

    /** Row 7: a frame that the entry of a PV receiver cannot name is replaced by a low one with the same contents. */
    private long namable(Caller caller, Domain target, InForce inForce, long mfn) {
        long limit = inForce.format().frameLimit();
        if (target.translated() || mfn < limit) {
            return mfn;
        }
        long low = frames.allocate(caller.domid(), Page.ORDER_4K);
        reuse.frameAllocated();
        boolean usable = low != FrameTable.NONE && low < limit && frames.steal(low, caller.domid(), UNUSED);
        if (usable) {
            memory.copy(Page.address(mfn), Page.address(low), Page.SIZE);
        } else if (low != FrameTable.NONE) {
            frames.releaseAllocation(low);
        }
        frames.freeStolen(mfn);
        return usable ? low : KEPT_BY_CALLER;
    }

    private int deliver(Domain target, InForce inForce, long page, long reference) {
        frames.assign(page, target.domid());
        long named = target.physicalMap().adopt(inForce.table().transferFrame(reference), page);
        target.addressSpace().flush();
        if (named == PhysicalMap.CRASHES) {
            target.crash();
        }
        boolean placed = named >= PhysicalMap.INVALID;
        inForce.table().completeTransfer(reference, placed ? named : PhysicalMap.INVALID);
        return placed ? Status.OKAY : Status.GENERAL_ERROR;
    }
}
