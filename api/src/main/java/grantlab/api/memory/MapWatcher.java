package grantlab.api.memory;

/**
 * Somebody who keeps what a guest-physical map says in a form of its own: the tables of an IOMMU (p2m_pt_set_entry in xen/arch/x86/mm/p2m-pt.c).
 * It follows in two steps, as TLBs do: told of a change it changes what it keeps, and when it is made to forget nobody reaches any
 * longer, through it, what stood there before.
 *
 * <p>Any thread, several at a time; what it is told of may have changed again.
 */
public interface MapWatcher {
    /**
     * Entries have changed. Whoever is watched by {@link PhysicalMap#entry} from here on sees the change.
     *
     * @param gfn first guest frame, aligned to the order
     * @param order 0, 9 or 18
     * @param first whether nothing stood there before, and so nobody can remember anything else
     */
    void changed(long gfn, int order, boolean first);

    /** Nothing that was told of before is remembered any more, and no access by it is under way, when this returns. */
    void forget();
}
