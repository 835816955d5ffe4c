package grantlab.api.grant;

/**
 * What a guest kernel does to its own table, with the ordering that the format asks for. Answers are the guest's own
 * business: true or false, no status. By the thread of the granter's vCPU.
 *
 * <p>Who withdraws or narrows an index outside of 0..{@link #size} has made a mistake that no guest's kernel makes: an
 * IllegalArgumentException names the index, and nothing has changed.
 */
public interface GuestTable {
    /**
     * Whether an entry can name a frame.
     *
     * @param gfn as the guest numbers it
     * @param order 0, 9 or 18
     * @return if so
     */
    boolean canName(long gfn, int order);

    /**
     * Publishes an entry.
     *
     * @param index a free index, aligned to the order
     * @param grantee the peer
     * @param gfn as the guest numbers it, aligned to the order
     * @param order 0, 9 or 18
     * @param access READ or READ | WRITE
     * @throws IllegalArgumentException when index or frame are out of bounds or not aligned; the message names what is wrong
     * @throws IllegalStateException when a tree has something else there, or the guest no page for a node; the message names the index
     */
    void grant(long index, int grantee, long gfn, int order, int access);

    /**
     * Withdraws an entry.
     *
     * @param index of it
     * @return false: in use, or changed meanwhile; nothing happened
     */
    boolean end(long index);

    /**
     * Whether the hypervisor marked an entry.
     *
     * @param index of it
     * @return true while it is in use
     */
    boolean inUse(long index);

    /**
     * Read-write to read-only while nobody writes.
     *
     * @param index of it
     * @return false: somebody writes; nothing happened
     */
    boolean narrow(long index);

    /**
     * The reference by which the peer names an index: below 2^32 for a flat table (GNTTABOP_map_grant_ref maps it), slot
     * and index of a tree otherwise.
     *
     * @param index of an entry
     * @return the 64-bit reference
     */
    long reference(long index);

    /**
     * Indices below this may be granted.
     *
     * @return exclusive bound
     */
    long size();
}
