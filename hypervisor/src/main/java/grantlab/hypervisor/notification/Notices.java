package grantlab.hypervisor.notification;

import grantlab.api.abi.V3RingEntry;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Revocations;
import grantlab.hypervisor.tree.TakenPlaces;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * What is told to the owners of rings (grant-v3.md, section 9). Whoever tells holds no lock of a leaf; his outbox delivers when his
 * call ends. Where nobody chose a ring, nobody is told.
 */
@MachineScoped
public final class Notices {
    /** Reason of {@link #quotaHit}: mappings. */
    public static final int MAX_MAPPINGS = 0;

    /** Reason of {@link #quotaHit}: leaves in use. */
    public static final int MAX_ACTIVE = 1;

    private final Domains domains;

    @Inject
    Notices(Domains domains) {
        this.domains = domains;
    }

    private @Nullable Ring granters(Tree tree) {
        int id = tree.terms().ring();
        Domain granter = id == Rings.NONE ? null : domains.find(tree.granter());
        return granter == null ? null : granter.rings().find(id);
    }

    private @Nullable Ring grantees(Tree tree) {
        Domain grantee = tree.binding().bound() ? domains.find(tree.binding().grantee()) : null;
        return grantee == null ? null : grantee.rings().serving(tree.granter());
    }

    private void tellGranter(Outbox outbox, int type, Tree tree, long first, int reason) {
        Ring ring = granters(tree);
        if (ring != null) {
            outbox.post(ring, type, tree, first, reason, tree.terms().cookie());
        }
    }

    /** To the granter: the last use of a leaf ended that has NOTIFY. */
    public void unmapped(Outbox outbox, Tree tree, long key, int order) {
        Ring ring = granters(tree);
        if (ring != null) {
            outbox.unmapped(ring, tree, key, order);
        }
    }

    /** To the granter: a use was refused for a bound of the tree, {@link #MAX_MAPPINGS} or {@link #MAX_ACTIVE}. */
    public void quotaHit(Outbox outbox, Tree tree, long index, int reason) {
        tellGranter(outbox, V3RingEntry.QUOTA_HIT, tree, index, reason);
    }

    /** To the granter: the grantee died or was unbound; the epoch that ended, or 0. */
    public void granteeDead(Outbox outbox, Tree tree, int epoch) {
        tellGranter(outbox, V3RingEntry.GRANTEE_DEAD, tree, Integer.toUnsignedLong(epoch), 0);
    }

    /** To the granter: another domain stands behind the virtual domid of a tree, in a new epoch. */
    public void rebound(Outbox outbox, Tree tree, int epoch) {
        tellGranter(outbox, V3RingEntry.VDOMID_REBOUND, tree, Integer.toUnsignedLong(epoch), 0);
    }

    /** To the grantee: a tree was paused. */
    public void paused(Outbox outbox, Tree tree) {
        Ring ring = grantees(tree);
        if (ring != null) {
            tree.setPauseTold(
                    ring.request(tree.pauseTold(), V3RingEntry.TREE_PAUSED, tree.slot(), tree.generation(), 0, 0));
            outbox.owe(ring);
        }
    }

    /** To the grantee: a tree was resumed, in an epoch. */
    public void resumed(Outbox outbox, Tree tree, int epoch) {
        Ring ring = grantees(tree);
        if (ring != null) {
            long first = Integer.toUnsignedLong(epoch);
            tree.setResumptionTold(ring.request(
                    tree.resumptionTold(), V3RingEntry.TREE_RESUMED, tree.slot(), tree.generation(), first, 0));
            outbox.owe(ring);
        }
    }

    /**
     * Keeps room for {@link #revokeDone}.
     *
     * @return false: the granter has a ring, and there is none
     */
    public boolean reserve(Tree tree) {
        Ring ring = granters(tree);
        return ring == null || ring.reserve();
    }

    /** To the granter, in the entry that was reserved: a revocation is over, or went only so far. */
    public void revokeDone(
            Outbox outbox, Tree tree, long revocation, int taken, int result, boolean complete, long cookie) {
        Ring ring = granters(tree);
        if (ring != null) {
            int type = complete ? V3RingEntry.REVOKE_DONE : V3RingEntry.REVOKE_PARTIAL;
            ring.complete(type, tree.slot(), tree.generation(), revocation, taken, 0, result, cookie);
            outbox.owe(ring);
        }
    }

    /** To the granter, in the entry that was reserved: the grantee let go of all that it was asked for, or is not waited for any more. */
    public void requestOver(Outbox outbox, Tree tree, Revocations.Request request, boolean complete) {
        revokeDone(outbox, tree, request.id(), 0, 0, complete, request.cookie());
    }

    /**
     * To the grantee: it is asked to let go of leaves.
     *
     * @param first index
     * @param count pages; 0: the whole tree
     */
    public void requested(Outbox outbox, Tree tree, long first, long count) {
        Ring ring = grantees(tree);
        if (ring != null) {
            synchronized (tree) {
                tree.setRequestTold(ring.request(
                        tree.requestTold(), V3RingEntry.REVOKE_REQUEST, tree.slot(), tree.generation(), first, count));
            }
            outbox.owe(ring);
        }
    }

    /** To a grantee: it is asked to let go of references of the flat table, some of which it has mapped. */
    public void requested(Outbox outbox, Domain granter, Domain grantee, long first, long count) {
        Ring ring = grantee.rings().serving(granter.domid());
        if (ring != null) {
            ring.requestReferences(first, count);
            outbox.owe(ring);
        }
    }

    /** To the grantee: mappings were taken. */
    public void revoked(Outbox outbox, Tree tree, long first, long count) {
        Ring ring = grantees(tree);
        if (ring != null) {
            ring.post(V3RingEntry.REVOKED, tree.slot(), tree.generation(), first, count, 0, 0, 0);
            outbox.owe(ring);
        }
    }

    /** To a grantee: mappings of a reference of the flat table were taken. */
    public void revoked(Outbox outbox, Domain granter, Domain grantee, long reference) {
        Ring ring = grantee.rings().serving(granter.domid());
        if (ring != null) {
            ring.post(V3RingEntry.REVOKED, 0, 0, reference, 1, 0, 0, 0);
            outbox.owe(ring);
        }
    }

    /**
     * To the grantee: an access to what was taken from it.
     *
     * @param page number of the page, as the guest addresses it
     * @param vcpu whose access
     */
    public void faulted(Outbox outbox, Domain grantee, TakenPlaces.Loss loss, long page, int vcpu, boolean write) {
        Ring ring = grantee.rings().serving(loss.granter());
        if (ring != null) {
            int kind = write ? V3RingEntry.FAULT_WRITE : V3RingEntry.FAULT_READ;
            ring.post(V3RingEntry.FAULT, loss.slot(), loss.generation(), page, vcpu, 0, kind, 0);
            outbox.owe(ring);
        }
    }

    /** To the grantee: mappings became read-only. */
    public void downgraded(Outbox outbox, Tree tree, long first, long count) {
        Ring ring = grantees(tree);
        if (ring != null) {
            ring.post(V3RingEntry.DOWNGRADED, tree.slot(), tree.generation(), first, count, 0, 0, 0);
            outbox.owe(ring);
        }
    }

    /** To the granter: all of a range is read-only. */
    public void downgradeDone(Outbox outbox, Tree tree, long first, long count, long cookie) {
        Ring ring = granters(tree);
        if (ring != null) {
            ring.post(V3RingEntry.DOWNGRADE_DONE, tree.slot(), tree.generation(), first, count, 0, 0, cookie);
            outbox.owe(ring);
        }
    }

    /** To every domain that chose a ring for a granter: it died. The ring serves it no more, nor whoever gets its number. */
    public void granterDead(Outbox outbox, Domain granter) {
        for (Domain grantee : domains.all()) {
            Ring ring = grantee.rings().serving(granter.domid());
            if (ring != null) {
                ring.post(V3RingEntry.GRANTER_DEAD, 0, 0, 0, 0, 0, 0, 0);
                outbox.owe(ring);
                grantee.rings().serve(Rings.NONE, granter.domid());
            }
        }
    }
}
