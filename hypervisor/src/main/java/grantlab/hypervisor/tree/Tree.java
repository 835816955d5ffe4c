package grantlab.hypervisor.tree;

import grantlab.api.grant.TreeTable;
import grantlab.hypervisor.mapping.Grants;

/**
 * One tree of a granter: from it to one grantee, one index space.
 *
 * @param slot 1..4095
 * @param generation of the slot
 * @param peer the grantee
 * @param indexLimit exclusive, in pages
 * @param table the format's side
 * @param leaves which record belongs to which leaf
 * @param grants table and records
 */
public record Tree(
        int slot, int generation, int peer, long indexLimit, TreeTable table, LeafNumbers leaves, Grants grants) {}
