package grantlab.grant.v2;

import grantlab.api.abi.Gtf;

/**
 * The entry, union grant_entry_v2 (xen/include/public/grant_table.h):
 *
 * <pre>
 *                0               2               4               6               8              12              16
 *               +---------------+---------------+---------------+---------------+---------------+---------------+
 *   full page   |     flags     |     domid     |            ignored            |             frame             |
 *               +---------------+---------------+---------------+---------------+---------------+---------------+
 *   sub page    |     flags     |     domid     |   page_off    |    length     |             frame             |
 *               +---------------+---------------+---------------+---------------+---------------+---------------+
 *   transitive  |     flags     |     domid     |  trans_domid  |    ignored    |     gref      |    ignored    |
 *               +---------------+---------------+---------------+---------------+---------------+---------------+
 *               |<-- header, one 32-bit word -->|
 * </pre>
 *
 * Flags and domid are judged together, as one word. Xen never writes it: what is in use stands in the
 * {@link StatusWords}.
 */
final class EntryV2 {
    static final int SIZE = 16;
    static final int FLAGS = 0;
    static final int DOMID = 2;
    static final int PAGE_OFF = 4;
    static final int LENGTH = 6;
    static final int FRAME = 8;
    static final int TRANS_DOMID = 4;
    static final int TRANS_PAD = 6;
    static final int GREF = 8;
    static final int TRANS_REST = 12;

    static final int ENTRIES_PER_FRAME = 4096 / SIZE;

    private EntryV2() {}

    static int flags(int header) {
        return header & 0xffff;
    }

    static int domid(int header) {
        return header >>> 16;
    }

    static int header(int flags, int domid) {
        return domid << 16 | flags;
    }

    /** A grant of a grant: for copies only. */
    static boolean isTransitive(int header) {
        return (header & Gtf.TYPE_MASK) == Gtf.TRANSITIVE;
    }

    /** Mapping wants a whole page of the granter's own. */
    static boolean permits(int header, boolean forCopy) {
        return forCopy
                ? (header & Gtf.TYPE_MASK) == Gtf.PERMIT_ACCESS || isTransitive(header)
                : (header & (Gtf.TYPE_MASK | Gtf.SUB_PAGE)) == Gtf.PERMIT_ACCESS;
    }
}
