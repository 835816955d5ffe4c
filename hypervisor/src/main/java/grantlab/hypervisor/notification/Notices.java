package grantlab.hypervisor.notification;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.tree.Tree;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What is told to the owners of rings. */
@Singleton
public final class Notices {
    @Inject
    Notices() {}

    /** The last use of a leaf ended whose granter wants to hear of it. */
    public void unmapped(Tree tree, long key, int order) {}

    /** The grantee of a tree met one of its bounds. */
    public void quotaHit(Tree tree) {}

    /** A use of a tree was refused for a bound that its granter set; reason 0: max_mappings, 1: max_active. */
    public void quotaHit(Tree tree, long index, int reason) {}

    /** The grantee of a tree died or was unbound; the epoch that ended, or 0. */
    public void granteeDead(Tree tree, int epoch) {}

    /** Another domain stands behind the virtual domid of a tree, in a new epoch. */
    public void rebound(Tree tree, int epoch) {}

    /** A granter died; to a domain that it granted to through a tree. */
    public void granterDead(Domain granter, Domain grantee) {}

    /** A tree was paused; to its grantee. */
    public void paused(Tree tree) {}

    /** A tree was resumed, in an epoch; to its grantee. */
    public void resumed(Tree tree, int epoch) {}
}
