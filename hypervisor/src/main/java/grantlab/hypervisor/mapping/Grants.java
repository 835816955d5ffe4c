package grantlab.hypervisor.mapping;

import grantlab.api.grant.GrantTable;

/**
 * A granter's flat table together with the private records of its references: what pinning needs, whatever the format.
 *
 * @param table the hypervisor's side of the table
 * @param acts the private records
 */
public record Grants(GrantTable table, Acts acts) {
    /**
     * The record of a reference, which has its number.
     *
     * @param reference within the table ({@link grantlab.api.grant.Leaf#key})
     * @return a number for {@link Acts}
     */
    public int act(long reference) {
        return (int) reference;
    }
}
