package grantlab.api.guest;

import grantlab.api.grant.GuestTable;
import grantlab.api.memory.Page;

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
     * This guest's table, brought up by its format when it is first asked for, and kept.
     *
     * @param peer who is granted to; a format with one table for all ignores it
     * @param deviceId the device whose table it is, or -1 for the common one
     * @return always the same for the same table
     * @throws IllegalStateException when the hypervisor refuses, or the format has no tables of devices; the message says which
     */
    GuestTable table(int peer, int deviceId);

    /**
     * Takes indices of a table that nobody uses: neighbours, so that what is granted there is one range of addresses. Those that
     * the format reserves, and the first 64 after them, are never among them.
     *
     * @param table from {@link #table}
     * @param count how many, at least 1
     * @return the first, or -1 when there are not as many beside each other
     */
    long allocateIndices(GuestTable table, int count);

    /**
     * Gives indices back.
     *
     * @param table they are from
     * @param first of them; nothing is granted there any more
     * @param count how many; any part of what was taken
     */
    void freeIndices(GuestTable table, long first, int count);

    /**
     * Finds a tree that another guest grants to this one (v3_probe, TREES); of several the one with the lowest slot.
     *
     * @param granter its domid
     * @param deviceId the device whose tree it is, or -1 for one of no device
     * @param tree filled on success
     * @return zero; {@link grantlab.api.Status#BAD_TREE} when there is none; another status, or a negated errno as {@link #map}
     *     answers it
     */
    int findTree(int granter, int deviceId, FoundTree tree);

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
     * Takes a page back by force from whoever was granted it (v3_revoke with FORCE, fates FAULT and BLOCK).
     *
     * @param reference of the page, of a tree of this guest
     * @return zero; a status, or a negated errno as {@link #map} answers it
     */
    int revokeTree(long reference);

    /**
     * Maps a page of another guest by its frame number, for reading and writing: the way of a privileged domain, without any grant.
     *
     * @param domid of the guest
     * @param frame gfn, or mfn of a guest whose frame numbers are machine frames
     * @param slot guest address
     * @return zero, or a negated errno as {@link #map} answers it
     */
    int mapForeign(int domid, long frame, long slot);

    /**
     * Undoes {@link #mapForeign}, with a flush.
     *
     * @param slot guest address
     * @return as there
     */
    int unmapForeign(long slot);

    /**
     * Maps a reference of a flat table, or of a tree whose peer is a real domid.
     *
     * @param peer the granter
     * @param reference as the granter's {@link GuestTable#reference} said
     * @param slot guest address
     * @param order 0 or 9: as one mapping
     * @param access READ or READ | WRITE
     * @param result filled on success
     * @return as the other
     */
    default int map(int peer, long reference, long slot, int order, int access, MappedGrant result) {
        return map(peer, reference, 0, slot, order, access, result);
    }

    /**
     * Maps a reference.
     *
     * @param peer the granter
     * @param reference as the granter's {@link GuestTable#reference} said
     * @param epoch of the binding of the tree, as {@link #findTree} told it; a flat table has none
     * @param slot guest address
     * @param order 0 or 9: as one mapping
     * @param access READ or READ | WRITE
     * @param result filled on success
     * @return zero, a status, or a negated errno below -1000 ({@code -1000 - errno}) when the call itself failed
     */
    int map(int peer, long reference, int epoch, long slot, int order, int access, MappedGrant result);

    /**
     * Undoes a mapping.
     *
     * @param mapping as {@link #map} filled it
     * @return as {@link #map}
     */
    int unmap(MappedGrant mapping);

    /**
     * Maps several references of one table, each as one page, with as few hypercalls as their arguments fit in.
     *
     * @param peer the granter
     * @param epoch as for {@link #map}
     * @param mappings of each, reference, address and access say what is wanted; filled, and status says what came of it
     * @param count how many, from the first on
     * @return hypercalls made
     */
    default int mapAll(int peer, int epoch, MappedGrant[] mappings, int count) {
        for (int n = 0; n < count; n++) {
            MappedGrant each = mappings[n];
            each.status = map(peer, each.reference, epoch, each.address, Page.ORDER_4K, each.access, each);
        }
        return count;
    }

    /**
     * Undoes several mappings, with as few hypercalls as their arguments fit in; each call flushes once.
     *
     * @param mappings as they were filled, all of one table; the status of each says what came of it
     * @param count how many, from the first on
     * @return hypercalls made
     */
    default int unmapAll(MappedGrant[] mappings, int count) {
        for (int n = 0; n < count; n++) {
            mappings[n].status = unmap(mappings[n]);
        }
        return count;
    }

    /**
     * Has the hypervisor copy out of a grant.
     *
     * @param peer the granter
     * @param reference as for {@link #map}
     * @param epoch as for {@link #map}
     * @param offset in the granted page
     * @param address of a page of this guest, and where in it
     * @param length bytes; neither side crosses a page
     * @return as {@link #map}
     */
    int copyFrom(int peer, long reference, int epoch, int offset, long address, int length);

    /**
     * As the other, with epoch 0.
     *
     * @param peer the granter
     * @param reference as for {@link #map}
     * @param offset in the granted page
     * @param address of a page of this guest, and where in it
     * @param length bytes; neither side crosses a page
     * @return as {@link #map}
     */
    default int copyFrom(int peer, long reference, int offset, long address, int length) {
        return copyFrom(peer, reference, 0, offset, address, length);
    }

    /**
     * Has the hypervisor copy into a grant.
     *
     * @param peer the granter
     * @param reference as for {@link #map}
     * @param epoch as for {@link #map}
     * @param offset in the granted page
     * @param address of a page of this guest, and where in it
     * @param length bytes; neither side crosses a page
     * @return as {@link #map}
     */
    int copyTo(int peer, long reference, int epoch, int offset, long address, int length);

    /**
     * As the other, with epoch 0.
     *
     * @param peer the granter
     * @param reference as for {@link #map}
     * @param offset in the granted page
     * @param address of a page of this guest, and where in it
     * @param length bytes; neither side crosses a page
     * @return as {@link #map}
     */
    default int copyTo(int peer, long reference, int offset, long address, int length) {
        return copyTo(peer, reference, 0, offset, address, length);
    }

    /** What {@link #findTree} found; reused. */
    final class FoundTree {
        /** The reference of index 0. */
        public long reference;

        /** Of the binding of a virtual domid; 0 where the peer is a real one. */
        public int epoch;

        /** Indices below this can be granted. */
        public long indexLimit;

        /** Empty. */
        public FoundTree() {}
    }

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

        /** For {@link #mapAll}: what shall be mapped. */
        public long reference;

        /** For {@link #mapAll}: READ or READ | WRITE. */
        public int access;

        /** Of {@link #mapAll} and {@link #unmapAll}: as {@link #map} answers. */
        public int status;

        /** Empty. */
        public MappedGrant() {}
    }
}
