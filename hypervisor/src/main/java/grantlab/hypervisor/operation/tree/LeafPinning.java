package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.LeafPin;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.caller.Worker;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Buckets;
import grantlab.hypervisor.tree.HeldBucket;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Revocations;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.List;

/**
 * Pin and unpin of a leaf (grant-v3.md, section 7.1, MAP-20 to MAP-31): walk, rights, act, mark, frame, in this order. The mark is the linearisation
 * point with the granter; the frame is looked up only then, so that it is the one that the granter promised.
 */
@MachineScoped
final class LeafPinning {
    /** A shared word that keeps changing is looked at so often. */
    private static final int ATTEMPTS = 4;

    private final FrameTable frames;
    private final Notices notices;

    @Inject
    LeafPinning(Ground ground, Notices notices) {
        this.frames = ground.frames();
        this.notices = notices;
    }

    /**
     * Pins a leaf. On success its use is counted, a reference is held on {@code 2^order} frames, and the caller's leaf tells about
     * the leaf; it ends by {@link #link}, {@link #stay} or {@link #undo}. The bucket of the act is locked then, and may be also when
     * nothing was pinned, until {@link HeldBucket#letGo}: the next leaf has its act in the same one mostly.
     *
     * @param index of the first page
     * @param access READ or READ | WRITE, with HOST, DEVICE or COPY
     * @param order of the pages that a reference is wanted on
     * @return zero or a status, and then nothing is pinned
     */
    int pin(Caller caller, Domain granter, Tree tree, long index, int access, int order) {
        int status = Status.UNSTABLE;
        caller.leafPin.boundMet = false;
        for (int attempt = 0; attempt < ATTEMPTS && status == Status.UNSTABLE; attempt++) {
            status = attempt(caller, granter, tree, index, access, order);
        }
        if (caller.leafPin.boundMet) {
            caller.worker.bucket.letGo();
            if (caller.advance.isFinal(tree)) {
                notices.quotaHit(caller.outbox, tree, index, Notices.MAX_ACTIVE);
            }
        }
        return status;
    }

    private int attempt(Caller caller, Domain granter, Tree tree, long index, int access, int order) {
        Leaf leaf = caller.leaf;
        int status = tree.table().locate(index, access, leaf);
        if (status != Status.OKAY && status != Status.REVOKED) {
            return status;
        }
        if (status == Status.OKAY) {
            status = judge(caller.domain(), tree, leaf, access, order);
        }
        if (status == Status.OKAY) {
            status = locked(caller, granter, tree, access, order);
        }
        tree.table().keep(leaf);
        return status;
    }

    /** What the leaf allows, by the words of the walk. */
    private static int judge(Domain grantee, Tree tree, Leaf leaf, int access, int order) {
        if (leaf.order != Page.ORDER_4K && !TreeFlags.largeLeaves(tree)) {
            return Status.BAD_SIZE;
        }
        if ((access & ~leaf.rights & (Access.WRITE | Access.HOST | Access.DEVICE)) != 0) {
            return Status.PERMISSION_DENIED;
        }
        if (leaf.order < order) {
            return Status.BAD_SIZE;
        }
        boolean forDevices = (access & Access.HOST) != 0 && Announced.devicesShareMap(grantee);
        return forDevices && (leaf.rights & Access.DEVICE) == 0 ? Status.UNSUPPORTED : Status.OKAY;
    }

    private int locked(Caller caller, Domain granter, Tree tree, int access, int order) {
        long key = caller.leaf.key;
        int bucket = caller.worker.bucket.hold(tree.id(), key);
        if (bucket == Buckets.NONE) {
            return Status.QUOTA;
        }
        caller.leafPin.bucket = bucket;
        int act = caller.buckets.find(bucket, tree.id(), key);
        return act == LeafActs.NONE
                ? begin(caller, granter, tree, access, order)
                : join(caller, granter, tree, act, access, order);
    }

    /** The first use of a leaf. The act is NEW until the use is more than an attempt. */
    private int begin(Caller caller, Domain granter, Tree tree, int access, int order) {
        LeafPin pin = caller.leafPin;
        int act = taken(caller, tree);
        if (act == LeafActs.NONE) {
            return Status.QUOTA;
        }
        pin.act = act;
        pin.fresh = true;
        int status = tree.table().mark(caller.leaf, caller.domid(), access, true);
        if (status == Status.OKAY) {
            status = translate(granter, caller.leaf, order, pin);
            if (status == Status.OKAY) {
                pin.pins = LeafPins.fresh() + LeafPins.increment(access);
                return Status.OKAY;
            }
            undo(caller, tree, access);
        } else {
            untake(caller, tree);
        }
        return status;
    }

    /** One more use of a leaf that is in use. */
    private int join(Caller caller, Domain granter, Tree tree, int act, int access, int order) {
        LeafPin pin = caller.leafPin;
        LeafActs acts = caller.acts;
        pin.act = act;
        pin.fresh = false;
        int status = conflict(acts, act, caller.leaf);
        if (status == Status.OKAY) {
            status = tree.table().mark(caller.leaf, caller.domid(), access, false);
        }
        if (status == Status.OKAY) {
            acts.setPins(act, acts.pins(act) + LeafPins.increment(access));
            status = translate(granter, caller.leaf, order, pin);
            if (status != Status.OKAY) {
                undo(caller, tree, access);
            }
        }
        return status;
    }

    /** MAP-25: room for an act within all bounds. */
    private static int taken(Caller caller, Tree tree) {
        if (!caller.advance.takeLeaf(tree)) {
            caller.leafPin.boundMet = true;
            return LeafActs.NONE;
        }
        int act = caller.atHand.acts().take();
        if (act == LeafActs.NONE) {
            tree.give(1, 0);
        }
        return act;
    }

    private static void untake(Caller caller, Tree tree) {
        caller.atHand.acts().give(caller.leafPin.act);
        tree.give(1, 0);
    }

    /** A leaf in use keeps its frame and generation; one that is only being tried is looked at again. */
    private static int conflict(LeafActs acts, int act, Leaf leaf) {
        if (acts.snapshot(act) != leaf.snapshot || acts.order(act) != leaf.order) {
            return acts.hasRecords(act) ? Status.BUSY : Status.UNSTABLE;
        }
        if (LeafPins.state(acts.pins(act)) != LeafPins.LIVE) {
            return Status.REVOKED;
        }
        return LeafPins.full(acts.pins(act)) ? Status.OVERFLOW : Status.OKAY;
    }

    /** MAP-30, MAP-31: plain memory of the granter, in one block of at least the order; held before it is looked at again. */
    private int translate(Domain granter, Leaf leaf, int order, LeafPin pin) {
        PhysicalMap map = granter.physicalMap();
        Changes changes = map.memoryChanges();
        long before = changes.count();
        long entry = map.entry(leaf.gfn);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return Status.BAD_PAGE;
        }
        long frame = PhysicalMap.frameOf(entry);
        if (order > PhysicalMap.orderOf(entry)) {
            return Status.BAD_SIZE;
        }
        // Of a PV guest: a page that becomes a page table while others only read it stays theirs to read (DOWN-6).
        if (!frames.getPlain(frame, order, granter.domid())) {
            return Status.BAD_PAGE;
        }
        if (changes.count() != before && map.entry(leaf.gfn) != entry) {
            frames.put(frame, order);
            return Status.UNSTABLE;
        }
        pin.frame = frame;
        pin.order = order;
        return Status.OKAY;
    }

    // What becomes of a pin

    /** The pin becomes a mapping: MAP-34. */
    void link(Caller caller, Tree tree, int record, boolean insists) {
        if (caller.leafPin.fresh) {
            insert(caller, tree, record, insists);
            return;
        }
        int act = caller.leafPin.act;
        caller.records.link(caller.acts, act, record);
        if (insists) {
            LeafActs.addInsistent(caller.acts.page(act), Slab.at(act), 1);
        }
    }

    /** The pin becomes one without a mapping: of a copy. The bucket is unlocked. */
    void stay(Caller caller, Tree tree) {
        if (caller.leafPin.fresh) {
            insert(caller, tree, Records.NONE, false);
        }
        caller.acts.addInFlight(caller.leafPin.act, 1);
        caller.worker.bucket.letGo();
    }

    /** A NEW act is LIVE from now on. */
    private static void insert(Caller caller, Tree tree, int record, boolean insists) {
        LeafPin pin = caller.leafPin;
        Leaf leaf = caller.leaf;
        caller.buckets.insert(
                pin.bucket, pin.act, tree.id(), leaf.key, leaf.order, leaf.snapshot, pin.pins, record, insists);
    }

    /** A pin comes to nothing; the reference is dropped already, or was not got. */
    void undo(Caller caller, Tree tree, int access) {
        LeafPin pin = caller.leafPin;
        Leaf leaf = caller.leaf;
        boolean notify;
        if (pin.fresh) {
            notify = tree.table().end(leaf, leaf.key, leaf.order, leaf.snapshot);
            untake(caller, tree);
        } else {
            LeafActs acts = caller.acts;
            long left = acts.pins(pin.act) - LeafPins.increment(access);
            acts.setPins(pin.act, left);
            notify = reduce(tree, leaf, leaf.key, leaf.order, leaf.snapshot, left, access);
        }
        if (notify) {
            caller.worker.bucket.letGo();
            notices.unmapped(caller.outbox, tree, leaf.key, leaf.order);
        }
    }

    // How a use ends

    /** A pin without a mapping ends; the reference is dropped already. */
    void leave(Caller caller, Tree tree, int access) {
        LeafActs acts = caller.acts;
        int act = caller.leafPin.act;
        int bucket = caller.worker.bucket.hold(tree.id(), acts.key(act));
        acts.addInFlight(act, -1);
        if (unpin(caller.domain().books(), bucket, act, tree, access, caller.worker)) {
            tree.give(1, 0);
        }
        caller.worker.bucket.letGo();
    }

    /**
     * A mapping leaves the list of its act, and its pin ends; the reference is dropped already. The bucket stays locked.
     *
     * @param record claimed, its place empty
     * @param by who ends it; the tree is charged for it until he gives back
     */
    void unlink(Books books, Tree tree, int act, int record, int access, Worker by) {
        LeafActs acts = books.acts();
        long[] page = acts.page(act);
        int at = Slab.at(act);
        int bucket = by.bucket.hold(tree.id(), LeafActs.key(page, at));
        leaveList(books.records(), record, page, at);
        by.refund.leaf(tree, unpin(books, bucket, act, tree, access, by));
    }

    private static void leaveList(Records records, int record, long[] page, int at) {
        records.unlink(record, page, at);
        if (!records.empty(record) && records.insistsOnWriting(record)) {
            LeafActs.addInsistent(page, at, -1);
        }
    }

    /**
     * The same of mappings of leaves of one page beside one another, each the only use of its leaf, as far as those that wait are
     * such; of any other mapping by itself.
     *
     * @param first the first of those that wait, not of a flat table
     * @return how many
     */
    int unlink(Books books, Tree tree, UnmappedLeaves unmapped, int first, Worker by) {
        LeafActs acts = books.acts();
        int act = unmapped.act(first);
        long key = acts.key(act);
        int bucket = by.bucket.hold(tree.id(), key);
        if (acts.isTogether(act)) {
            if (unmapped.beginsOctetOfActs(first)) {
                unlinkTogether(books, tree, act, key, bucket, by);
                return Slab.OCTET;
            }
            books.buckets().part(bucket, act);
        }
        int most = Math.min(unmapped.size() - first, Buckets.together(key));
        int count = lastUses(acts, tree, key, unmapped, first, most, by);
        if (count == 0) {
            unlink(books, tree, act, unmapped.record(first), unmapped.access(first), by);
            return 1;
        }
        int notify = tree.table().end(by.near, key, by.snapshots, 0, count);
        books.buckets().remove(bucket, by.acts, count);
        by.refund.leaves(tree, count);
        by.atHand.acts().give(by.acts, count);
        tell(notices, by, tree, key, notify);
        return count;
    }

    /** Of acts that are together each has but the mapping with which it began. */
    private void unlinkTogether(Books books, Tree tree, int act, long key, int bucket, Worker by) {
        long[] page = books.acts().page(act);
        int notify = tree.table().end(by.near, key, page, LeafActs.snapshots(act), Slab.OCTET);
        books.buckets().removeTogether(bucket, act);
        by.refund.leaves(tree, Slab.OCTET);
        by.atHand.acts().giveOctet(act);
        tell(notices, by, tree, key, notify);
    }

    /**
     * How many of those that wait are each the mapping of a page, and nothing is to be said of its leaf but that it is in use no more. Acts
     * and snapshots are the worker's then.
     */
    private static int lastUses(
            LeafActs acts, Tree tree, long key, UnmappedLeaves unmapped, int first, int most, Worker by) {
        boolean ordinary = unmapped.ordinary();
        long[] page = acts.page(unmapped.act(first));
        int count = 0;
        for (; count < most; count++) {
            int i = first + count;
            int act = unmapped.act(i);
            if (!ordinary && (unmapped.flat(i) || unmapped.empty(i))) {
                break;
            }
            if (count != 0 && !Slab.share(act, by.acts[count - 1])) {
                page = acts.page(act);
            }
            int at = Slab.at(act);
            if (LeafActs.key(page, at) != key + count || !isOnlyUse(page, at, tree, unmapped.access(i))) {
                break;
            }
            by.acts[count] = act;
            by.snapshots[count] = LeafActs.snapshot(page, at);
        }
        return count;
    }

    /** Whether a leaf of a page is used once, by a mapping, and nothing is to be said of it but that it is in use no more. */
    private static boolean isOnlyUse(long[] page, int at, Tree tree, int access) {
        return LeafActs.isOf(page, at, tree.id(), Page.ORDER_4K)
                && LeafActs.pins(page, at) == LeafPins.fresh() + LeafPins.increment(access);
    }

    /**
     * {@link #unlink} of a mapping of a page that was not taken back; what it is charged for is left to the caller. The bucket may stay
     * locked.
     *
     * @param page of the act
     * @return whether the leaf is in use no more
     */
    boolean end(Books books, Tree tree, int act, long[] page, int record, int access, Worker by) {
        int at = Slab.at(act);
        long key = LeafActs.key(page, at);
        int bucket = by.bucket.hold(tree.id(), key);
        if (!isOnlyUse(page, at, tree, access)) {
            leaveList(books.records(), record, page, at);
            return unpin(books, bucket, act, tree, access, by);
        }
        boolean notify = tree.table().end(by.near, key, Page.ORDER_4K, LeafActs.snapshot(page, at));
        books.buckets().remove(bucket, act, page);
        by.atHand.acts().give(act);
        if (notify) {
            by.bucket.letGo();
            notices.unmapped(by.outbox, tree, key, Page.ORDER_4K);
        }
        return true;
    }

    /**
     * Tells the granter of leaves of one page beside one another.
     *
     * @param by no bucket of his is locked afterwards, if there is something to tell
     * @param notify bit n: of leaf {@code first + n}
     */
    static void tell(Notices notices, Worker by, Tree tree, long first, int notify) {
        if (notify == 0) {
            return;
        }
        by.bucket.letGo();
        for (int left = notify; left != 0; left &= left - 1) {
            long key = first + Integer.numberOfTrailingZeros(left);
            notices.unmapped(by.outbox, tree, key, Page.ORDER_4K);
        }
    }

    /**
     * Ends a use: the last one clears what the granter sees, ends the act, and tells the granter if it wants to hear of it.
     *
     * @param bucket of the act, locked
     * @return whether it was the last one; the tree is still charged for the leaf
     */
    private boolean unpin(Books books, int bucket, int act, Tree tree, int access, Worker by) {
        long[] page = books.acts().page(act);
        int at = Slab.at(act);
        long key = LeafActs.key(page, at);
        int order = LeafActs.order(page, at);
        long left = LeafActs.unpin(page, at, LeafPins.increment(access));
        boolean notify = reduce(tree, by.near, key, order, LeafActs.snapshot(page, at), left, access);
        if (LeafPins.used(left)) {
            return false;
        }
        books.buckets().remove(bucket, act, page);
        by.atHand.acts().give(act);
        if (LeafPins.state(left) == LeafPins.REVOKING) {
            drained(tree, key, order, notify, by);
        } else if (notify) {
            by.bucket.letGo();
            notices.unmapped(by.outbox, tree, key, order);
        }
        return true;
    }

    /** The last use of a leaf that is asked for: some requests are fulfilled by that. */
    private void drained(Tree tree, long key, int order, boolean notify, Worker by) {
        List<Revocations.Request> fulfilled = tree.revocations().drained(key);
        by.bucket.letGo();
        if (notify) {
            notices.unmapped(by.outbox, tree, key, order);
        }
        for (Revocations.Request request : fulfilled) {
            notices.requestOver(by.outbox, tree, request, true);
        }
    }

    /** What the granter sees of the uses that are left. @return whether none is and the granter wants to hear of it */
    private static boolean reduce(Tree tree, Leaf near, long key, int order, long snapshot, long left, int ended) {
        if (!LeafPins.used(left)) {
            boolean notify = tree.table().end(near, key, order, snapshot);
            if (LeafPins.state(left) == LeafPins.REVOKED) {
                // Only now: from here on the index may be granted anew.
                tree.table().attached(key, order, false);
            }
            return notify;
        }
        if (Access.writes(ended) && !Access.writes(LeafPins.inUse(left))) {
            tree.table().clear(near, key, order, snapshot, Access.WRITE);
        }
        return false;
    }
}
