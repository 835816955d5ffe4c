package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.mapping.Pins;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Rows 6 to 11 of map (xen-semantics 2.1) and rows 1 to 8 of copy (2.7.4): one order for all formats. A pin brings one
 * reference on the frame, which belongs to whoever pinned.
 */
@Singleton
public final class Pinning {
    private final FrameTable frames;

    @Inject
    Pinning(Ground ground) {
        this.frames = ground.frames();
    }

    /**
     * Pins a reference.
     *
     * @param granter whose reference it is
     * @param grants its table and records
     * @param reference the reference or index
     * @param grantee who is going to use it
     * @param access READ or READ | WRITE, with HOST, DEVICE or COPY
     * @param leaf scratch
     * @param pin filled on success
     * @return zero or a status, and then nothing is pinned
     */
    public int pin(Domain granter, Grants grants, long reference, int grantee, int access, Leaf leaf, Pin pin) {
        int status = grants.table().locate(reference, access, leaf);
        if (status != Status.OKAY) {
            return status;
        }
        int act = grants.numbering().act(leaf.key);
        if (act == Grants.Numbering.NONE) {
            return Status.QUOTA;
        }
        long word = grants.acts().lock(act);
        long pinned = word;
        try {
            status = judge(grants, word, grantee, access, leaf);
            if (status == Status.OKAY) {
                status = acquire(granter, grants, act, word, access, leaf, pin);
                if (status == Status.OKAY) {
                    pinned = counted(grants, act, word, grantee, access, leaf, pin);
                } else {
                    reduce(grants, leaf.key, leaf.order, leaf.snapshot, Acts.pins(word), access);
                }
            }
        } finally {
            grants.acts().unlock(act, pinned);
        }
        return status;
    }

    /** Conflicts with what is pinned, then the guest's word where it has to be asked. */
    private int judge(Grants grants, long word, int grantee, int access, Leaf leaf) {
        int pins = Acts.pins(word);
        boolean fresh = pins == 0;
        if (!fresh && conflicts(word, grantee, access)) {
            return Status.GENERAL_ERROR;
        }
        if (fresh || firstWriter(pins, access) || grants.everyPinReads()) {
            return grants.table().mark(leaf, grantee, access, fresh);
        }
        return Status.OKAY;
    }

    /** One reference serves one grantee at a time, 128 uses of a kind, and no mapping while its use is narrow. */
    private static boolean conflicts(long word, int grantee, int access) {
        return Acts.grantee(word) != grantee
                || Pins.saturated(Acts.pins(word), Pins.increment(access))
                || (Acts.narrow(word) && (access & Access.COPY) == 0);
    }

    private static boolean firstWriter(int pins, int access) {
        return Access.writes(access) && !Pins.written(pins);
    }

    /**
     * The frame and a reference on it. An entry in use keeps the frame that it was first used with, whatever the guest wrote
     * since; only a copy that is the first to write looks again, and insists on the same frame (XSA-500).
     */
    private int acquire(Domain granter, Grants grants, int act, long word, int access, Leaf leaf, Pin pin) {
        boolean fresh = Acts.pins(word) == 0;
        boolean copies = (access & Access.COPY) != 0;
        if (fresh || grants.everyPinReads()) {
            return translate(granter, grants, leaf, pin);
        }
        if (copies && firstWriter(Acts.pins(word), access)) {
            return translateAgain(granter, grants, act, word, leaf, pin);
        }
        return keep(granter, grants.acts(), act, copies, pin);
    }

    private int translate(Domain granter, Grants grants, Leaf leaf, Pin pin) {
        grants.table().read(leaf);
        if (leaf.kind == Leaf.HOP) {
            return Status.GENERAL_ERROR;
        }
        long frame = granter.physicalMap().frameToGrant(leaf.gfn);
        if (frame < 0) {
            return (int) frame;
        }
        if (!frames.get(frame, Page.ORDER_4K, granter.domid())) {
            return Status.BAD_PAGE;
        }
        pin.frame = frame;
        pin.windowStart = leaf.windowStart;
        pin.windowLength = leaf.windowLength;
        return Status.OKAY;
    }

    private int translateAgain(Domain granter, Grants grants, int act, long word, Leaf leaf, Pin pin) {
        int status = translate(granter, grants, leaf, pin);
        if (status != Status.OKAY) {
            return status;
        }
        Acts acts = grants.acts();
        boolean otherWindow = Acts.narrow(word)
                && (pin.windowStart != acts.windowStart(act) || pin.windowLength != acts.windowLength(act));
        if (pin.frame != acts.frame(act) || otherWindow) {
            frames.put(pin.frame, Page.ORDER_4K);
            return Status.GENERAL_ERROR;
        }
        return Status.OKAY;
    }

    /** A pin is no proof that the page still is the granter's: the granter may be dying (XSA-236). */
    private int keep(Domain granter, Acts acts, int act, boolean copies, Pin pin) {
        long frame = acts.frame(act);
        boolean got = !(copies && granter.dying()) && frames.get(frame, Page.ORDER_4K, granter.domid());
        if (!got) {
            return copies ? Status.BAD_DOMAIN : Status.GENERAL_ERROR;
        }
        pin.frame = frame;
        pin.windowStart = acts.windowStart(act);
        pin.windowLength = acts.windowLength(act);
        return Status.OKAY;
    }

    private static long counted(Grants grants, int act, long word, int grantee, int access, Leaf leaf, Pin pin) {
        pin.act = act;
        int pins = Acts.pins(word);
        long now = word;
        if (pins == 0) {
            grants.acts().adopt(act, pin.frame, pin.windowStart, pin.windowLength, leaf.snapshot);
            now = Acts.firstUse(grantee, leaf.kind != Leaf.PAGE);
        }
        return Acts.withPins(now, pins + Pins.increment(access));
    }

    /**
     * Ends a use.
     *
     * @param grants table and records of the granter
     * @param act the record
     * @param key of the leaf
     * @param order of the leaf
     * @param access as it was pinned, or a part of it
     */
    public void unpin(Grants grants, int act, long key, int order, int access) {
        Acts acts = grants.acts();
        long word = acts.lock(act);
        int left = Acts.pins(word) - Pins.increment(access);
        if (!Pins.covers(Acts.pins(word), Pins.increment(access))) {
            acts.unlock(act, word);
            throw new IllegalStateException("record " + act + " is unpinned more often than it was pinned");
        }
        reduce(grants, key, order, acts.snapshot(act), left, access);
        acts.unlock(act, Acts.withPins(word, left));
    }

    /**
     * Takes back the marks that the remaining pins do not justify (xen-semantics 3.5). Ending a use that only read never
     * touches the mark of writers, though the granter had forged it.
     */
    private static void reduce(Grants grants, long key, int order, long snapshot, int left, int ended) {
        int unused = left == 0 ? Access.READ : 0;
        if (Access.writes(ended) && !Pins.written(left)) {
            unused |= Access.WRITE;
        }
        if (unused != 0) {
            grants.table().clear(key, order, snapshot, unused);
        }
    }
}
