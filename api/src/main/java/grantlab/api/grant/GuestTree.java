package grantlab.api.grant;

/** What a guest kernel does to its own tree beside what it does to every table (grant-v3.md, section 3). */
public interface GuestTree extends GuestTable {
    /**
     * Closes a leaf to new mappings, in use or not: it becomes a tombstone. No hypercall.
     *
     * @param index of it
     * @return false: there is no leaf
     */
    boolean close(long index);

    /**
     * Empties a closed leaf, so that its index may be granted again.
     *
     * @param index of it
     * @return false: it is in use, or the grantee has not let go of a mapping that was taken back
     */
    boolean vacate(long index);

    /**
     * Asks to be told when the last use of a leaf ends (NOTIFY), before or while it is in use.
     *
     * @param index of it
     * @return whether it was in use at that moment, so that the end of its last use will be told; false where there is no leaf
     */
    boolean watch(long index);

    /**
     * The next leaf, closed or not, that asks to be told and that nobody uses: where events were lost, one that may have been told
     * of.
     *
     * @param from index to begin with
     * @return its first index, or -1
     */
    long nextWatchedUnused(long from);

    /**
     * How high it is.
     *
     * @return levels, 1..4
     */
    int levels();

    /**
     * Becomes one level higher; indices and references keep their meaning, and {@link #size} grows.
     *
     * @throws IllegalStateException when the hypervisor refuses; the message has the status, and the page for the root is given back
     */
    void grow();

    /**
     * Gives back the nodes that hold nothing, and has the hypervisor forget them first.
     *
     * @return how many pages came back
     * @throws IllegalStateException when the hypervisor refuses; the message has the status, and that node is not given back
     */
    int prune();
}
