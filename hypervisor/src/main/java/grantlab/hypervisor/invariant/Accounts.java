package grantlab.hypervisor.invariant;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Tree;
import java.util.List;

/** Reads out of the books of domains who is charged for what. */
public final class Accounts {
    private final Domains domains;

    /**
     * Over a machine.
     *
     * @param domains its domains
     */
    public Accounts(Domains domains) {
        this.domains = domains;
    }

    /**
     * One domain.
     *
     * @param domid which
     * @return what it is charged for; nothing of a domain that does not exist
     */
    public Charges of(int domid) {
        Domain domain = domains.find(domid);
        return domain == null ? new Charges(domid, 0, 0, 0, List.of(), 0, 0, List.of()) : of(domain);
    }

    /** Leaves of a tree in use: what it is charged for, and no vCPU has in hand. */
    static int leaves(List<Domain> domains, Tree tree) {
        int charged = tree.active();
        return charged
                - domains.stream()
                        .mapToInt(domain -> domain.books().leavesAhead(tree))
                        .sum();
    }

    /** Mappings of a tree: what it is charged for, and no vCPU has in hand. */
    static int mappings(List<Domain> domains, Tree tree) {
        int charged = tree.mappings();
        return charged
                - domains.stream()
                        .mapToInt(domain -> domain.books().mappingsAhead(tree))
                        .sum();
    }

    private Charges of(Domain domain) {
        Books books = domain.books();
        // First: trees that wait for nobody any more are paid for until somebody counts them.
        int trees = domain.trees().count();
        return new Charges(
                domain.domid(),
                books.pool().used(),
                books.pool().quota(),
                books.mappings(),
                shares(books),
                trees,
                domain.trees().quota(),
                uses(domain));
    }

    private static List<Charges.ShareUse> shares(Books books) {
        return books.shares().entrySet().stream()
                .filter(share -> books.mappings(share.getValue()) != 0)
                .map(share -> new Charges.ShareUse(
                        share.getKey(),
                        books.mappings(share.getValue()),
                        share.getValue().limit()))
                .toList();
    }

    private List<Charges.TreeUse> uses(Domain domain) {
        return domain.trees().all().stream()
                .map(tree -> new Charges.TreeUse(
                        tree.slot(),
                        tree.binding().grantee(),
                        leaves(domains.all(), tree),
                        tree.maxActive(),
                        mappings(domains.all(), tree),
                        tree.maxMappings()))
                .toList();
    }
}
