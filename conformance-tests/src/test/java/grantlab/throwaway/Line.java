package grantlab.throwaway;

import grantlab.api.Access;
import grantlab.api.memory.Page;

/**
 * A line of the ledger: one word, written by the granter, marked by the hypervisor.
 *
 * <pre>
 *   0 granted · 1 write · 2 large · 3 read now · 4 written now · 12..51 first frame
 * </pre>
 *
 * A line stands for 512 indices: a large grant fills them, a small one has the first alone.
 */
final class Line {
    static final int LINES = 512;
    static final int BYTES = 8;
    static final int INDICES = 512;

    static final long GRANTED = 1;
    static final long WRITE = 1 << 1;
    static final long LARGE = 1 << 2;
    static final long READ_NOW = 1 << 3;
    static final long WRITTEN_NOW = 1 << 4;

    private static final long FRAME = 0x000f_ffff_ffff_f000L;

    private Line() {}

    static long of(long frame, int order, int access) {
        return Page.address(frame)
                | GRANTED
                | (Access.writes(access) ? WRITE : 0)
                | (order == Page.ORDER_2M ? LARGE : 0);
    }

    static long frame(long line) {
        return Page.frame(line & FRAME);
    }

    static boolean inUse(long line) {
        return (line & (READ_NOW | WRITTEN_NOW)) != 0;
    }
}
