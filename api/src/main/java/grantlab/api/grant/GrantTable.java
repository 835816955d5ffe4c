package grantlab.api.grant;

/**
 * The hypervisor's side of one table of one granter. Four verbs, always in this order; the engine's private checks stand
 * between them, and no rule of Xen is split inside a verb.
 *
 * <pre>
 *   locate   where is the leaf, and of what order?       reads at most, changes nothing
 *     engine: conflicts with what is pinned already
 *   mark     the linearisation point with the guest      only for the first use, the first writer,
 *                                                        or every use (EVERY_PIN_READS)
 *   read     what is granted: frame, window, next hop    only what mark made stable
 *     engine: translation, counters, references, mapping
 *   clear    bits that no remaining use justifies        cannot fail
 * </pre>
 *
 * <p>The guest changes the table at any moment: each verb reads a word once and judges what it read. Threads: locate
 * without a lock; mark, read, clear and close under the lock of the entry, which the engine holds.
 */
public interface GrantTable {
    /**
     * References below this exist. Recomputed by whoever needs it: it changes with growth and version.
     *
     * @return a count
     */
    long size();

    /**
     * Finds the leaf that an index belongs to.
     *
     * @param index grant reference, or index of a page in a tree
     * @param access what it is wanted for
     * @param leaf receives key, order, gfn offset and, where the format keeps one, the snapshot
     * @return zero, or {@link grantlab.api.Status#BAD_GNTREF} when there is no such entry
     */
    int locate(long index, int access, Leaf leaf);

    /**
     * Tells the guest that the leaf is in use, if it grants what is asked for. Either the guest sees the mark and keeps the
     * frame, or this sees the guest's change and refuses.
     *
     * @param leaf as located; its kind is filled
     * @param grantee who wants to use it
     * @param access READ or READ | WRITE, with HOST, DEVICE or COPY
     * @param fresh no use of this leaf exists: type and grantee are looked at, not only the right to write
     * @return zero, or a status and nothing marked
     */
    int mark(Leaf leaf, int grantee, int access, boolean fresh);

    /**
     * Reads what is granted.
     *
     * @param leaf as marked; gfn, window and hop are filled
     */
    void read(Leaf leaf);

    /**
     * Takes back marks that no use justifies any more. Cannot fail, whatever the guest did to the entry.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @param unused {@link grantlab.api.Access#READ} when no use remains, {@link grantlab.api.Access#WRITE} when no writer
     *     remains; both or one
     */
    void clear(long key, int order, long snapshot, int unused);

    /**
     * Closes the entry to new uses: for revoke.
     *
     * @param key of the leaf
     * @param order of the leaf
     * @param snapshot as kept since the leaf was first used
     * @return zero, or {@link grantlab.api.Status#UNSTABLE} when the guest kept changing the word
     */
    int close(long key, int order, long snapshot);
}
