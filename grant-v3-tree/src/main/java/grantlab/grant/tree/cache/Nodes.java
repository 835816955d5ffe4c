package grantlab.grant.tree.cache;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/**
 * Which pages of a granter may be nodes, and how they are held (grant-v3.md, section 19 B1): only the granter's own ordinary
 * memory that it did not give back, with a reference and with one use as writable memory. A page table or descriptor table of a PV granter has another
 * type, and so can be no node: the granter would otherwise have the hypervisor write to it.
 */
public final class Nodes {
    /** No such page. */
    public static final long NONE = -1;

    private final FrameTable frames;
    private final PhysicalMap granter;
    private final int domid;

    /**
     * Of one granter.
     *
     * @param frames the books
     * @param granter through which its numbers mean frames
     * @param domid who must own the nodes
     */
    public Nodes(FrameTable frames, PhysicalMap granter, int domid) {
        this.frames = frames;
        this.granter = granter;
        this.domid = domid;
    }

    /**
     * Looks whether a number means ordinary memory of the granter at this moment, and holds it.
     *
     * @param gfn any number
     * @return the machine frame, to be let go of by {@link #drop}; or {@link #NONE}
     */
    public long take(long gfn) {
        long entry = granter.entry(gfn);
        if (entry == PhysicalMap.INVALID || PhysicalMap.typeOf(entry) != PhysicalMap.RAM_RW) {
            return NONE;
        }
        long frame = PhysicalMap.frameOf(entry);
        if (!frames.get(frame, Page.ORDER_4K, domid)) {
            return NONE;
        }
        // Of a PV granter the number of a page that it gave back means that page until nobody holds it.
        if (!frames.isAllocated(frame) || !frames.getType(frame, FrameTable.TYPE_WRITABLE)) {
            frames.put(frame, Page.ORDER_4K);
            return NONE;
        }
        return frame;
    }

    /**
     * Lets go of a node.
     *
     * @param frame from {@link #take}
     */
    public void drop(long frame) {
        frames.putType(frame);
        frames.put(frame, Page.ORDER_4K);
    }
}
