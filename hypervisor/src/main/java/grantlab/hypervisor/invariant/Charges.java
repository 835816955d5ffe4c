package grantlab.hypervisor.invariant;

import java.util.List;
import java.util.StringJoiner;

/**
 * What one domain is charged for through grants v3, and what it lets others use (grant-v3.md, section 6). Counts were true one
 * after another; at rest they are all true at once.
 *
 * @param domid whose
 * @param pages of the hypervisor that are charged to its pool
 * @param pageQuota how many may be
 * @param records mappings of others' memory
 * @param shares of these, by granter
 * @param trees that it has
 * @param treeQuota how many it may have
 * @param uses of its trees by others, by slot
 */
public record Charges(
        int domid,
        int pages,
        int pageQuota,
        long records,
        List<ShareUse> shares,
        int trees,
        int treeQuota,
        List<TreeUse> uses) {
    /**
     * What one granter's memory takes of the domain.
     *
     * @param granter a domid
     * @param records mappings
     * @param limit how many there may be
     */
    public record ShareUse(int granter, int records, int limit) {}

    /**
     * What a grantee uses of one tree.
     *
     * @param slot of the tree
     * @param grantee a domid, or -1: nobody
     * @param leaves in use
     * @param maxLeaves how many may be
     * @param mappings of them
     * @param maxMappings how many may be
     */
    public record TreeUse(int slot, int grantee, int leaves, int maxLeaves, int mappings, int maxMappings) {}

    /** Keeps copies. */
    public Charges {
        shares = List.copyOf(shares);
        uses = List.copyOf(uses);
    }

    /** Whether there is nothing at all: no tree, and no page. */
    public boolean none() {
        return pages == 0 && trees == 0 && records == 0;
    }

    /** Mappings of one granter's memory. */
    public int recordsFor(int granter) {
        return shares.stream()
                .filter(share -> share.granter() == granter)
                .mapToInt(ShareUse::records)
                .sum();
    }

    /** The same for a human reader: a line for the domain, one for each granter and each tree. */
    public String text() {
        StringJoiner lines = new StringJoiner(System.lineSeparator());
        lines.add("domain %d is charged for %d of %d pages, %d mappings, %d of %d trees"
                .formatted(domid, pages, pageQuota, records, trees, treeQuota));
        for (ShareUse share : shares) {
            lines.add("  for memory of d%d: %d mappings%s"
                    .formatted(share.granter(), share.records(), bound(share.limit())));
        }
        for (TreeUse use : uses) {
            lines.add("  tree %d lets %s use %d of %d leaves, %d of %d mappings"
                    .formatted(
                            use.slot(),
                            use.grantee() < 0 ? "nobody" : "d" + use.grantee(),
                            use.leaves(),
                            use.maxLeaves(),
                            use.mappings(),
                            use.maxMappings()));
        }
        return lines.toString();
    }

    private static String bound(int limit) {
        return limit == Integer.MAX_VALUE ? "" : " of " + limit;
    }
}
