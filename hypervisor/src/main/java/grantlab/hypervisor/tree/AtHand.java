package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.Stock;

/**
 * Free objects of the grantee's pool that one vCPU has at hand.
 *
 * @param acts for {@link LeafActs}
 * @param records for {@link Records}
 * @param sets for {@link Mapsets}
 */
public record AtHand(Stock acts, Stock records, Stock sets) {}
