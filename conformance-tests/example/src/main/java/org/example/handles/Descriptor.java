package org.example.handles;

import grantlab.api.Access;
import grantlab.api.memory.Page;

/**
 * A descriptor: two words in the granter's page. The granter writes the second, then the first, and counts its shares in it, so
 * that a word of state that is still the same says the same of the second.
 *
 * <pre>
 *   state     0 shared, 1 receiver may write, 2 block (512 pages, else one), 3 retrieved, 4 retrieved to write, 16..63 turn
 *   address   12..51 first frame
 * </pre>
 */
final class Descriptor {
    static final int BYTES = 16;
    static final int ADDRESS = 8;

    /** In one page. */
    static final int COUNT = Page.SIZE / BYTES;

    /** Each handle has as many indices as its region may have pages. */
    static final int INDICES = 1 << Page.ORDER_2M;

    static final long SHARED = 1;
    static final long WRITE = 1 << 1;
    static final long BLOCK = 1 << 2;
    static final long RETRIEVED = 1 << 3;
    static final long RETRIEVED_RW = 1 << 4;
    static final long USES = RETRIEVED | RETRIEVED_RW;

    private static final long ONE_TURN = 1L << 16;
    private static final long TURN = -ONE_TURN;
    private static final long FRAME = 0x000f_ffff_ffff_f000L;

    private Descriptor() {}

    /** What a share writes over a state. */
    static long shared(long before, int order, int access) {
        return (before & TURN) + ONE_TURN | SHARED | right(access) | (order == Page.ORDER_2M ? BLOCK : 0);
    }

    private static long right(int access) {
        return Access.writes(access) ? WRITE : 0;
    }

    static long frame(long address) {
        return Page.frame(address & FRAME);
    }

    static int order(long state) {
        return (state & BLOCK) != 0 ? Page.ORDER_2M : Page.ORDER_4K;
    }

    /** The share, whoever uses it and whatever its receiver may do. */
    static long share(long state) {
        return state & (TURN | BLOCK);
    }

    /** The bits of a use, or of uses that ended. */
    static long uses(int access) {
        return ((access & Access.READ) != 0 ? RETRIEVED : 0) | (Access.writes(access) ? RETRIEVED_RW : 0);
    }
}
