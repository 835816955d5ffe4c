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
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Rows 6 to 11 of map (xen-semantics 2.1) and rows 1 to 8 of copy (2.7.4): one order for all formats. A pin brings one
 * reference on the frame, which belongs to whoever pinned. A grant of a grant is marked here; {@link TransitiveGrants}
 * goes on with it.
 */
@MachineScoped
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
     * @return zero; a status, and then nothing is pinned; or HOP, and then the entry is marked and the leaf says where it
     *     leads
     */
    public int pin(Domain granter, Grants grants, long reference, int grantee, int access, Leaf leaf, Pin pin) {
        int status = pinAndStay(granter, grants, reference, grantee, access, leaf, pin);
        if (status == Status.OKAY) {
            grants.acts().unlock(pin.act, pin.word);
        }
        return status;
    }

    /**
     * Pins like {@link #pin}, but on success the record stays locked: for a use that becomes visible in one step with what it
     * is for. The caller ends by unlocking it with the pin's word, or with what {@link #withoutUse} makes of that.
     */
    public int pinAndStay(Domain granter, Grants grants, long reference, int grantee, int access, Leaf leaf, Pin pin) {
        int status = grants.table().locate(reference, access, leaf);
        if (status != Status.OKAY) {
            return status;
        }
        int act = grants.act(leaf.key);
        long word = grants.acts().lock(act);
        boolean stays = false;
        try {
            status = judge(grants, word, grantee, access, leaf);
            if (status == Status.OKAY) {
                status = acquire(granter, grants, act, word, access, leaf, pin);
                if (status == Status.OKAY) {
                    pin.word = counted(grants, act, word, grantee, access, leaf, pin);
                    stays = true;
                } else if (status != Status.HOP) {
                    reduce(grants, leaf.key, leaf.order, leaf.snapshot, Acts.pins(word), access);
                }
            }
        } finally {
            if (!stays) {
                grants.acts().unlock(act, word);
            }
        }
        return status;
    }

    /**
     * A marked entry leads nowhere: takes back the marks that no pin justifies.
     *
     * @param grants table and records of the granter
     * @param act the record
     * @param leaf as it was marked
     * @param access that it was marked for
     */
    public void unmark(Grants grants, int act, Leaf leaf, int access) {
        long word = grants.acts().lock(act);
        reduce(grants, leaf.key, leaf.order, leaf.snapshot, Acts.pins(word), access);
        grants.acts().unlock(act, word);
    }

    /**
     * A marked entry led to a frame: counts the use, unless the record is another one than when the entry was marked.
     *
     * @param grants table and records of the granter
     * @param grantee who is going to use it
     * @param access that it was marked for
     * @param pin what was found through the other reference, and the record before
     * @return false: others came in between, nothing is counted
     */
    boolean pinHop(Grants grants, int grantee, int access, Pin pin) {
        Acts acts = grants.acts();
        long word = acts.lock(pin.act);
        boolean fresh = Acts.pins(word) == 0;
        boolean unchanged = !Acts.closed(word)
                && Acts.pins(word) == Acts.pins(pin.before)
                && (fresh || (Acts.grantee(word) == grantee && acts.sameHop(pin.act, word, pin)));
        long pinned = word;
        if (unchanged) {
            if (fresh) {
                acts.adoptHop(pin.act, pin);
                pinned = Acts.firstHop(grantee);
            }
            pinned = Acts.withPins(pinned, Acts.pins(word) + Pins.increment(access));
        }
        acts.unlock(pin.act, pinned);
        return unchanged;
    }

    /** Conflicts with what is pinned, then the guest's word where it has to be asked. */
    private int judge(Grants grants, long word, int grantee, int access, Leaf leaf) {
        int pins = Acts.pins(word);
        boolean fresh = pins == 0;
        if (!fresh && conflicts(word, grantee, access)) {
            return Acts.closed(word) && Acts.grantee(word) == grantee ? Status.REVOKED : Status.GENERAL_ERROR;
        }
        if (fresh || firstWriter(pins, access)) {
            return grants.table().mark(leaf, grantee, access, fresh);
        }
        return Status.OKAY;
    }

    /**
     * One reference serves one grantee at a time, 128 uses of a kind, no mapping while its use is narrow, and nothing new when it was
     * taken back or asked for.
     */
    private static boolean conflicts(long word, int grantee, int access) {
        return Acts.grantee(word) != grantee
                || Acts.closed(word)
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
        if (leaf.kind == Leaf.HOP) {
            grants.table().read(leaf);
            pin.act = act;
            pin.before = word;
            return Status.HOP;
        }
        if (fresh) {
            return translate(granter, grants, leaf, pin);
        }
        if (copies && firstWriter(Acts.pins(word), access)) {
            return translateAgain(granter, grants, act, word, leaf, pin);
        }
        return keep(granter, grants.acts(), act, copies, pin);
    }

    private int translate(Domain granter, Grants grants, Leaf leaf, Pin pin) {
        grants.table().read(leaf);
        if (granter.dying() && granter.translated()) {
            // Its map was torn down: the numbers of its frames mean nothing any more, though some frames live.
            return Status.BAD_PAGE;
        }
        long frame = granter.physicalMap().getFrameToGrant(leaf.gfn);
        if (frame < 0) {
            return (int) frame;
        }
        pin.frame = frame;
        return Status.OKAY;
    }

    private int translateAgain(Domain granter, Grants grants, int act, long word, Leaf leaf, Pin pin) {
        int status = translate(granter, grants, leaf, pin);
        if (status != Status.OKAY) {
            return status;
        }
        Acts acts = grants.acts();
        if (pin.frame != acts.frame(act) || Acts.hop(word) || isOtherWindow(acts, act, word, leaf)) {
            frames.put(pin.frame, Page.ORDER_4K);
            return Status.GENERAL_ERROR;
        }
        return Status.OKAY;
    }

    /** The entry's window as it stands there, against the 15 and 16 bits that were kept of it. */
    private static boolean isOtherWindow(Acts acts, int act, long word, Leaf leaf) {
        return Acts.narrow(word)
                && (leaf.kind != Leaf.WINDOW
                        || leaf.windowStart != acts.windowStart(act)
                        || leaf.windowLength != acts.windowLength(act));
    }

    /** A pin is no proof that the page still is the granter's: the granter may be dying (XSA-236). */
    private int keep(Domain granter, Acts acts, int act, boolean copies, Pin pin) {
        long frame = acts.frame(act);
        boolean got = !(copies && granter.dying()) && frames.get(frame, Page.ORDER_4K, granter.domid());
        if (!got) {
            return copies ? Status.BAD_DOMAIN : Status.GENERAL_ERROR;
        }
        pin.frame = frame;
        return Status.OKAY;
    }

    /** What a use may reach is what the first one was given. */
    private static long counted(Grants grants, int act, long word, int grantee, int access, Leaf leaf, Pin pin) {
        Acts acts = grants.acts();
        int pins = Acts.pins(word);
        long now = word;
        if (pins == 0) {
            boolean narrow = leaf.kind != Leaf.PAGE;
            if (narrow) {
                acts.adoptNarrow(act, pin.frame, leaf.windowStart, leaf.windowLength, leaf.snapshot);
            } else {
                acts.adopt(act, pin.frame, leaf.snapshot);
            }
            now = Acts.firstUse(grantee, narrow);
        }
        pin.act = act;
        pin.hopDomid = Pin.NO_HOP;
        acts.readWindow(act, Acts.narrow(now), pin);
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
        long word = grants.acts().lock(act);
        long left = word;
        try {
            left = withoutUse(grants, act, word, key, order, access);
        } finally {
            grants.acts().unlock(act, left);
        }
    }

    /**
     * Ends a use in a locked record.
     *
     * @param word word 0 of the record
     * @return word 0 without the use
     */
    public long withoutUse(Grants grants, int act, long word, long key, int order, int access) {
        int left = Acts.pins(word) - Pins.increment(access);
        if (!Pins.covers(Acts.pins(word), Pins.increment(access))) {
            throw new IllegalStateException("record " + act + " is unpinned more often than it was pinned");
        }
        reduce(grants, key, order, grants.acts().snapshot(act), left, access);
        return Acts.withPins(word, left);
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
