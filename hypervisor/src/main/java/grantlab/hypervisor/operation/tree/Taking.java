package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.revocation.Residue;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Revocations;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * Phases 3 to 5 of a revocation (grant-v3.md, 8.2) of leaves through which nothing new can begin: places are emptied, TLBs flushed,
 * references dropped, at most 32 records at a time, and then the granter sees that the leaf is not in use.
 */
@MachineScoped
final class Taking {
    /** {@link #claim}: all that there is was taken, or is in the batch. */
    private static final int ALL = 0;

    /** {@link #claim}: there is no room for more. */
    private static final int FULL = 1;

    /** {@link #claim}: somebody else has claimed some, or copies. */
    private static final int OTHERS = 2;

    private final PlaceTaking places;
    private final LeafRelease release;
    private final Residue residue;
    private final Quiescence quiescence;
    private final Domains domains;
    private final MappingSearch search;

    @Inject
    Taking(
            PlaceTaking places,
            LeafRelease release,
            Residue residue,
            Quiescence quiescence,
            Domains domains,
            MappingSearch search) {
        this.places = places;
        this.domains = domains;
        this.search = search;
        this.release = release;
        this.residue = residue;
        this.quiescence = quiescence;
    }

    /** The leaves of one slice, and what came of all slices. */
    static final class Slice {
        private static final int LEAVES = 32;
        private static final long NO_FRAME = TreeTable.NO_FRAME;

        private final long[] keys = new long[LEAVES];
        private final int[] orders = new int[LEAVES];
        private final long[] frames = new long[LEAVES];
        private final Fates fates;

        /** Nothing is taken: the grantee is asked. */
        private final Revocations.@Nullable Request request;

        /** Devices are not waited for. */
        private final boolean async;

        private int size;

        /** Mappings that were taken. */
        int taken;

        /** Those of them for which something stands in. */
        int replaced;

        /** Whether devices are blocked from some of which their writes were to vanish. */
        boolean blocked;

        /** Whether some of them are yet to be taken from devices. */
        boolean pending;

        /** Whether the grantee reaches a frame without a record. */
        boolean residue;

        /** No leaf yet; the mappings of all that come get these fates, as far as they accepted them. */
        Slice(Fates fates) {
            this(fates, false);
        }

        /** The same, and the caller may not want to wait for devices. */
        Slice(Fates fates, boolean async) {
            this.fates = fates;
            this.async = async;
            this.request = null;
        }

        /** No leaf yet; of all that come the grantee is asked to let go. */
        Slice(Revocations.Request request) {
            this.fates = Fates.GONE;
            this.async = false;
            this.request = request;
        }

        void begin() {
            size = 0;
        }

        boolean full() {
            return size == LEAVES;
        }

        /** A leaf, and the number of its first frame in the granter's map, or NO_FRAME. */
        void add(long key, int order, long gfn) {
            keys[size] = key;
            orders[size] = order;
            frames[size++] = gfn;
        }
    }

    /** No map, no copy through the leaf begins any more; those under way end by themselves. */
    static void revoking(@Nullable Domain grantee, Tree tree, long key, Slice slice) {
        if (grantee == null) {
            return;
        }
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        revokingLocked(acts, buckets, bucket, tree, key, slice);
        buckets.unlockLook(bucket);
    }

    private static int revokingLocked(LeafActs acts, Buckets buckets, int bucket, Tree tree, long key, Slice slice) {
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
        if (act == LeafActs.NONE) {
            return act;
        }
        int state = LeafPins.state(acts.pins(act));
        if (state == LeafPins.LIVE) {
            acts.setPins(act, LeafPins.inState(acts.pins(act), LeafPins.REVOKING));
            tree.revocations().closing(key);
        } else if (state == LeafPins.REVOKING && slice.request != null) {
            tree.revocations().waiting(slice.request);
        }
        return act;
    }

    /** The same for an entry that the granter emptied while it was in use: only the act tells. */
    static void closeEmptied(@Nullable Domain grantee, Tree tree, long key, Slice slice) {
        if (grantee == null) {
            return;
        }
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = revokingLocked(acts, buckets, bucket, tree, key, slice);
        if (act != LeafActs.NONE) {
            slice.add(key, acts.order(act), tree.table().frame(acts.snapshot(act)));
        }
        buckets.unlockLook(bucket);
    }

    /** The same for what is in use of a whole tree: its entry too becomes a tombstone. @return false: the word keeps changing */
    static boolean closeAct(Domain grantee, Tree tree, long key, Slice slice) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = revokingLocked(acts, buckets, bucket, tree, key, slice);
        boolean closed = true;
        if (act != LeafActs.NONE) {
            closed = tree.table().close(key, acts.order(act), acts.snapshot(act)) == Status.OKAY;
            slice.add(key, acts.order(act), tree.table().frame(acts.snapshot(act)));
        }
        buckets.unlockLook(bucket);
        return closed;
    }

    /**
     * Takes everything back that a slice names, unless the grantee is only asked, and waits for copies and unmaps that had begun before. The records of neighbouring
     * leaves share a flush.
     */
    void finish(Taker taker, @Nullable Domain grantee, Tree tree, Slice slice) {
        if (grantee == null || slice.request != null) {
            return;
        }
        for (int leaf = 0; leaf < slice.size; leaf++) {
            int found = claim(taker, grantee, tree, slice, leaf);
            while (found != ALL) {
                take(taker, grantee, slice);
                if (found == OTHERS) {
                    // Somebody else ends some of it at this moment, and has claimed it.
                    taker.await(quiescence);
                } else {
                    taker.pause();
                }
                if (Grantee.of(domains, tree) != grantee) {
                    // It died, and nothing of it is left to be taken.
                    return;
                }
                found = claim(taker, grantee, tree, slice, leaf);
            }
        }
        take(taker, grantee, slice);
        for (int leaf = 0; leaf < slice.size; leaf++) {
            if (!close(grantee, tree, slice.keys[leaf])) {
                // That is for whoever waits for the devices.
                slice.frames[leaf] = Slice.NO_FRAME;
            }
        }
        for (int leaf = 0; leaf < slice.size && grantee != taker.granter; leaf++) {
            audit(taker, grantee, slice, leaf);
        }
    }

    /** Takes back up to 32 records that were claimed. */
    private void take(Taker taker, Domain grantee, Slice slice) {
        UnmappedLeaves batch = taker.batch;
        if (batch.size() == 0) {
            return;
        }
        boolean drains = !slice.async || PlaceTaking.mustDrain(batch, slice.fates);
        PlaceTaking.Taken taken = places.take(taker.granter, grantee, batch, slice.fates, drains, taker.mapped);
        slice.replaced += taken.replaced();
        slice.blocked |= taken.blocked();
        for (int i = 0; i < batch.size(); i++) {
            if (!drains && DeviceReach.lingers(batch.access(i), grantee)) {
                slice.pending = true;
                grantee.books().records().draining(batch.record(i), batch.held(i));
            } else {
                release.dropReferences(grantee, taker.granter, batch, i);
                taken(grantee.books(), batch.record(i), batch.act(i));
            }
        }
        slice.taken += batch.size();
        taker.works(batch.size());
        batch.clear();
    }

    /**
     * Goes on with a leaf when devices have forgotten all of it that was emptied.
     *
     * @param key of a leaf in use
     * @return whether the grantee reaches a frame of it without a record
     */
    boolean resume(Taker taker, Domain grantee, Tree tree, long key) {
        UnmappedLeaves batch = taker.batch;
        int found = FULL;
        while (found == FULL && Grantee.of(domains, tree) == grantee) {
            found = claimDrained(grantee, tree, key, batch);
            for (int i = 0; i < batch.size(); i++) {
                release.dropReferences(grantee, taker.granter, batch, i);
                taken(grantee.books(), batch.record(i), batch.act(i));
            }
            batch.clear();
        }
        if (Grantee.of(domains, tree) != grantee) {
            return false;
        }
        Slice rest = new Slice(Fates.GONE);
        addLeaf(grantee, tree, key, rest);
        close(grantee, tree, key);
        for (int leaf = 0; leaf < rest.size && grantee != taker.granter; leaf++) {
            audit(taker, grantee, rest, leaf);
        }
        return rest.residue;
    }

    /** The whole leaf, of which devices may have known one page: the audit is of all of it. */
    private static void addLeaf(Domain grantee, Tree tree, long key, Slice slice) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
        if (act != LeafActs.NONE) {
            slice.add(key, acts.order(act), tree.table().frame(acts.snapshot(act)));
        }
        buckets.unlockLook(bucket);
    }

    private static int claimDrained(Domain grantee, Tree tree, long key, UnmappedLeaves batch) {
        Books books = grantee.books();
        int bucket = books.buckets().lockLook(tree.id(), key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : books.buckets().find(bucket, tree.id(), key);
        int record = act == LeafActs.NONE ? Records.NONE : books.acts().firstRecord(act);
        int found = ALL;
        for (; record != Records.NONE && found == ALL; record = books.records().nextOfAct(record)) {
            if (batch.full()) {
                found = FULL;
            } else if (books.records().resume(record)) {
                batch.addEmptied(books.records(), record);
            }
        }
        books.buckets().unlockLook(bucket);
        return found;
    }

    private static void taken(Books books, int record, int act) {
        LeafActs acts = books.acts();
        int bucket = books.buckets().lock(acts.tree(act), acts.key(act));
        long[] page = acts.page(act);
        int at = Slab.at(act);
        if (books.records().insistsOnWriting(record)) {
            LeafActs.addInsistent(page, at, -1);
        }
        books.records().taken(record, page, at);
        books.buckets().unlock(bucket);
    }

    /** Claims records of a leaf until the batch is full. @return {@link #ALL}, {@link #FULL} or {@link #OTHERS} */
    private int claim(Taker taker, Domain grantee, Tree tree, Slice slice, int leaf) {
        Books books = grantee.books();
        long key = slice.keys[leaf];
        long frame = machineFrame(taker.granter, slice.frames[leaf]);
        int bucket = books.buckets().lockLook(tree.id(), key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : books.buckets().find(bucket, tree.id(), key);
        int found = act == LeafActs.NONE ? ALL : claimOf(taker, grantee, act, frame, slice, leaf);
        books.buckets().unlockLook(bucket);
        return found;
    }

    private int claimOf(Taker taker, Domain grantee, int act, long frame, Slice slice, int leaf) {
        RecordClaims claims =
                new RecordClaims(grantee.books().records(), taker.batch, UnmappedLeaves.CAPACITY, slice.async);
        if (!search.ofLeaf(grantee, act, frame, slice.orders[leaf], claims)) {
            return FULL;
        }
        return claims.missed() || grantee.books().acts().inFlight(act) != 0 ? OTHERS : ALL;
    }

    /**
     * The granter sees in one step that nobody uses the leaf and that the grantee still has to acknowledge.
     *
     * @return false: some of it is yet to be taken from devices
     */
    private static boolean close(Domain grantee, Tree tree, long key) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
        boolean taken = act == LeafActs.NONE || acts.firstRecord(act) == Records.NONE;
        if (act != LeafActs.NONE && taken && LeafPins.state(acts.pins(act)) == LeafPins.REVOKING) {
            tree.table().attached(key, acts.order(act), true);
            acts.setPins(act, LeafPins.inState(acts.pins(act), LeafPins.REVOKED));
        }
        buckets.unlockLook(bucket);
        return taken;
    }

    private void audit(Taker taker, Domain grantee, Slice slice, int leaf) {
        long frame = machineFrame(taker.granter, slice.frames[leaf]);
        if (frame != MappingSearch.NO_FRAME) {
            slice.residue |=
                    residue.of(frame, slice.orders[leaf], taker.granter, grantee, () -> taker.await(quiescence));
        }
    }

    /** Where a number leads in the granter's map now, if it is memory of its own. */
    private static long machineFrame(Domain granter, long gfn) {
        long entry = gfn == Slice.NO_FRAME
                ? PhysicalMap.INVALID
                : granter.physicalMap().entry(gfn);
        return entry != PhysicalMap.INVALID && PhysicalMap.typeOf(entry) == PhysicalMap.RAM_RW
                ? PhysicalMap.frameOf(entry)
                : MappingSearch.NO_FRAME;
    }
}
