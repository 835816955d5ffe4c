package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.revocation.Residue;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * Phases 3 to 5 of a revocation (grant-v3.md, 8.2) of leaves through which nothing new can begin: places are emptied, TLBs flushed,
 * references dropped, at most 32 records at a time, and then the granter sees that the leaf is not in use.
 */
@Singleton
final class Taking {
    private final LeafRelease release;
    private final Residue residue;
    private final Quiescence quiescence;

    @Inject
    Taking(LeafRelease release, Residue residue, Quiescence quiescence) {
        this.release = release;
        this.residue = residue;
        this.quiescence = quiescence;
    }

    /** The leaves of one slice, and what came of all slices. */
    static final class Slice {
        private static final int LEAVES = 32;
        private static final long NO_FRAME = -1;

        private final long[] keys = new long[LEAVES];
        private final int[] orders = new int[LEAVES];
        private final long[] frames = new long[LEAVES];
        private int size;

        /** Mappings that were removed. */
        int taken;

        /** Whether the grantee reaches a frame without a record. */
        boolean residue;

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
    static void revoking(@Nullable Domain grantee, Tree tree, long key) {
        if (grantee == null) {
            return;
        }
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        revokingLocked(acts, buckets, bucket, tree, key);
        buckets.unlockLook(bucket);
    }

    private static int revokingLocked(LeafActs acts, Buckets buckets, int bucket, Tree tree, long key) {
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
        if (act != LeafActs.NONE && LeafPins.state(acts.pins(act)) == LeafPins.LIVE) {
            acts.setPins(act, LeafPins.inState(acts.pins(act), LeafPins.REVOKING));
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
        int act = revokingLocked(acts, buckets, bucket, tree, key);
        if (act != LeafActs.NONE) {
            slice.add(key, acts.order(act), Slice.NO_FRAME);
        }
        buckets.unlockLook(bucket);
    }

    /** The same for what is in use of a whole tree: its entry too becomes a tombstone. @return false: the word keeps changing */
    static boolean closeAct(Domain grantee, Tree tree, long key, Slice slice) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = revokingLocked(acts, buckets, bucket, tree, key);
        boolean closed = true;
        if (act != LeafActs.NONE) {
            closed = tree.table().close(key, acts.order(act), acts.snapshot(act)) == Status.OKAY;
            slice.add(key, acts.order(act), Slice.NO_FRAME);
        }
        buckets.unlockLook(bucket);
        return closed;
    }

    /** Takes everything back that a slice names, and waits for copies and unmaps that had begun before. */
    void finish(Caller caller, @Nullable Domain grantee, Tree tree, Slice slice) {
        for (int leaf = 0; grantee != null && leaf < slice.size; leaf++) {
            long key = slice.keys[leaf];
            while (!empty(caller, grantee, tree, key, slice)) {
                // Somebody else ends some of it at this moment, and has claimed it.
                caller.outside(this::quiesce);
            }
            close(grantee, tree, key, slice.orders[leaf]);
            if (grantee != caller.domain()) {
                audit(caller.domain(), grantee, slice, leaf);
            }
        }
    }

    /** Up to 32 records. @return whether there is no more to do */
    private boolean empty(Caller caller, Domain grantee, Tree tree, long key, Slice slice) {
        UnmappedLeaves batch = caller.unmappedLeaves;
        boolean all = claim(grantee, tree, key, batch);
        if (batch.size() == 0) {
            return all;
        }
        Records records = grantee.books().records();
        for (int i = 0; i < batch.size(); i++) {
            UnmapSet.empty(grantee, batch, i, caller.mapped);
        }
        grantee.addressSpace().flush();
        for (int i = 0; i < batch.size(); i++) {
            release.dropReferences(grantee, caller.domain(), batch, i);
            records.taken(batch.record(i));
        }
        slice.taken += batch.size();
        batch.clear();
        return all;
    }

    /** Claims records of a leaf until the batch is full. @return whether all that are left are taken, or in the batch */
    private static boolean claim(Domain grantee, Tree tree, long key, UnmappedLeaves batch) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        Records records = grantee.books().records();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
        boolean all = act == LeafActs.NONE || acts.inFlight(act) == 0;
        for (int record = act == LeafActs.NONE ? Records.NONE : acts.firstRecord(act);
                record != Records.NONE;
                record = records.nextOfAct(record)) {
            if (batch.full()) {
                all = false;
                break;
            }
            if (records.claim(record)) {
                batch.add(records, record);
            } else if (!records.empty(record)) {
                all = false;
            }
        }
        buckets.unlockLook(bucket);
        return all;
    }

    /** The granter sees in one step that nobody uses the leaf and that the grantee still has to acknowledge. */
    private static void close(Domain grantee, Tree tree, long key, int order) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
        if (act != LeafActs.NONE && LeafPins.state(acts.pins(act)) == LeafPins.REVOKING) {
            tree.table().attached(key, order, true);
            acts.setPins(act, LeafPins.inState(acts.pins(act), LeafPins.REVOKED));
        }
        buckets.unlockLook(bucket);
    }

    private void audit(Domain granter, Domain grantee, Slice slice, int leaf) {
        long gfn = slice.frames[leaf];
        long entry = gfn == Slice.NO_FRAME
                ? PhysicalMap.INVALID
                : granter.physicalMap().entry(gfn);
        if (entry != PhysicalMap.INVALID && PhysicalMap.typeOf(entry) == PhysicalMap.RAM_RW) {
            slice.residue |= residue.of(PhysicalMap.frameOf(entry), slice.orders[leaf], grantee);
        }
    }

    private boolean quiesce() {
        quiescence.await();
        return true;
    }
}
