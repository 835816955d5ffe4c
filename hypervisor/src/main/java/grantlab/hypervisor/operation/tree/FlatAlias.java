package grantlab.hypervisor.operation.tree;

import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.operation.Pinning;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Slot 0, the alias of the flat table (grant-v3.md, section 2): its references are pinned as every grant of it, by the rules of
 * its version. A grant of a grant leads nowhere here.
 */
@MachineScoped
final class FlatAlias {
    private final Pinning pinning;
    private final FrameTable frames;

    @Inject
    FlatAlias(Pinning pinning, Ground ground) {
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /** Whether a reference of slot 0 is one of a flat table: 32 bits, no generation. */
    static boolean wellFormed(long reference) {
        return reference >>> Integer.SIZE == 0;
    }

    /** Pins; the caller's pin is filled, with one reference on the frame. @return zero or a status */
    int pin(Caller caller, Domain granter, long reference, int access) {
        int status = pinAndStay(caller, granter, reference, access);
        if (status == Status.OKAY) {
            grants(granter, caller.section()).acts().unlock(caller.pin.act, caller.pin.word);
        }
        return status;
    }

    /** Like {@link #pin}, but what was pinned stays locked until {@link #link} or {@link #withdraw}. */
    int pinAndStay(Caller caller, Domain granter, long reference, int access) {
        if (!wellFormed(reference)) {
            return Status.BAD_GNTREF;
        }
        Grants grants = grants(granter, caller.section());
        int status = pinning.pinAndStay(granter, grants, reference, caller.domid(), access, caller.leaf, caller.pin);
        if (status == Status.HOP) {
            pinning.unmark(grants, caller.pin.act, caller.leaf, access);
            return Status.GENERAL_ERROR;
        }
        return status;
    }

    /** What stays becomes a mapping: whoever sees the use counted finds its record too. */
    void link(Caller caller, Domain granter, int record) {
        Acts acts = grants(granter, caller.section()).acts();
        caller.records.link(acts, caller.pin.act, caller.pin.word, record);
        acts.unlock(caller.pin.act, caller.pin.word);
    }

    /** What stays comes to nothing; its reference is dropped already. */
    void withdraw(Caller caller, Domain granter, int access) {
        Grants grants = grants(granter, caller.section());
        int act = caller.pin.act;
        grants.acts().unlock(act, pinning.withoutUse(grants, act, caller.pin.word, act, Page.ORDER_4K, access));
    }

    /** A mapping ends whose references are dropped already. */
    void unlink(Domain granter, Section section, Records records, int record, int act, int access) {
        Grants grants = grants(granter, section);
        long word = grants.acts().lock(act);
        long left = word;
        try {
            records.unlink(record, grants.acts(), act);
            left = pinning.withoutUse(grants, act, word, act, Page.ORDER_4K, access);
        } finally {
            grants.acts().unlock(act, left);
        }
    }

    /** Ends a use without a mapping whose reference is dropped already. */
    void unpin(Domain granter, Section section, int act, int access) {
        pinning.unpin(grants(granter, section), act, act, Page.ORDER_4K, access);
    }

    /** A use without a mapping comes to nothing. */
    void undo(Caller caller, Domain granter, int access) {
        frames.put(caller.pin.frame, Page.ORDER_4K);
        unpin(granter, caller.section(), caller.pin.act, access);
    }

    private static Grants grants(Domain granter, Section section) {
        return granter.grantTable().enter(section).grants();
    }
}
