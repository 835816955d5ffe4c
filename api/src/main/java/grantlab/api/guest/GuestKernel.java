package grantlab.api.guest;

import grantlab.api.grant.GuestTable;

/**
 * The little kernel that every guest of the laboratory runs: pages, slots, and the calls that a driver makes. Drivers,
 * transports and clauses are written against it and so run on every format: a reference says by its form which call maps
 * it (upper half zero: GNTTABOP_map_grant_ref). Everything it does, it does with its vCPU. One thread at a time.
 */
public interface GuestKernel {
    /**
     * The CPU it runs on.
     *
     * @return always the same
     */
    Vcpu vcpu();

    /**
     * Zeroed memory.
     *
     * @param order 0, or 9 where frame numbers are the guest's own
     * @return its address, aligned to the order, or -1 when there is none left
     */
    long allocatePages(int order);

    /**
     * Gives memory back.
     *
     * @param address from {@link #allocatePages}
     * @param order as it was taken
     */
    void freePages(long address, int order);

    /**
     * The number of the frame at an address, as this guest grants it.
     *
     * @param address of a page
     * @return gfn or mfn
     */
    long frameOf(long address);

    /**
     * Whether frame numbers are the guest's own: then memory of an order is contiguous in them.
     *
     * @return false: they are machine frames
     */
    boolean translated();

    /**
     * A hole for {@code 2^order} pages of mappings.
     *
     * @param order 0 or 9
     * @return its address, or -1 for none left
     */
    long allocateSlot(int order);

    /**
     * Gives a hole back.
     *
     * @param address from {@link #allocateSlot}
     * @param order as it was taken
     */
    void freeSlot(long address, int order);

    /**
     * A page for the arguments of hypercalls, free between two calls of this kernel.
     *
     * @return its address
     */
    long argumentPage();

    /**
     * Makes a frame of the guest's own flat table visible, growing the table when it has fewer.
     *
     * @param n 0, 1, ...
     * @return its guest address, or -1 when the table may not grow so far
     */
    long tableFrame(int n);

    /**
     * Makes a status frame of the guest's own flat table visible.
     *
     * @param n 0, 1, ...
     * @return its guest address, or -1 when there is none
     */
    long statusFrame(int n);

    /**
     * Registers a tree whose root this guest has zeroed; large leaves are allowed in it (grant-v3.md, section 5).
     *
     * @param peer who is granted to
     * @param deviceId the device whose table it is, or -1
     * @param rootAddress of a page of this guest
     * @param levels 1..4
     * @param indexLimit exclusive, in pages
     * @return the reference of index 0, or a negative status
     */
    long createTree(int peer, int deviceId, long rootAddress, int levels, long indexLimit);

    /**
     * Makes a tree of this guest one level higher (v3_tree_update, GROW).
     *
     * @param reference any of the tree
     * @param rootAddress of the new root, whose entry 0 is a table entry to the old one
     * @param indexLimit the new limit, exclusive, in pages
     * @return zero or a status
     */
    int growTree(long reference, long rootAddress, long indexLimit);

    /**
     * Has the hypervisor forget what it cached of a table entry of a tree (v3_invalidate).
     *
     * @param reference of a page below the entry
     * @param level of the entry, 2..4
     * @return zero or a status
     */
    int invalidateTree(long reference, int level);

    /**
     * Maps a reference.
     *
     * @param peer the granter
     * @param reference as the granter's {@link GuestTable#reference} said
     * @param slot guest address
     * @param order 0 or 9: as one mapping
     * @param access READ or READ | WRITE
     * @param result filled on success
     * @return zero, a status, or a negated errno below -1000 ({@code -1000 - errno}) when the call itself failed
     */
    int map(int peer, long reference, long slot, int order, int access, MappedGrant result);

    /**
     * Undoes a mapping.
     *
     * @param mapping as {@link #map} filled it
     * @return as {@link #map}
     */
    int unmap(MappedGrant mapping);

    /**
     * Has the hypervisor copy out of a grant.
     *
     * @param peer the granter
     * @param reference as for {@link #map}
     * @param offset in the granted page
     * @param address of a page of this guest, and where in it
     * @param length bytes; neither side crosses a page
     * @return as {@link #map}
     */
    int copyFrom(int peer, long reference, int offset, long address, int length);

    /**
     * Has the hypervisor copy into a grant.
     *
     * @param peer the granter
     * @param reference as for {@link #map}
     * @param offset in the granted page
     * @param address of a page of this guest, and where in it
     * @param length bytes; neither side crosses a page
     * @return as {@link #map}
     */
    int copyTo(int peer, long reference, int offset, long address, int length);

    /** What {@link #map} made and {@link #unmap} needs; reused. */
    final class MappedGrant {
        /** Handle of the mapping. */
        public long handle;

        /** Where it was mapped. */
        public long address;

        /** The order that was got. */
        public int order;

        /** Whether the reference belonged to a tree: another call undoes it. */
        public boolean tree;

        /** Machine address of the frame, as map told it. */
        public long deviceAddress;

        /** Empty. */
        public MappedGrant() {}
    }
}
