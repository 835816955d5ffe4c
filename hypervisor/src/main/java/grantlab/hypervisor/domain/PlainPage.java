package grantlab.hypervisor.domain;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/**
 * A page to which the hypervisor writes on behalf of a domain (grant-v3.md, SEC-15): plain memory of that domain, under a general
 * and a writable-type reference, so that it stays the domain's and can be no page table.
 */
public final class PlainPage {
    /** Not plain memory of the domain. */
    public static final long NONE = -1;

    private PlainPage() {}

    /**
     * Takes hold of a page.
     *
     * @param frames the machine's
     * @param map of the domain
     * @param domid of the domain
     * @param gfn any number
     * @return its machine frame, or {@link #NONE} and nothing is held
     */
    public static long hold(FrameTable frames, PhysicalMap map, int domid, long gfn) {
        long entry = map.entry(gfn);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return NONE;
        }
        long frame = PhysicalMap.frameOf(entry);
        if (!frames.getPlain(frame, Page.ORDER_4K, domid)) {
            return NONE;
        }
        if (!frames.getType(frame, FrameTable.TYPE_WRITABLE)) {
            frames.put(frame, Page.ORDER_4K);
            return NONE;
        }
        return frame;
    }

    /**
     * Takes hold of a page of a domain whose pages can be no page tables: the general reference alone keeps it what it is.
     *
     * @param frames the machine's
     * @param map of the domain
     * @param domid of the domain
     * @param gfn any number
     * @return its machine frame, or {@link #NONE} and nothing is held
     */
    public static long holdUntyped(FrameTable frames, PhysicalMap map, int domid, long gfn) {
        long entry = map.entry(gfn);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return NONE;
        }
        long frame = PhysicalMap.frameOf(entry);
        return frames.getPlain(frame, Page.ORDER_4K, domid) ? frame : NONE;
    }

    /** Lets go of a held frame. */
    public static void drop(FrameTable frames, long frame) {
        frames.putType(frame);
        frames.put(frame, Page.ORDER_4K);
    }
}
