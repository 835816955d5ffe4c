package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Revoke;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.operation.HandleTaking;
import grantlab.hypervisor.revocation.Residue;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Revocations;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * v3_revoke of slot 0 (grant-v3.md, 8.2, "Slot 0"): references of the caller's flat table, in slices of 32. The lists of a
 * reference say what was mapped of it, by operation 0 and through slot 0; everything else that used it is over after one quiescence.
 */
@MachineScoped
final class RevokeReferences {
    private static final int SLICE = 32;
    private static final int NO_GENERATION = 0;

    private final Domains domains;
    private final ReferenceTaking taking;
    private final Residue residue;
    private final Notices notices;

    @Inject
    RevokeReferences(Domains domains, ReferenceTaking taking, Residue residue, Notices notices) {
        this.domains = domains;
        this.taking = taking;
        this.residue = residue;
        this.notices = notices;
    }

    /** REVOKE-6 to REVOKE-12, and what follows. The range has a size. @return a status */
    int revoke(Caller caller, FrameArguments arguments, Fates fates) {
        if ((arguments.u32(V3Head.FLAGS) & V3Revoke.ASYNC) != 0) {
            // Slot 0 has no ring.
            return Status.INVAL;
        }
        int refused = refuse(caller, arguments);
        if (refused != Status.OKAY) {
            return refused;
        }
        long first = arguments.u64(V3Revoke.FIRST);
        long count = arguments.u64(V3Revoke.COUNT);
        if (!everybodyAgreed(caller, first + arguments.u64(V3Revoke.DONE), first + count)) {
            return Status.NOT_REVOCABLE;
        }
        Revocations.Begun begun = new Revocations.Begun();
        Revocations underWay = caller.domain().trees().flatRevocations();
        if (!underWay.begin(first, count, begun)) {
            if (begun.id == Revocations.NO_ROOM) {
                return Status.QUOTA;
            }
            arguments.set64(V3Revoke.REVOKE_ID, begun.id);
            return Status.BUSY;
        }
        try {
            arguments.set64(V3Revoke.REVOKE_ID, begun.id);
            return take(caller, arguments, fates, first, first + count);
        } finally {
            underWay.end(begun.id);
        }
    }

    /** REVOKE-6 and REVOKE-7, of any revocation of slot 0. @return a status */
    static int refuse(Caller caller, FrameArguments arguments) {
        if (arguments.u8(V3Revoke.GEN) != NO_GENERATION) {
            return Status.STALE;
        }
        long first = arguments.u64(V3Revoke.FIRST);
        long size = grants(caller).table().size();
        return first < 0 || first > size - arguments.u64(V3Revoke.COUNT) ? Status.BAD_GNTREF : Status.OKAY;
    }

    private static Grants grants(Caller caller) {
        return caller.domain().grantTable().enter(caller.section()).grants();
    }

    /** REVOKE-8. Who comes later is asked again when his reference is closed. */
    private boolean everybodyAgreed(Caller caller, long from, long end) {
        for (long next = from; next < end; next += SLICE) {
            Acts acts = grants(caller).acts();
            for (long reference = next; reference < Math.min(end, next + SLICE); reference++) {
                int act = (int) reference;
                long word = acts.lock(act);
                boolean agreed = agreed(acts, act, word);
                acts.unlock(act, word);
                if (!agreed) {
                    return false;
                }
            }
            caller.section().leave();
            caller.section().enter();
        }
        return true;
    }

    /** Whether nobody has the page for his CPU who accepted no fate. Copies and devices have nothing to accept. */
    private boolean agreed(Acts acts, int act, long word) {
        Domain grantee = Acts.pins(word) == 0 || Acts.taken(word) ? null : domains.find(Acts.grantee(word));
        if (grantee == null) {
            return true;
        }
        if ((grantee.books().legacyFates() & Announced.LEGACY_FATES) == 0
                && HandleTaking.reachedByCpu(grantee.maptrack(), acts, act)) {
            return false;
        }
        Records records = grantee.books().records();
        for (int record = acts.firstRecord(act, word); record != Records.NONE; record = records.nextOfAct(record)) {
            if (records.insistsOnItself(record)) {
                return false;
            }
        }
        return true;
    }

    private int take(Caller caller, FrameArguments arguments, Fates fates, long first, long end) {
        ReferenceTaking.Slice slice = new ReferenceTaking.Slice(fates);
        int status = Status.OKAY;
        long next = first + arguments.u64(V3Revoke.DONE);
        boolean leaks = false;
        while (status == Status.OKAY && next < end) {
            int size = (int) Math.min(end - next, SLICE);
            slice.begin((int) next);
            while (slice.size() < size && status == Status.OKAY) {
                status = close(caller, slice.next());
                if (status == Status.OKAY) {
                    slice.add();
                }
            }
            if (!taking.finish(caller, slice)) {
                return Status.UNSTABLE;
            }
            for (int i = 0; i < slice.size(); i++) {
                settle(caller, slice, i);
            }
            for (int i = 0; i < slice.size(); i++) {
                leaks |= leaks(caller, slice, i);
            }
            next += slice.size();
            arguments.set64(V3Revoke.DONE, next - first);
        }
        arguments.set32(V3Revoke.REPLACED, slice.replaced());
        arguments.set32(V3Revoke.UNMAPPED, slice.taken() - slice.replaced());
        int fallen = fates.sinks() && slice.blocked() ? V3Revoke.FELL_BACK_TO_BLOCK : 0;
        arguments.set32(V3Revoke.RESULT, fallen | (leaks ? V3Revoke.RESIDUAL_REFS : 0));
        return status == Status.OKAY && leaks ? Status.RESIDUAL : status;
    }

    /** Phase 1: the entry grants nothing any more, and then what uses it is being taken back. */
    private int close(Caller caller, int reference) {
        Grants grants = grants(caller);
        if (reference >= grants.table().size()) {
            // Another version came meanwhile, whose table is shorter.
            return Status.BAD_GNTREF;
        }
        Acts acts = grants.acts();
        long word = acts.lock(reference);
        long after = word;
        try {
            if (!agreed(acts, reference, word)) {
                return Status.NOT_REVOCABLE;
            }
            int closed = grants.table().close(reference, Page.ORDER_4K, acts.snapshot(reference));
            if (closed == Status.OKAY && Acts.pins(word) != 0 && !Acts.taken(word)) {
                after = Acts.beginRevoking(word);
            }
            return closed;
        } finally {
            acts.unlock(reference, after);
        }
    }

    /** Phases 5 and 6 of one reference: it is in quarantine until it is acknowledged. */
    private void settle(Caller caller, ReferenceTaking.Slice slice, int i) {
        Domain granter = caller.domain();
        Acts acts = grants(caller).acts();
        int act = slice.reference(i);
        long word = acts.lock(act);
        boolean taken = Acts.pins(word) != 0 && Acts.taken(word);
        long frame = acts.frame(act);
        acts.unlock(act, taken ? Acts.revoked(word) : word);
        Domain grantee = taken && !Acts.narrow(word) ? domains.find(Acts.grantee(word)) : null;
        slice.settle(i, grantee, frame);
        if (grantee != null && slice.mappings(i) != 0) {
            notices.revoked(caller.outbox, granter, grantee, act);
        }
    }

    /** The audit, between which the section may be left. @return whether its grantee still has the page */
    private boolean leaks(Caller caller, ReferenceTaking.Slice slice, int i) {
        Domain grantee = slice.settled(i);
        return grantee != null
                && grantee != caller.domain()
                && residue.of(
                        slice.frame(i), Page.ORDER_4K, caller.domain(), grantee, () -> taking.othersLeave(caller));
    }
}
