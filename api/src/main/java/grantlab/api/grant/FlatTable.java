package grantlab.api.grant;

/** A table that set_version brought up: the verbs of GNTTABOP that only flat tables have. */
public interface FlatTable extends GrantTable {
    /**
     * Exchanges two entries whole. Neither is in use.
     *
     * @param a a reference
     * @param b another reference
     */
    void swap(long a, long b);

    /**
     * Transfer, row 9: commits an entry that accepts a page. At most five attempts against a guest that keeps changing it.
     *
     * @param index a reference
     * @param caller the domid that transfers
     * @return zero, {@link grantlab.api.Status#GENERAL_ERROR}, or BAD_GNTREF when there is no such entry
     */
    int commitTransfer(long index, int caller);

    /**
     * The frame number that a committed entry names.
     *
     * @param index a reference
     * @return the granter's number
     */
    long transferFrame(long index);

    /**
     * Completes a committed transfer.
     *
     * @param index a reference
     * @param frame what the entry shall name, or {@link grantlab.api.memory.PhysicalMap#INVALID} to leave it
     */
    void completeTransfer(long index, long frame);

    /**
     * set_version leaves this format: what an entry says, without either format knowing the other.
     *
     * @param index 0..7, the references that survive
     * @param entry receives it
     */
    void carryOut(int index, Carried entry);

    /**
     * Whether this format can hold an entry of another; asked for all before anything is wiped.
     *
     * @param entry from {@link #carryOut}
     * @return zero or -ERANGE
     */
    int accepts(Carried entry);

    /**
     * Writes an entry that another format carried out; what this format does not keep is dropped.
     *
     * @param index 0..7
     * @param entry from {@link #carryOut}
     */
    void carryIn(int index, Carried entry);

    /** Writes zeros everywhere. */
    void wipe();

    /** An entry between two formats; reused. */
    final class Carried {
        /** Type and flags without the bits that say in use. */
        public int flags;

        /** The grantee. */
        public int grantee;

        /** The granter's number of the frame. */
        public long frame;

        /** GTF_reading and GTF_writing, wherever the format keeps them. */
        public int inUse;

        /** Empty. */
        public Carried() {}
    }
}
