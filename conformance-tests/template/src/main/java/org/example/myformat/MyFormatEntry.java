package org.example.myformat;

import grantlab.api.Access;
import grantlab.api.memory.Page;

/**
 * What the bits of an entry mean: one word for each grant, in a page of the granter's.
 *
 * <pre>
 *   0 granted, 1 grantee may write, 2 in use, 3 in use to write, 12..51 frame, 52..63 turn
 * </pre>
 *
 * <p>The granter counts its grants in the turn, so that a frame that is granted twice is two grants.
 */
final class MyFormatEntry {
    static final int BYTES = Long.BYTES;

    /** In one page. */
    static final int COUNT = Page.SIZE / BYTES;

    static final long GRANTED = 1;
    static final long WRITE = 1 << 1;
    static final long IN_USE = 1 << 2;
    static final long IN_USE_RW = 1 << 3;
    static final long MARKS = IN_USE | IN_USE_RW;

    private static final long FRAME = 0x000f_ffff_ffff_f000L;
    private static final long ONE_TURN = 1L << 52;
    private static final long TURN = -ONE_TURN;

    private MyFormatEntry() {}

    /** What the granter writes over what was there. */
    static long granted(long before, long gfn, int access) {
        return (before & TURN) + ONE_TURN | Page.address(gfn) & FRAME | GRANTED | (Access.writes(access) ? WRITE : 0);
    }

    static long frame(long entry) {
        return Page.frame(entry & FRAME);
    }

    /** What makes the grant, whoever uses it and whatever its grantee may do. */
    static long grant(long entry) {
        return entry & (TURN | FRAME);
    }

    /** The marks of a use, or of uses that ended. */
    static long marks(int access) {
        return ((access & Access.READ) != 0 ? IN_USE : 0) | (Access.writes(access) ? IN_USE_RW : 0);
    }
}
