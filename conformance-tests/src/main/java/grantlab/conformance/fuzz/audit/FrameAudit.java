package grantlab.conformance.fuzz.audit;

import grantlab.api.Access;
import grantlab.api.abi.Domid;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.invariant.Mappings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * The books of the frames: references and type uses of a frame are the places that hold it, the parts of mappings that a
 * device has, the parts that stand nowhere any more, the nodes and rings that are held, and the allocation. So each place that holds a frame has its reference,
 * and nothing else has one.
 *
 * <p>Looked at after each operation are all frames of small domains, those of large ones that were ever mapped anew or that
 * the caller asked for, and all of both that ever belonged here; {@link #checkAll} looks at every frame.
 */
final class FrameAudit {
    /** Domains with more pages are not looked at entirely after each operation. */
    private static final long SMALL = 1024;

    private final Machine machine;
    private final FrameTable frames;
    private final LongUnaryOperator others;
    private final Holdings holdings = new Holdings();
    private final Pool pool = new Pool();
    private final LongConsumer changed = pool::add;
    private final Map<Domain, Places> places = new HashMap<>();
    private final Mappings.Visitor parts = this::part;

    private final LongConsumer pages = this::page;

    private List<Domain> domains = List.of();
    private final long[] counted = new long[1 << 16];

    /** Parts of mappings that hold something besides places: frame, references, types in turn. */
    private long[] loose = new long[96];

    private int looseSize;

    /**
     * Over a machine.
     *
     * @param machine whose books
     * @param others how many references on a frame somebody outside of the machine took
     */
    FrameAudit(Machine machine, LongUnaryOperator others) {
        this.machine = machine;
        this.frames = machine.frames();
        this.others = others;
    }

    /** Looks at a frame after each operation. */
    void watch(long mfn) {
        pool.add(mfn);
    }

    /** Checks after one operation. */
    void check() {
        prepare();
        try {
            judgeAll();
        } finally {
            holdLoose(-1);
        }
    }

    private void prepare() {
        meet();
        looseSize = 0;
        for (Places place : places.values()) {
            if (place instanceof TranslatedPlaces translated) {
                translated.forgetNames();
            }
        }
        machine.mappings().visit(parts);
        machine.mappings().visitLeaves(parts);
        machine.leaves().visitHeldPages(pages);
        for (Domain domain : domains) {
            refresh(domain);
        }
        holdLoose(1);
    }

    /** Checks every frame of every domain, and looks for mappings that nobody knows of. */
    void checkAll() {
        prepare();
        try {
            judgeAll();
            for (Domain domain : domains) {
                for (long mfn = frames.nextOwned(domain.domid(), 0);
                        mfn != FrameTable.NONE;
                        mfn = frames.nextOwned(domain.domid(), mfn + 1)) {
                    judge(mfn);
                }
            }
        } finally {
            holdLoose(-1);
        }
        for (Domain domain : domains) {
            if (places.get(domain) instanceof TranslatedPlaces translated && translated.hidden() >= 0) {
                throw new Finding(
                        Finding.FRAMES,
                        "d%d has something mapped at gfn %x where no handle says so"
                                .formatted(domain.domid(), translated.hidden()));
            }
        }
    }

    /** Checks that nobody owns anything any more. */
    void checkNothingLeft() {
        meet();
        if (!domains.isEmpty()) {
            throw new Finding(
                    Finding.LEAK,
                    "all domains were destroyed, and these are left: "
                            + domains.stream().map(Domain::domid).toList());
        }
        for (int n = 0; n < pool.size(); n++) {
            long mfn = pool.frame(n);
            boolean free = frames.owner(mfn) == FrameTable.NO_OWNER
                    && frames.references(mfn) == 0
                    && frames.typeUses(mfn) == 0;
            // The hypervisor keeps pages of its own: that of zeros.
            if (!free && frames.owner(mfn) != Domid.XEN) {
                throw new Finding(Finding.LEAK, "frame leaked: " + describe(mfn, 0));
            }
        }
    }

    // Domains come and go

    private void meet() {
        List<Domain> now = machine.domains();
        if (now.equals(domains)) {
            return;
        }
        List<Domain> gone = new ArrayList<>(domains);
        gone.removeAll(now);
        domains = now;
        gone.forEach(this::bury);
        for (Domain domain : now) {
            if (!places.containsKey(domain)) {
                places.put(domain, open(domain));
                enumerate(domain);
            }
        }
    }

    private Places open(Domain domain) {
        return domain.translated()
                ? new TranslatedPlaces(domain.domid(), domain.physicalMap(), frames)
                : new PageTablePlaces(domain.domid(), machine.memory(), frames);
    }

    private void bury(Domain domain) {
        Places left = places.remove(domain);
        if (left != null) {
            left.refresh(holdings, changed);
            if (left.left() != 0) {
                throw new Finding(
                        Finding.LEAK,
                        "d%d is gone and still has frames mapped in %d places".formatted(domain.domid(), left.left()));
            }
        }
    }

    /** Finds what a domain owns. */
    private void enumerate(Domain domain) {
        boolean watched = frames.pages(domain.domid()) <= SMALL;
        Places place = places.get(domain);
        for (long mfn = frames.nextOwned(domain.domid(), 0);
                mfn != FrameTable.NONE;
                mfn = frames.nextOwned(domain.domid(), mfn + 1)) {
            if (place instanceof PageTablePlaces tables) {
                tables.owned(mfn, holdings);
            }
            if (watched || frames.isShared(mfn)) {
                pool.add(mfn);
            }
        }
        if (place != null) {
            place.refresh(holdings, watched ? changed : mfn -> {});
        }
    }

    // What holds frames

    private void refresh(Domain domain) {
        Places place = places.get(domain);
        if (place != null) {
            place.refresh(holdings, changed);
        }
    }

    /** The part through a device, and an orphaned one through the CPU, hold what no place holds for them. */
    private void part(Domain grantee, Domain granter, long reference, long frame, int access, int order, long place) {
        boolean host = (access & Access.HOST) != 0;
        if (host && place >= 0 && grantee.translated() && places.get(grantee) instanceof TranslatedPlaces translated) {
            translated.name(place, order);
        }
        boolean writes = Access.writes(access);
        if ((access & Access.DEVICE) != 0) {
            loose(frame, writes ? 1 : 0);
        }
        if (host && Mappings.isOrphaned(place)) {
            boolean typed = Access.writes(Mappings.orphanedAccess(place))
                    && (frames.typed(granter.domid()) || granter == grantee);
            loose(frame, typed ? 1 : 0);
        }
    }

    /** A tree holds a node as writable memory, and a ring its pages. */
    private void page(long mfn) {
        loose(mfn, 1);
    }

    private void loose(long frame, int types) {
        if (looseSize == loose.length) {
            loose = Arrays.copyOf(loose, 2 * looseSize);
        }
        loose[looseSize++] = frame;
        loose[looseSize++] = types;
        pool.add(frame);
    }

    private void holdLoose(int sign) {
        for (int n = 0; n < looseSize; n += 2) {
            holdings.add(loose[n], sign, sign * (int) loose[n + 1]);
        }
    }

    // Judgement

    private void judgeAll() {
        for (Domain domain : domains) {
            counted[domain.domid()] = 0;
            judgeNames(domain);
        }
        for (int n = 0; n < pool.size(); n++) {
            int owner = judge(pool.frame(n));
            if (owner >= 0) {
                counted[owner]++;
            }
        }
        for (Domain domain : domains) {
            int domid = domain.domid();
            long owns = frames.pages(domid) + frames.sharedPages(domid);
            if (owns <= SMALL && counted[domid] != owns) {
                enumerate(domain);
                judgeNew(domain, owns);
            }
        }
    }

    /** A place that holds a grant is named by a handle or a record (grant-v3.md, I1). */
    private void judgeNames(Domain domain) {
        if (places.get(domain) instanceof TranslatedPlaces translated && translated.nameless() >= 0) {
            throw new Finding(
                    Finding.PLACES,
                    "d%d has a grant mapped at gfn %x, and no handle says so"
                            .formatted(domain.domid(), translated.nameless()));
        }
    }

    /** A domain got frames that nobody had seen: they are judged now, and then its number of frames must be right. */
    private void judgeNew(Domain domain, long owns) {
        long found = 0;
        for (int n = 0; n < pool.size(); n++) {
            if (judge(pool.frame(n)) == domain.domid()) {
                found++;
            }
        }
        if (found != owns) {
            throw new Finding(
                    Finding.FRAMES, "d%d is said to own %d frames, and owns %d".formatted(domain.domid(), owns, found));
        }
    }

    /** @return the owner */
    private int judge(long mfn) {
        int owner = frames.owner(mfn);
        long references = frames.references(mfn);
        long held = holdings.of(mfn);
        long expected = Holdings.references(held) + (frames.isAllocated(mfn) ? 1L : 0);
        if (references != expected && references != expected + others.applyAsLong(mfn)) {
            throw new Finding(Finding.FRAMES, "references: " + describe(mfn, held));
        }
        if (frames.typeUses(mfn) != Holdings.types(held)) {
            throw new Finding(Finding.FRAMES, "type uses: " + describe(mfn, held));
        }
        if (owner == FrameTable.NO_OWNER ? references != 0 : references == 0 && !frames.isShared(mfn)) {
            throw new Finding(Finding.FRAMES, "ownership: " + describe(mfn, held));
        }
        return owner;
    }

    private String describe(long mfn, long held) {
        long outside = others.applyAsLong(mfn);
        long gfn = frames.machineToPhysical(mfn);
        return ("frame %x of %s%s has %d references and %d uses of type %d; accounted for are %d references by places and"
                        + " mappings,%s%s and %d type uses%s")
                .formatted(
                        mfn,
                        frames.owner(mfn) == FrameTable.NO_OWNER ? "nobody" : "d" + frames.owner(mfn),
                        frames.isShared(mfn) ? " (of its table)" : "",
                        frames.references(mfn),
                        frames.typeUses(mfn),
                        frames.type(mfn),
                        Holdings.references(held),
                        frames.isAllocated(mfn) ? " 1 by its allocation" : "",
                        outside == 0 ? "" : " " + outside + " by d0's look at it",
                        Holdings.types(held),
                        gfn == PhysicalMap.INVALID ? "" : "; the guest's number is " + Long.toHexString(gfn));
    }
}
