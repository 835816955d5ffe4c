package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.CopyEnd;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.table.InForce;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Objects;

/** One side of a copy: acquired by reference or by own frame number, kept, released (xen-semantics 2.7.3, 2.7.4). */
@Singleton
final class CopySides {
    private final Pinning pinning;
    private final FrameTable frames;

    @Inject
    CopySides(Pinning pinning, Ground ground) {
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /**
     * Acquires what an element names, unless exactly that is held.
     *
     * @return zero or a status
     */
    int acquire(Caller caller, CopyEnd end, boolean byReference, long name, boolean write) {
        if (end.holds(byReference, name)) {
            return Status.OKAY;
        }
        release(caller, end, write);
        // For each element anew, not for each domain: XSA-523.
        if (!byReference && end.domid != Domid.SELF) {
            return Status.PERMISSION_DENIED;
        }
        end.byReference = byReference;
        end.name = name;
        int status = byReference ? acquireReference(caller, end, write) : acquireFrame(end);
        if (status != Status.OKAY) {
            return status;
        }
        end.acquired = true;
        if (write && !frames.getType(end.pin.frame, FrameTable.TYPE_WRITABLE)) {
            release(caller, end, true);
            return Status.GENERAL_ERROR;
        }
        end.typed = write;
        return Status.OKAY;
    }

    private int acquireReference(Caller caller, CopyEnd end, boolean write) {
        Domain granter = domain(end);
        InForce table = granter.grantTable().enter(caller.section());
        return pinning.pin(granter, table.grants(), end.name, caller.domid(), access(write), caller.leaf, end.pin);
    }

    private static int access(boolean write) {
        return Access.COPY | Access.READ | (write ? Access.WRITE : 0);
    }

    private int acquireFrame(CopyEnd end) {
        Domain owner = domain(end);
        long frame = owner.physicalMap().frameToGrant(end.name);
        if (frame < 0) {
            return (int) frame;
        }
        if (!frames.get(frame, Page.ORDER_4K, owner.domid())) {
            return Status.BAD_PAGE;
        }
        end.pin.frame = frame;
        end.pin.windowStart = 0;
        end.pin.windowLength = Page.SIZE;
        return Status.OKAY;
    }

    private static Domain domain(CopyEnd end) {
        return Objects.requireNonNull(end.domain, "a side is acquired after its domain was looked up");
    }

    /** Lets go of what is held, if anything: pin, type, reference. */
    void release(Caller caller, CopyEnd end, boolean write) {
        if (!end.acquired) {
            return;
        }
        end.acquired = false;
        if (end.byReference) {
            InForce table = domain(end).grantTable().enter(caller.section());
            pinning.unpin(table.grants(), end.pin.act, end.pin.act, Page.ORDER_4K, access(write));
        }
        if (end.typed) {
            end.typed = false;
            frames.putType(end.pin.frame);
        }
        frames.put(end.pin.frame, Page.ORDER_4K);
    }

    /** The next call starts with nothing. */
    void forget(CopyEnd end) {
        end.domid = CopyEnd.NOBODY;
        end.domain = null;
    }
}
