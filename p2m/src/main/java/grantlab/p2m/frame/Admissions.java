package grantlab.p2m.frame;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The domains that frames can belong to. */
final class Admissions {
    /** Domids of ordinary domains are below this (DOMID_FIRST_RESERVED). */
    private static final int DOMIDS = 0x7ff0;

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
        if (domid < 0 || domid >= DOMIDS) {
            throw new IllegalArgumentException(
                    "domid " + domid + " is not within 0..0x" + Integer.toHexString(DOMIDS - 1));
        }
        return byDomid.get(domid);
    }
}
