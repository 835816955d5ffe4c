package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.caller.Worker;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.operation.FrameUse;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.quiescence.Spin;
import grantlab.hypervisor.quota.Slab;
import grantlab.hypervisor.quota.Stock;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Reserve;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * What follows the flush when mappings end (grant-v3.md, section 7.2): of each record first the references, then the pin and the
 * bits that the granter sees. What neighbours share is done once: the lock of a bucket, the node, what is charged.
 */
@MachineScoped
public final class LeafRelease {
    private final Domains domains;
    private final LeafPinning leaves;
    private final FlatAlias alias;
    private final FrameTable frames;

    @Inject
    LeafRelease(Domains domains, LeafPinning leaves, FlatAlias alias, Ground ground) {
        this.domains = domains;
        this.leaves = leaves;
        this.alias = alias;
        this.frames = ground.frames();
    }

    /**
     * Releases all that wait, and they wait no more.
     *
     * @param grantee whose mappings they were
     * @param unmapped out of their places, and nobody reaches the frames through these any more
     * @param by in his section
     */
    public void release(Domain grantee, UnmappedLeaves unmapped, Worker by) {
        Books books = grantee.books();
        if (!unmapped.ordinary()) {
            forgetTaken(books, unmapped);
        }
        int i = 0;
        while (i < unmapped.size()) {
            int end = endOfGranter(unmapped, i);
            release(grantee, domains.find(unmapped.granter(i)), unmapped, i, end, by);
            by.refund.mappings(books.share(unmapped.granter(i)), end - i);
            endRecords(books, unmapped, i, end, by);
            i = end;
        }
        by.refund.pay();
        unmapped.clear();
    }

    private static void forgetTaken(Books books, UnmappedLeaves unmapped) {
        for (int i = 0; i < unmapped.size(); i++) {
            if (unmapped.empty(i)) {
                books.takenPlaces().remove(unmapped.record(i));
            }
            if (unmapped.reserved(i)) {
                books.reserve().end(unmapped.replaced(i) ? unmapped.frame(i) : Reserve.NO_PAGE);
            }
        }
    }

    private static void endRecords(Books books, UnmappedLeaves unmapped, int first, int end, Worker by) {
        Records records = books.records();
        Stock stock = by.atHand.records();
        int i = first;
        while (i < end) {
            int record = unmapped.record(i);
            if (unmapped.beginsOctet(i, end)) {
                records.endOctet(record);
                stock.giveOctet(record);
                i += Slab.OCTET;
            } else {
                records.end(record);
                stock.give(record);
                i++;
            }
        }
    }

    private static int endOfGranter(UnmappedLeaves unmapped, int first) {
        int end = first + 1;
        while (end < unmapped.size() && unmapped.granter(end) == unmapped.granter(first)) {
            end++;
        }
        return end;
    }

    /** Those of one granter: all references, then all pins. */
    private void release(
            Domain grantee, @Nullable Domain granter, UnmappedLeaves unmapped, int first, int end, Worker by) {
        if (unmapped.ordinary() && granter != null && !FrameUse.HOST.mayHoldType(granter, grantee)) {
            unmapped.dropFrames(frames, first, end);
        } else {
            dropAll(grantee, granter, unmapped, first, end);
        }
        Tree tree = null;
        int i = first;
        while (i < end) {
            if (unmapped.flat(i)) {
                by.bucket.letGo();
                releaseFlat(grantee, granter, unmapped, i, by);
                i++;
            } else {
                tree = tree(grantee, granter, tree, unmapped, i);
                i += leaves.unlink(grantee.books(), tree, unmapped, i, by);
            }
        }
        by.bucket.letGo();
    }

    private void dropAll(Domain grantee, @Nullable Domain granter, UnmappedLeaves unmapped, int first, int end) {
        for (int i = first; i < end; i++) {
            dropStandIn(grantee, unmapped, i);
            boolean estranged = unmapped.flat(i) && grantee.books().records().estranged(unmapped.record(i));
            if (granter != null && !estranged) {
                dropReferences(grantee, granter, unmapped, i);
            }
        }
    }

    /** Where the granter is gone there is nothing left to be let go of. */
    private void releaseFlat(Domain grantee, @Nullable Domain granter, UnmappedLeaves unmapped, int i, Worker by) {
        if (granter != null && !grantee.books().records().estranged(unmapped.record(i))) {
            Records records = grantee.books().records();
            alias.unlink(granter, by.section, records, unmapped.record(i), unmapped.act(i), unmapped.access(i));
        }
    }

    /** @param last tree of the same granter, or null. @return the leaf's */
    private static Tree tree(
            Domain grantee, @Nullable Domain granter, @Nullable Tree last, UnmappedLeaves unmapped, int i) {
        long id = grantee.books().acts().tree(unmapped.act(i));
        return last != null && last.id() == id ? last : tree(present(granter, unmapped.granter(i), grantee), id);
    }

    /** Who granted a leaf in use is there. */
    static Domain present(@Nullable Domain granter, int domid, Domain grantee) {
        if (granter == null) {
            throw new IllegalStateException(
                    "domain " + domid + " went while domain " + grantee.domid() + " used its leaves");
        }
        return granter;
    }

    /**
     * The tree of a leaf in use.
     *
     * @param id {@link Tree#id}
     */
    static Tree tree(Domain granter, long id) {
        Tree tree = granter.trees().lasting(Tree.slotOf(id));
        if (tree == null) {
            throw new IllegalStateException("a tree went while its leaves were in use");
        }
        return tree;
    }

    /** What is held of something that stood in for what was taken back: the grantee's own, the page of zeros, or the granter's scratch page. */
    private void dropStandIn(Domain grantee, UnmappedLeaves unmapped, int i) {
        if (unmapped.replaced(i) && unmapped.held(i) != UnmappedLeaves.NOTHING_HELD) {
            Holding.drop(
                    frames, unmapped.frame(i), unmapped.order(i), unmapped.held(i) | Access.HOST, grantee, grantee);
        }
        if (unmapped.sunk(i)) {
            PlainPage.drop(frames, unmapped.frame(i));
        }
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

    // By somebody who is no vCPU of the grantee

    /**
     * Whoever ends a grantee's mappings from outside.
     *
     * @param section of his, outside
     * @param outbox of his
     */
    static Worker outsider(Domain grantee, Section section, Outbox outbox) {
        Books books = grantee.books();
        return new Worker(section, outbox, books.nothingAtHand(), books.buckets(), new Leaf());
    }

    /** A slice, in a section of its own. */
    void releaseInside(Domain grantee, UnmappedLeaves unmapped, Worker by) {
        by.section.enter();
        release(grantee, unmapped, by);
        by.near.letGo();
        by.section.leave();
    }

    /**
     * A grantee dies: what it has mapped ends. Its address space is gone already, and with it what the places held.
     *
     * @param grantee the domain that dies, whose vCPUs run no more
     * @param section of whoever buries it, outside
     * @param outbox of whoever buries it
     */
    public void releaseAll(Domain grantee, Section section, Outbox outbox) {
        Worker by = outsider(grantee, section, outbox);
        UnmappedLeaves unmapped = new UnmappedLeaves();
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
                releaseInside(grantee, unmapped, by);
            }
        }
        releaseInside(grantee, unmapped, by);
    }
}
