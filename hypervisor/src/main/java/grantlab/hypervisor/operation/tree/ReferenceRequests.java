package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Revoke;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.BitSet;

/**
 * v3_revoke of slot 0 with SOFT (grant-v3.md, 8.2, "Slot 0"): references of the caller's flat table are closed to new uses, and whoever
 * has mapped some is asked for them. Nothing of it is kept but in the references: each is asked for until its last use ends, and the
 * granter sees that in its own entry, or calls again.
 */
@MachineScoped
final class ReferenceRequests {
    private static final int SLICE = 32;

    private final Domains domains;
    private final ReferenceTaking taking;
    private final Notices notices;

    @Inject
    ReferenceRequests(Domains domains, ReferenceTaking taking, Notices notices) {
        this.domains = domains;
        this.taking = taking;
        this.notices = notices;
    }

    /** REVOKE-6, REVOKE-7 and REVOKE-12, and what follows. The range has a size. @return a status */
    int ask(Caller caller, FrameArguments arguments) {
        int refused = RevokeReferences.refuse(caller, arguments);
        if (refused != Status.OKAY) {
            return refused;
        }
        long first = arguments.u64(V3Revoke.FIRST);
        long count = arguments.u64(V3Revoke.COUNT);
        long inTheWay = caller.domain().trees().flatRevocations().inTheWayOf(first, count);
        arguments.set64(V3Revoke.REVOKE_ID, inTheWay);
        if (inTheWay != 0) {
            return Status.BUSY;
        }
        BitSet grantees = new BitSet();
        int status = ask(caller, arguments, first, first + count, grantees);
        arguments.set32(V3Revoke.REPLACED, 0);
        arguments.set32(V3Revoke.UNMAPPED, 0);
        arguments.set32(V3Revoke.RESULT, grantees.isEmpty() ? 0 : V3Revoke.SOFT_PENDING);
        tell(caller, grantees, first, arguments.u64(V3Revoke.DONE));
        return status;
    }

    /** Closes a range, slice by slice, and finds who has mapped something of it. @return a status */
    private int ask(Caller caller, FrameArguments arguments, long first, long end, BitSet grantees) {
        int status = Status.OKAY;
        long next = first + arguments.u64(V3Revoke.DONE);
        while (status == Status.OKAY && next < end) {
            long from = next;
            long border = Math.min(end, from + SLICE);
            while (next < border && status == Status.OKAY) {
                status = close(caller, (int) next);
                next += status == Status.OKAY ? 1 : 0;
            }
            // Of a grant of a grant that is being copied only the entry knows yet; and no copy is to be asked for.
            taking.othersLeave(caller);
            if (!taking.isHere(caller)) {
                return Status.UNSTABLE;
            }
            look(caller, from, next, grantees);
            arguments.set64(V3Revoke.DONE, next - first);
        }
        return status;
    }

    private static Grants grants(Caller caller) {
        return caller.domain().grantTable().enter(caller.section()).grants();
    }

    /** Phase 1: the entry grants nothing any more, and what uses it is not joined by others. */
    private static int close(Caller caller, int reference) {
        Grants grants = grants(caller);
        if (reference >= grants.table().size()) {
            // Another version came meanwhile, whose table is shorter.
            return Status.BAD_GNTREF;
        }
        Acts acts = grants.acts();
        long word = acts.lock(reference);
        long after = word;
        try {
            int closed = grants.table().close(reference, Page.ORDER_4K, acts.snapshot(reference));
            if (closed == Status.OKAY && Acts.pins(word) != 0 && !Acts.taken(word)) {
                after = Acts.ask(word);
            }
            return closed;
        } finally {
            acts.unlock(reference, after);
        }
    }

    /** Who has something mapped of a part of the range. What another call takes back by now is not asked for. */
    private static void look(Caller caller, long from, long to, BitSet grantees) {
        Acts acts = grants(caller).acts();
        for (long reference = from; reference < to; reference++) {
            int act = (int) reference;
            long word = acts.lock(act);
            acts.unlock(act, word);
            if (Acts.asked(word)) {
                grantees.set(Acts.grantee(word));
            }
        }
    }

    /** Each of them hears once of all that was closed. */
    private void tell(Caller caller, BitSet grantees, long first, long count) {
        for (int domid = grantees.nextSetBit(0); domid >= 0; domid = grantees.nextSetBit(domid + 1)) {
            Domain grantee = domains.find(domid);
            if (grantee != null) {
                notices.requested(caller.outbox, caller.domain(), grantee, first, count);
            }
        }
    }
}
