package grantlab.api.memory;

/**
 * Owner, references and type of each machine frame. Thread safe, lock free on get and put.
 *
 * <p>A frame that was allocated carries one reference of the allocation; it is free, and may be allocated again, when its
 * last reference is dropped, also after its owner died. A type is held by uses: while a frame is used as a page table
 * nobody may use it as writable, and the other way round (xen/arch/x86/mm.c, get_page_type).
 */
public interface FrameTable {
    /** What {@link #owner} answers for a frame that nobody owns. */
    int NO_OWNER = -1;

    /** What {@link #allocate} answers when there is no memory, and {@link #machineToPhysical} for none. */
    long NONE = -1;

    /** No type use exists. */
    int TYPE_NONE = 0;

    /** Page table of level 1: entries map pages. */
    int TYPE_L1 = 1;

    /** Page table of level 2. */
    int TYPE_L2 = 2;

    /** Page table of level 3. */
    int TYPE_L3 = 3;

    /** Page table of level 4: the root. */
    int TYPE_L4 = 4;

    /** Mapped writable. */
    int TYPE_WRITABLE = 5;

    /**
     * Makes a domain known before it owns anything. A domid may be admitted again once {@link #pages} and
     * {@link #sharedPages} of its predecessor are zero.
     *
     * @param domid 0..0x7fef; or {@link grantlab.api.abi.Domid#XEN}, whose are pages of the hypervisor's own that guests may see
     * @param typed whether writable mappings of its frames by other domains hold a type use (PV): a translated domain's
     *     do not
     * @throws IllegalArgumentException when the number is no such domid; every method that is handed an owner who was not admitted says
     *     the same
     * @throws IllegalStateException while its predecessor has frames
     */
    void admit(int domid, boolean typed);

    /**
     * From now on somebody is told of a domain's frames. Once, and before the domain owns any; until its number is admitted again.
     *
     * @param domid an admitted domain
     * @param watcher told of its frames, as long as they are its own
     */
    void watch(int domid, FrameWatcher watcher);

    /**
     * Whether a domain was admitted as typed.
     *
     * @param domid an admitted domain
     * @return see {@link #admit}
     */
    boolean typed(int domid);

    /**
     * The owner.
     *
     * @param mfn any number
     * @return a domid or {@link #NO_OWNER}
     */
    int owner(long mfn);

    /**
     * Takes one reference on all {@code 2^order} frames. One atomic operation whatever the order: blocks of order 9 and 18
     * have a counter of their own, and a frame is free when its own and those of the blocks around it are zero.
     *
     * @param mfn first frame, aligned to the order
     * @param order 0, 9 or 18
     * @param owner who must own the frames, or {@link #NO_OWNER} when any owner will do
     * @return false, and nothing changed, when a frame is not allocated, not owned so, or its counter is full; or when the frames were
     *     not allocated as such a block, or one of them was given up since and nobody holds the block
     * @throws IllegalArgumentException when there is no such order
     */
    boolean get(long mfn, int order, int owner);

    /**
     * {@link #get}, of plain memory: a frame that is not the hypervisor's, and has no type or the writable one.
     *
     * @param mfn first frame, aligned to the order
     * @param order 0, 9 or 18
     * @param owner who must own the frames
     * @return false, and nothing changed, when the first is anything else or there is no reference to be had
     */
    default boolean getPlain(long mfn, int order, int owner) {
        int type = type(mfn);
        if (isShared(mfn) || (type != TYPE_NONE && type != TYPE_WRITABLE) || !get(mfn, order, owner)) {
            return false;
        }
        if (!isShared(mfn)) {
            return true;
        }
        // It was freed and became another page of the same owner's in between.
        put(mfn, order);
        return false;
    }

    /**
     * {@link #getPlain} of several frames, in order, up to the first of which there is no reference to be had.
     *
     * @param mfns the frames
     * @param count how many of them
     * @param owner who must own them
     * @return on how many there is one more reference, from the first on
     */
    default int getPlain(long[] mfns, int count, int owner) {
        int taken = 0;
        while (taken < count && getPlain(mfns[taken], Page.ORDER_4K, owner)) {
            taken++;
        }
        return taken;
    }

    /**
     * Drops what {@link #get} took. A frame of a block that was given up, and that references on the block alone keep, is free with the
     * last of these.
     *
     * @param mfn first frame
     * @param order as it was taken
     * @throws IllegalStateException when nobody took it: that of an allocation, or of who stole the frame, goes another way
     * @throws IllegalArgumentException when there is no such block
     */
    void put(long mfn, int order);

    /**
     * Drops of some frames what {@link #get} took, page by page; in one step for whoever has several.
     *
     * @param mfns frames
     * @param from the first of them
     * @param end behind the last one
     */
    default void put(long[] mfns, int from, int end) {
        for (int i = from; i < end; i++) {
            put(mfns[i], Page.ORDER_4K);
        }
    }

    /**
     * Adds one use of a type. The caller holds a reference. Only frames that exist have types; the caller of
     * TYPE_L1..TYPE_L4 has validated the contents or does so before anybody else can see the frame.
     *
     * @param mfn a frame
     * @param type one of the constants, not TYPE_NONE
     * @return false while uses of another type exist, or the counter is full, or the owner's {@link FrameWatcher} refused
     * @throws IllegalArgumentException when there is no such type
     * @throws IllegalStateException when nobody ever had the frame
     */
    boolean getType(long mfn, int type);

    /**
     * Drops one use of the type that the frame has. The last reference goes after the last use.
     *
     * @param mfn a frame
     * @throws IllegalStateException when it has no type
     */
    void putType(long mfn);

    /**
     * References, the allocation's included.
     *
     * @param mfn a frame
     * @return how many
     */
    long references(long mfn);

    /**
     * The type in use.
     *
     * @param mfn a frame
     * @return a TYPE constant
     */
    int type(long mfn);

    /**
     * Uses of the type.
     *
     * @param mfn a frame
     * @return how many
     */
    long typeUses(long mfn);

    /**
     * Allocates frames for a domain; each carries one reference. Counted by {@link #pages}. Frames that nobody had before, and
     * those that a {@link #retire retired} domain had, are zero; what a living domain gave back keeps its bytes, as Xen's
     * heap leaves them.
     *
     * @param owner an admitted domain
     * @param order 0, 9 or 18
     * @return the first frame, aligned to the order, the lowest extent that has room first; or {@link #NONE}
     * @throws IllegalArgumentException when there is no such order
     */
    long allocate(int owner, int order);

    /**
     * Allocates like {@link #allocate}, with all bytes zero. A frame that nobody ever had is zero and is not touched.
     *
     * @param owner an admitted domain
     * @param order 0, 9 or 18
     * @return the first frame, or {@link #NONE}
     */
    long allocateZeroed(int owner, int order);

    /**
     * Allocates like {@link #allocate}, at or above a frame number.
     *
     * @param owner an admitted domain
     * @param order 0, 9 or 18
     * @param lowest no frame below this is taken
     * @return the first frame, or {@link #NONE}
     */
    long allocateFrom(int owner, int order, long lowest);

    /**
     * Allocates a zeroed frame of the hypervisor that a domain may use (a grant table frame): owned by the domain, with one
     * reference, but no part of its memory. Counted by {@link #sharedPages}, never stolen. Without references it cannot be
     * got any more, but stays what it is until {@link #freeShared}. To a {@link #retire retired} domain it comes without the
     * reference: nobody would drop it (share_xen_page_with_guest).
     *
     * @param owner an admitted domain
     * @return the frame, or {@link #NONE}
     */
    long allocateShared(int owner);

    /**
     * Whether a frame came from {@link #allocateShared}.
     *
     * @param mfn a frame
     * @return true if so
     */
    boolean isShared(long mfn);

    /**
     * Frees a frame of the hypervisor, with or without the reference of its allocation.
     *
     * @param mfn from {@link #allocateShared}, with no other reference
     * @throws IllegalStateException when somebody still holds it
     */
    void freeShared(long mfn);

    /**
     * A domain dies: what it owns from now on is zeroed, once free, before anybody owns it again (Xen scrubs the memory of
     * dying domains only).
     *
     * @param domid an admitted domain; until it is admitted again
     */
    void retire(int domid);

    /**
     * Drops the reference of the allocation, once: a second call changes nothing. The caller holds a reference.
     *
     * @param mfn a frame
     * @return whether this call dropped it
     * @throws IllegalStateException when it was the last one and a type is in use
     */
    boolean releaseAllocation(long mfn);

    /**
     * Whether the reference of the allocation is among those of a frame.
     *
     * @param mfn a frame
     * @return false once it was released, and of frames that nobody owns
     */
    boolean isAllocated(long mfn);

    /**
     * Takes a frame from its owner, who keeps no count of it; its one reference is the caller's. Shared frames and frames
     * with a type in use are refused.
     *
     * @param mfn a frame
     * @param owner who must own it
     * @param expected the references that must exist, the allocation's included
     * @return false, and nothing changed, when something is otherwise
     */
    boolean steal(long mfn, int owner, int expected);

    /**
     * Gives a stolen frame to a domain: its one reference becomes that of the allocation.
     *
     * @param mfn a frame that nobody owns and that {@link #steal} returned true for
     * @param owner an admitted domain
     * @throws IllegalStateException when nobody stole it
     */
    void assign(long mfn, int owner);

    /**
     * Frees a stolen frame.
     *
     * @param mfn a frame that nobody owns and that {@link #steal} returned true for
     * @throws IllegalStateException when nobody stole it
     */
    void freeStolen(long mfn);

    /**
     * Frames that a domain owns, shared ones not counted (Xen's tot_pages).
     *
     * @param domid a domain
     * @return how many
     */
    long pages(int domid);

    /**
     * Frames of the hypervisor that a domain may use.
     *
     * @param domid a domain
     * @return how many
     */
    long sharedPages(int domid);

    /**
     * The guest frame at which its owner sees a frame. A frame that becomes free has none.
     *
     * @param mfn any number
     * @return a gfn, or {@link #NONE}
     */
    long machineToPhysical(long mfn);

    /**
     * Records the guest frame.
     *
     * @param mfn a frame
     * @param gfn a guest frame, or {@link #NONE}
     * @throws IndexOutOfBoundsException when no frame has the number
     */
    void setMachineToPhysical(long mfn, long gfn);

    /**
     * The next frame that a domain owns, shared ones included; for destruction, invariants and dumps.
     *
     * @param domid a domain
     * @param from first frame to look at
     * @return a frame, or {@link #NONE}
     */
    long nextOwned(int domid, long from);
}
