package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Makes what is mapped of a leaf for writing read-only (grant-v3.md, 8.3), when the entry allows no writing any more: places and
 * what devices reach, then the flush, then the writable type, then what the granter sees; at most 32 mappings at a time.
 *
 * <p>The list of a leaf is walked once. What keeps its place from one slice to the next is that its last mapping stays claimed: only
 * who claimed it could take it out of the list.
 */
@MachineScoped
final class Downgrading {
    /** A leaf in which writers keep appearing is looked at so often. */
    private static final int ATTEMPTS = 4;

    private final FrameTable frames;
    private final Quiescence quiescence;
    private final Domains domains;

    @Inject
    Downgrading(Ground ground, Quiescence quiescence, Domains domains) {
        this.domains = domains;
        this.frames = ground.frames();
        this.quiescence = quiescence;
    }

    /** How far a call is. */
    static final class Progress {
        /** The index that is next. */
        long next;

        /** Mappings that were changed. */
        long downgraded;

        /** The record that keeps the place in the list of a leaf, or {@link Records#NONE}. */
        private int mark = Records.NONE;

        Progress(long first) {
            this.next = first;
        }

        /** The place in the list is known otherwise, or not needed any more. */
        private void letGo(Records records) {
            if (mark != Records.NONE) {
                records.unclaim(mark);
                mark = Records.NONE;
            }
        }
    }

    /** Whether somebody writes who did not agree to lose that. */
    static boolean insists(Domain grantee, Tree tree, long key) {
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = find(buckets, bucket, tree, key);
        boolean insists = act != LeafActs.NONE && insists(grantee.books().acts(), act);
        buckets.unlockLook(bucket);
        return insists;
    }

    private static boolean insists(LeafActs acts, int act) {
        return acts.insistent(act) != 0;
    }

    private static int find(Buckets buckets, int bucket, Tree tree, long key) {
        return bucket == Buckets.NONE ? LeafActs.NONE : buckets.find(bucket, tree.id(), key);
    }

    /**
     * One leaf.
     *
     * @return zero; NOT_REVOCABLE, when somebody came meanwhile who did not agree; or UNSTABLE, when the granter kept allowing to
     *     write
     */
    int leaf(Caller caller, Domain grantee, Tree tree, long key, Progress progress) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int status = walk(caller, grantee, tree, key, progress);
            if (status != Status.OKAY || Grantee.of(domains, tree) != grantee || !writes(grantee, tree, key)) {
                return status;
            }
            // What is left had begun before, and ends by itself.
            caller.outside(this::quiesce);
            if (Grantee.of(domains, tree) != grantee) {
                return Status.OKAY;
            }
        }
        return Status.UNSTABLE;
    }

    /** What was taken back writes no more, though its grantee has not acknowledged it. */
    private static boolean writes(Domain grantee, Tree tree, long key) {
        LeafActs acts = grantee.books().acts();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = find(buckets, bucket, tree, key);
        boolean writes = act != LeafActs.NONE
                && LeafPins.state(acts.pins(act)) != LeafPins.REVOKED
                && LeafPins.writers(acts.pins(act)) != 0;
        buckets.unlockLook(bucket);
        return writes;
    }

    /** The whole list once. */
    private int walk(Caller caller, Domain grantee, Tree tree, long key, Progress progress) {
        int status = claim(caller, grantee, tree, key, progress);
        while (status == Status.OKAY && caller.unmappedLeaves.size() != 0) {
            change(caller, grantee, tree, progress);
            caller.leaf.letGo();
            caller.section().leave();
            caller.section().enter();
            // A mark is a mapping that lives, and with it its grantee.
            status = progress.mark == Records.NONE ? Status.OKAY : claim(caller, grantee, tree, key, progress);
        }
        return status;
    }

    /** Claims mappings that write, of the next 32 of the list. @return zero, or NOT_REVOCABLE and nothing is claimed */
    private static int claim(Caller caller, Domain grantee, Tree tree, long key, Progress progress) {
        LeafActs acts = grantee.books().acts();
        Records records = grantee.books().records();
        Buckets buckets = grantee.books().buckets();
        int bucket = buckets.lockLook(tree.id(), key);
        int act = find(buckets, bucket, tree, key);
        int status = Status.OKAY;
        if (act != LeafActs.NONE) {
            int next = progress.mark == Records.NONE ? acts.firstRecord(act) : records.nextOfAct(progress.mark);
            progress.letGo(records);
            if (insists(acts, act)) {
                status = Status.NOT_REVOCABLE;
            } else if (LeafPins.writers(acts.pins(act)) != 0) {
                claim(records, next, caller.unmappedLeaves, progress);
            }
        }
        buckets.unlockLook(bucket);
        return status;
    }

    private static void claim(Records records, int first, UnmappedLeaves batch, Progress progress) {
        int seen = 0;
        for (int record = first; record != Records.NONE; record = records.nextOfAct(record)) {
            boolean enough = ++seen >= UnmappedLeaves.CAPACITY;
            boolean writes = Access.writes(records.access(record));
            if ((writes || enough) && records.claim(record)) {
                if (writes || batch.size() == 0) {
                    batch.add(records, record);
                }
                if (enough) {
                    progress.mark = record;
                    return;
                }
            }
        }
    }

    private void change(Caller caller, Domain grantee, Tree tree, Progress progress) {
        UnmappedLeaves batch = caller.unmappedLeaves;
        for (int i = 0; i < batch.size(); i++) {
            if (Access.writes(batch.access(i))) {
                protect(caller, grantee, batch, i);
                progress.downgraded++;
            }
        }
        grantee.addressSpace().flush();
        for (int i = 0; i < batch.size(); i++) {
            dropTypes(caller.domain(), grantee, batch, i);
        }
        finish(caller, grantee, tree, progress);
        batch.clear();
    }

    /** Place and device space; what somebody else put at the place is let be. */
    private static void protect(Caller caller, Domain grantee, UnmappedLeaves batch, int i) {
        long frame = batch.frame(i);
        int access = batch.access(i);
        if ((access & Access.HOST) != 0) {
            long place = grantee.books().records().place(batch.record(i));
            int status =
                    grantee.addressSpace().replace(place, batch.order(i), frame, frame, Access.READ, caller.mapped);
            if (status == Status.OKAY) {
                batch.setHeld(i, caller.mapped.access);
            }
        }
        DeviceReach.downgrade(frame, access, batch.granter(i), grantee);
    }

    private void dropTypes(Domain granter, Domain grantee, UnmappedLeaves batch, int i) {
        long frame = batch.frame(i);
        int order = batch.order(i);
        int access = batch.access(i);
        if (batch.held(i) != UnmappedLeaves.NOTHING_HELD) {
            Holding.downgrade(frames, frame, order, batch.held(i) | Access.HOST, granter, grantee);
        }
        if (Access.writes(access)) {
            Holding.downgrade(frames, frame, order, access & ~Access.HOST, granter, grantee);
        }
    }

    /** The books, and with the last writer what the granter sees. */
    private static void finish(Caller caller, Domain grantee, Tree tree, Progress progress) {
        UnmappedLeaves batch = caller.unmappedLeaves;
        LeafActs acts = grantee.books().acts();
        Records records = grantee.books().records();
        int act = batch.act(0);
        int bucket = grantee.books().buckets().lock(tree.id(), acts.key(act));
        long pins = acts.pins(act);
        for (int i = 0; i < batch.size(); i++) {
            int record = batch.record(i);
            if (Access.writes(batch.access(i))) {
                pins = LeafPins.downgraded(pins);
                records.readsOnly(record);
            }
            if (record != progress.mark) {
                records.unclaim(record);
            }
        }
        acts.setPins(act, pins);
        if (LeafPins.writers(pins) == 0) {
            tree.table().clear(caller.leaf, acts.key(act), acts.order(act), acts.snapshot(act), Access.WRITE);
        }
        grantee.books().buckets().unlock(bucket);
    }

    private boolean quiesce() {
        quiescence.await();
        return true;
    }
}
