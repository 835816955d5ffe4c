package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.LeafPin;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.LeafPins;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Pin and unpin of a leaf (grant-v3.md, section 7.1, MAP-20 to MAP-31): walk, rights, act, mark, frame, in this order. The mark is the linearisation
 * point with the granter; the frame is looked up only then, so that it is the one that the granter promised.
 */
@Singleton
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
     * Pins a leaf. On success its act is counted up and its bucket stays locked, a reference is held on {@code 2^order} frames,
     * and the caller's leaf tells about the leaf; it ends by {@link #stay} or {@link #undo}.
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
            notices.quotaHit(caller.outbox, tree, index, Notices.MAX_ACTIVE);
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
        tree.table().release(leaf);
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
        Leaf leaf = caller.leaf;
        LeafPin pin = caller.leafPin;
        LeafActs acts = caller.domain().books().acts();
        int bucket = acts.lock(tree.id(), leaf.key);
        if (bucket == LeafActs.NONE) {
            return Status.QUOTA;
        }
        int act = acts.find(bucket, tree.id(), leaf.key);
        boolean fresh = act == LeafActs.NONE;
        int status = Status.OKAY;
        boolean notify = false;
        if (fresh) {
            act = begin(acts, bucket, tree, leaf, pin);
            status = act == LeafActs.NONE ? Status.QUOTA : Status.OKAY;
        } else {
            status = conflict(acts, act, leaf, access);
        }
        if (status == Status.OKAY) {
            status = tree.table().mark(leaf, caller.domid(), access, fresh);
            if (status == Status.OKAY) {
                status = translate(granter, leaf, order, pin);
                if (status != Status.OKAY) {
                    notify = reduce(tree, leaf.key, leaf.order, leaf.snapshot, acts.pins(act), access);
                }
            }
            if (status == Status.OKAY) {
                acts.setPins(act, acts.pins(act) + LeafPins.increment(access));
                pin.act = act;
                pin.bucket = bucket;
                pin.order = order;
                return Status.OKAY;
            }
        }
        if (fresh && act != LeafActs.NONE) {
            end(acts, bucket, act, tree);
        }
        acts.unlock(bucket);
        if (notify) {
            notices.unmapped(caller.outbox, tree, leaf.key, leaf.order);
        }
        return status;
    }

    private static int begin(LeafActs acts, int bucket, Tree tree, Leaf leaf, LeafPin pin) {
        if (!tree.takeActive()) {
            pin.boundMet = true;
            return LeafActs.NONE;
        }
        int act = acts.insert(bucket, tree.id(), leaf.key, leaf.order, leaf.snapshot);
        if (act == LeafActs.NONE) {
            tree.giveActive();
        }
        return act;
    }

    private static void end(LeafActs acts, int bucket, int act, Tree tree) {
        acts.remove(bucket, act);
        tree.giveActive();
    }

    /** A leaf in use keeps its frame and generation; one that is only being tried is looked at again. */
    private static int conflict(LeafActs acts, int act, Leaf leaf, int access) {
        if (acts.snapshot(act) != leaf.snapshot || acts.order(act) != leaf.order) {
            return acts.firstRecord(act) != Records.NONE ? Status.BUSY : Status.UNSTABLE;
        }
        if (LeafPins.state(acts.pins(act)) != LeafPins.LIVE) {
            return Status.REVOKED;
        }
        return LeafPins.full(acts.pins(act), access) ? Status.OVERFLOW : Status.OKAY;
    }

    /** MAP-30, MAP-31: plain memory of the granter, in one block of at least the order; held before it is looked at again. */
    private int translate(Domain granter, Leaf leaf, int order, LeafPin pin) {
        PhysicalMap map = granter.physicalMap();
        long entry = map.entry(leaf.gfn);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return Status.BAD_PAGE;
        }
        long frame = PhysicalMap.frameOf(entry);
        if (order > PhysicalMap.orderOf(entry)) {
            return Status.BAD_SIZE;
        }
        if (frames.isShared(frame) || isPageTable(frame) || !frames.get(frame, order, granter.domid())) {
            return Status.BAD_PAGE;
        }
        if (map.entry(leaf.gfn) != entry) {
            frames.put(frame, order);
            return Status.UNSTABLE;
        }
        pin.frame = frame;
        return Status.OKAY;
    }

    /** The pin becomes one without a mapping: of a copy. The bucket is unlocked. */
    void stay(Caller caller) {
        LeafActs acts = caller.domain().books().acts();
        acts.addInFlight(caller.leafPin.act, 1);
        acts.unlock(caller.leafPin.bucket);
    }

    /** Of a PV guest. A page that becomes one while others only read it stays theirs to read (DOWN-6). */
    private boolean isPageTable(long frame) {
        int type = frames.type(frame);
        return type != FrameTable.TYPE_NONE && type != FrameTable.TYPE_WRITABLE;
    }

    /** A pin without a mapping ends; the reference is dropped already. */
    void leave(Caller caller, Tree tree, int access) {
        Books books = caller.domain().books();
        int act = caller.leafPin.act;
        int bucket = books.acts().lockOf(act);
        books.acts().addInFlight(act, -1);
        unpin(books, caller.outbox, bucket, act, tree, access);
    }

    /** A pin comes to nothing; the reference is dropped already. The bucket is unlocked. */
    void undo(Caller caller, Tree tree, int access) {
        unpin(caller.domain().books(), caller.outbox, caller.leafPin.bucket, caller.leafPin.act, tree, access);
    }

    /**
     * Ends a use: the last one clears what the granter sees, tells it, and ends the act. The bucket is locked, and unlocked
     * afterwards.
     */
    void unpin(Books books, Outbox outbox, int bucket, int act, Tree tree, int access) {
        LeafActs acts = books.acts();
        long left = acts.pins(act) - LeafPins.increment(access);
        acts.setPins(act, left);
        long key = acts.key(act);
        int order = acts.order(act);
        boolean notify = reduce(tree, key, order, acts.snapshot(act), left, access);
        if (!LeafPins.used(left)) {
            end(acts, bucket, act, tree);
        }
        acts.unlock(bucket);
        if (notify) {
            notices.unmapped(outbox, tree, key, order);
        }
    }

    /** What the granter sees of the uses that are left. @return whether none is and the granter wants to hear of it */
    private static boolean reduce(Tree tree, long key, int order, long snapshot, long left, int ended) {
        if (!LeafPins.used(left)) {
            boolean notify = tree.table().end(key, order, snapshot);
            if (LeafPins.state(left) == LeafPins.REVOKED) {
                // Only now: from here on the index may be granted anew.
                tree.table().attached(key, order, false);
            }
            return notify;
        }
        if (Access.writes(ended) && !Access.writes(LeafPins.inUse(left))) {
            tree.table().clear(key, order, snapshot, Access.WRITE);
        }
        return false;
    }
}
