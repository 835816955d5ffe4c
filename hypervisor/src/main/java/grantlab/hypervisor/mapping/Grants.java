package grantlab.hypervisor.mapping;

import grantlab.api.grant.GrantTable;

/**
 * A granter's table together with the private records of its references: what pinning needs, whatever the format.
 *
 * @param table the hypervisor's side of the table
 * @param acts the private records
 * @param numbering which record belongs to which leaf
 * @param everyPinReads whether each use looks at the entry again ({@link grantlab.api.Capability#EVERY_PIN_READS})
 */
public record Grants(GrantTable table, Acts acts, Numbering numbering, boolean everyPinReads) {
    /** Which record belongs to a leaf. */
    @FunctionalInterface
    public interface Numbering {
        /** Flat tables: the reference is the number of its record. */
        Numbering REFERENCE = key -> (int) key;

        /** No record is left. */
        int NONE = -1;

        /**
         * The record of a leaf.
         *
         * @param key {@link grantlab.api.grant.Leaf#key}
         * @return a number for {@link Acts}, or {@link #NONE}
         */
        int act(long key);
    }

    /** The records of a flat table. */
    public static Grants flat(GrantTable table, Acts acts) {
        return new Grants(table, acts, Numbering.REFERENCE, false);
    }
}
