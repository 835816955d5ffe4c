package grantlab.api.memory;

/**
 * Somebody who has to know what becomes of the frames of one domain: the IOMMU of a domain that knows machine frames. Its devices
 * reach its memory, but no page table (XSA-288; get_page_type, cleanup_page_mappings and guest_physmap_add_page in xen/arch/x86).
 *
 * <p>Frames of the hypervisor that the domain may use are not told of. For one frame, calls come one after another. All but {@link
 * #forget} come from inside of the frame table: an implementation calls no method of it that changes anything.
 */
public interface FrameWatcher {
    /**
     * Frames came; nobody has used them yet.
     *
     * @param mfn first frame
     * @param order 0, 9 or 18
     */
    void gained(long mfn, int order);

    /**
     * A frame without a type is getting one.
     *
     * @param mfn the frame
     * @param type TYPE_L1 to TYPE_WRITABLE
     * @return false: it does not get it (XSA-291: and nothing is left of the attempt)
     */
    boolean typed(long mfn, int type);

    /**
     * A frame goes: freed or stolen, and nobody holds it. Whoever looks anew does not find it any more.
     *
     * @param mfn the frame
     */
    void lost(long mfn);

    /**
     * No frame that was lost before is remembered any more, and no access to one is under way, when this returns: only then does
     * somebody else get it. It may take its time, and is called where nobody waits for it but who lost the frame.
     */
    void forget();
}
