package grantlab.api.grant;

/** The hypervisor's side of a table in the granter's memory: the verbs that only trees have. */
public interface TreeTable extends GrantTable {
    /**
     * One more level: the new root's entry 0 is the old root, so that indices keep their meaning.
     *
     * @param newRootGfn the new root node
     * @return zero or a status
     */
    int grow(long newRootGfn);

    /**
     * Forgets cached table entries.
     *
     * @param prefix index of a page below the entry
     * @param level of the entry; the root is the highest
     */
    void invalidate(long prefix, int level);

    /**
     * Writes the bits that say in use from what the engine knows.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @param inUse {@link grantlab.api.Access#READ} and WRITE as uses exist, or 0
     */
    void synchronise(long key, int order, long snapshot, int inUse);

    /**
     * The grantee has (not) let go of a revoked leaf.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param held whether it still holds the dead mapping
     */
    void attached(long key, int order, boolean held);

    /** Gives back the references on nodes. The table is not used any more. */
    void dispose();
}
