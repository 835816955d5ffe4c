package grantlab.conformance.clause;

import grantlab.api.abi.Gtf;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;

/** Entries of version 2 as a guest writes them, field by field, the flags last. */
final class EntriesV2 {
    private static final String HOP = "ent2t";

    private EntriesV2() {}

    /** A whole page, for reading and writing. */
    static TableEntry page(Party granter, long ref, int grantee, int page) {
        return part(granter, ref, grantee, page, 0, 0).set("flags", Gtf.PERMIT_ACCESS);
    }

    /** So many bytes of a page from a certain one on. */
    static TableEntry part(Party granter, long ref, int grantee, int page, int start, int length) {
        return granter.entry(ref)
                .set("domid", grantee)
                .set("off", start)
                .set("len", length)
                .set("frame", granter.pageFrame(page))
                .set("flags", Gtf.PERMIT_ACCESS | Gtf.SUB_PAGE);
    }

    /** What somebody else granted to the granter, granted on. */
    static TableEntry hop(Party granter, long ref, int grantee, int farDomid, long farRef) {
        return granter.entry(ref, HOP)
                .set("domid", grantee)
                .set("tdom", farDomid)
                .set("pad", 0)
                .set("gref", farRef)
                .set("rest", 0)
                .set("flags", Gtf.TRANSITIVE);
    }
}
