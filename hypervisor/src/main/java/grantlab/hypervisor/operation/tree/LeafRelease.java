package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.LeafActs;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * What follows the flush when mappings end (grant-v3.md, section 7.2): of each record first the references, then the pin and the
 * bits that the granter sees. What neighbours share is done once: the lock of a bucket, the node, what is charged.
 */
@Singleton
public final class LeafRelease {
    private final Domains domains;
    private final FlatAlias alias;
    private final Notices notices;
    private final FrameTable frames;

    @Inject
    LeafRelease(Domains domains, FlatAlias alias, Notices notices, Ground ground) {
        this.domains = domains;
        this.alias = alias;
        this.notices = notices;
        this.frames = ground.frames();
    }

    /**
     * Releases all that wait, and they wait no more.
     *
     * @param grantee whose mappings they were
     * @param unmapped out of their places, and nobody reaches the frames through these any more
     */
    public void release(Domain grantee, UnmappedLeaves unmapped) {
        for (int i = 0; i < unmapped.size(); i++) {
            release(grantee, unmapped, i);
        }
        unlock(grantee.books().acts(), unmapped);
        dischargeTree(unmapped);
        dischargeShare(grantee.books(), unmapped);
        unmapped.clear();
    }

    /**
     * A grantee dies: what it has mapped ends. Its address space is gone already, and with it what the places held.
     *
     * @param grantee the domain that dies, whose vCPUs run no more
     * @param section of whoever buries it, outside
     * @param outbox of whoever buries it
     */
    public void releaseAll(Domain grantee, Section section, Outbox outbox) {
        UnmappedLeaves unmapped =
                new UnmappedLeaves(section, outbox, grantee.books().nothingAtHand(), new Leaf());
        Records records = grantee.books().records();
        for (int record = 0; record < records.capacity(); record++) {
            for (int spin = 0; records.exists(record) && !UnmapSet.claimed(records, record); spin++) {
                // Its granter takes it back at this moment, and then it is to be acknowledged.
                Spin.once(spin);
            }
            if (records.exists(record)) {
                unmapped.add(records, record);
            }
            if (unmapped.full()) {
                releaseInside(grantee, unmapped);
            }
        }
        releaseInside(grantee, unmapped);
    }

    /** A slice, in a section of its own. */
    void releaseInside(Domain grantee, UnmappedLeaves unmapped) {
        unmapped.section.enter();
        release(grantee, unmapped);
        unmapped.near.letGo();
        unmapped.section.leave();
    }

    private void release(Domain grantee, UnmappedLeaves unmapped, int i) {
        Books books = grantee.books();
        int of = unmapped.granter(i);
        int record = unmapped.record(i);
        Domain granter = granter(books, unmapped, of);
        if (unmapped.flat(i)) {
            if (granter != null && !books.records().estranged(record)) {
                dropReferences(grantee, granter, unmapped, i);
                alias.unpin(granter, unmapped.section, unmapped.act(i), unmapped.access(i));
            }
        } else if (granter != null) {
            dropReferences(grantee, granter, unmapped, i);
            unpin(granter, books, unmapped, i);
        } else {
            throw new IllegalStateException(
                    "domain " + of + " went while domain " + grantee.domid() + " used its leaves");
        }
        unmapped.shareEnded++;
        books.records().end(record);
        unmapped.atHand.records().give(record);
    }

    /** Whose memory it is: mostly the same as of the last record. */
    private @Nullable Domain granter(Books books, UnmappedLeaves unmapped, int of) {
        if (of != unmapped.charged) {
            dischargeShare(books, unmapped);
            unmapped.charged = of;
            unmapped.granter = domains.find(of);
        }
        return unmapped.granter;
    }

    /**
     * The references of a mapping go, if it has not lost them to a revocation.
     *
     * @param i which of those that wait: its place is empty and flushed
     */
    void dropReferences(Domain grantee, Domain granter, UnmappedLeaves unmapped, int i) {
        if (unmapped.empty(i)) {
            return;
        }
        long frame = unmapped.frame(i);
        int order = unmapped.order(i);
        int access = unmapped.access(i);
        int held = unmapped.held(i);
        if (held != UnmappedLeaves.NOTHING_HELD) {
            Holding.drop(frames, frame, order, held | Access.HOST, granter, grantee);
        }
        if ((access & Access.DEVICE) != 0) {
            Holding.drop(frames, frame, order, access & ~Access.HOST, granter, grantee);
        }
    }

    private void unpin(Domain granter, Books books, UnmappedLeaves unmapped, int i) {
        LeafActs acts = books.acts();
        int act = unmapped.act(i);
        long[] page = acts.page(act);
        int at = Slab.at(act);
        long key = LeafActs.key(page, at);
        int order = LeafActs.order(page, at);
        Tree tree = lock(granter, acts, unmapped, LeafActs.tree(page, at), key);
        books.records().unlink(unmapped.record(i), page, at);
        int ended = LeafPinning.unpin(acts, unmapped.bucket, act, tree, unmapped.access(i), unmapped);
        unmapped.recordsEnded++;
        unmapped.actsEnded += ended & LeafPinning.LAST;
        if ((ended & LeafPinning.WANTED) != 0) {
            unlock(acts, unmapped);
            notices.unmapped(unmapped.outbox, tree, key, order);
        }
    }

    /** Locks the bucket of a leaf, if it is not that of the last one. @return the leaf's tree */
    private static Tree lock(Domain granter, LeafActs acts, UnmappedLeaves unmapped, long id, long key) {
        Tree tree = unmapped.tree;
        if (tree == null || tree.id() != id) {
            unlock(acts, unmapped);
            dischargeTree(unmapped);
            tree = granter.trees().find(Tree.slotOf(id));
            if (tree == null) {
                throw new IllegalStateException("a tree went while its leaves were in use");
            }
            unmapped.tree = tree;
        }
        if (unmapped.bucket == UnmappedLeaves.UNLOCKED || !LeafActs.together(key, unmapped.bucketKey)) {
            unlock(acts, unmapped);
            unmapped.bucket = acts.lock(id, key);
            unmapped.bucketKey = key;
        }
        return tree;
    }

    private static void unlock(LeafActs acts, UnmappedLeaves unmapped) {
        if (unmapped.bucket != UnmappedLeaves.UNLOCKED) {
            acts.unlock(unmapped.bucket);
            unmapped.bucket = UnmappedLeaves.UNLOCKED;
        }
    }

    private static void dischargeTree(UnmappedLeaves unmapped) {
        Tree tree = unmapped.tree;
        if (tree != null) {
            tree.give(unmapped.actsEnded, unmapped.recordsEnded);
            unmapped.tree = null;
            unmapped.actsEnded = 0;
            unmapped.recordsEnded = 0;
        }
    }

    private static void dischargeShare(Books books, UnmappedLeaves unmapped) {
        if (unmapped.shareEnded != 0) {
            books.share(unmapped.charged).give(unmapped.shareEnded);
            unmapped.charged = UnmappedLeaves.NOBODY;
            unmapped.granter = null;
            unmapped.shareEnded = 0;
        }
    }
}
