package grantlab.hypervisor.notification;

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
}
