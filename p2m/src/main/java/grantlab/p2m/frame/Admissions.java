package grantlab.p2m.frame;

import grantlab.api.abi.Domid;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The domains that frames can belong to. */
final class Admissions {
    /** Ordinary domains are below FIRST_RESERVED, and the hypervisor's own pages are DOMID_XEN's. */
    private static final int DOMIDS = Domid.XEN + 1;

    private final AtomicReferenceArray<@Nullable Admission> byDomid = new AtomicReferenceArray<>(DOMIDS);

    /** The caller holds the books. */
    void admit(int domid, boolean typed) {
        Admission predecessor = find(domid);
        if (predecessor != null && (predecessor.pages() != 0 || predecessor.sharedPages() != 0)) {
            throw new IllegalStateException("d" + domid + " cannot be admitted again: " + predecessor.pages()
                    + " pages and " + predecessor.sharedPages() + " shared pages of its predecessor still exist");
        }
        byDomid.set(domid, new Admission(typed));
    }

    Admission of(int domid) {
        Admission admission = find(domid);
        if (admission == null) {
            throw new IllegalArgumentException("d" + domid + " was not admitted to the frame table");
        }
        return admission;
    }

    @Nullable
    Admission find(int domid) {
        if (domid < 0 || (domid >= Domid.FIRST_RESERVED && domid != Domid.XEN)) {
            throw new IllegalArgumentException("domid " + domid + " is neither within 0..0x"
                    + Integer.toHexString(Domid.FIRST_RESERVED - 1) + " nor DOMID_XEN");
        }
        return byDomid.get(domid);
    }
}
