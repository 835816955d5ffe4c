package grantlab.hypervisor.operation.tree;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Tree;
import org.jspecify.annotations.Nullable;

/**
 * The domain that may use a tree, or did last and lives. Nobody stands behind the tree any more, or another domain, before what a
 * grantee has in its books is given back; so whoever left his section asks again.
 */
final class Grantee {
    private Grantee() {}

    static @Nullable Domain of(Domains domains, Tree tree) {
        return domains.find(tree.binding().grantee());
    }
}
