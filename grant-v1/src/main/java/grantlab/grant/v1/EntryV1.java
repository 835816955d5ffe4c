package grantlab.grant.v1;

import grantlab.api.abi.Gtf;

/**
 * The entry, struct grant_entry_v1 (xen/include/public/grant_table.h):
 *
 * <pre>
 *    0               2               4                               8
 *   +---------------+---------------+-------------------------------+
 *   |     flags     |     domid     |             frame             |
 *   +---------------+---------------+-------------------------------+
 *   |<--- one word of 32 bits ----->|
 * </pre>
 *
 * Flags and domid are judged and changed together, as one word.
 */
final class EntryV1 {
    static final int SIZE = 8;
    static final int FLAGS = 0;
    static final int DOMID = 2;
    static final int FRAME = 4;

    static final int ENTRIES_PER_FRAME = 4096 / SIZE;

    private EntryV1() {}

    static int flags(int word) {
        return word & 0xffff;
    }

    static int domid(int word) {
        return word >>> 16;
    }

    static int word(int flags, int domid) {
        return domid << 16 | flags;
    }

    /** Mapping wants a whole page: GTF_sub_page, which means nothing in version 1, still makes the type wrong. */
    static boolean permits(int word, boolean forCopy) {
        int looked = forCopy ? Gtf.TYPE_MASK : Gtf.TYPE_MASK | Gtf.SUB_PAGE;
        return (word & looked) == Gtf.PERMIT_ACCESS;
    }
}
