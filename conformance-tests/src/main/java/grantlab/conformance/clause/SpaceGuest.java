package grantlab.conformance.clause;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;

/** What the guest of a {@link SpaceBench} finds at its start: pages in its map, or page tables of its own that name them. */
final class SpaceGuest {
    private static final int LEVELS = 4;

    /** Everything lies behind the second entry of level 3. */
    private static final long BASE = 1L << 30;

    private static final int FIRST_PAGE = 16;
    private static final int FIRST_SLOT = 128;

    /** Present, user, accessed, dirty. */
    private static final long READ_ONLY = 0x65;

    private static final long WRITABLE = 0x67;

    private final long[] tables = new long[LEVELS];
    private final long[] pages = new long[SpaceBench.PAGES];

    SpaceGuest(MachineRam ram, PhysicalMap map, boolean translated) {
        FrameTable frames = ram.frames();
        for (int n = 0; n < pages.length; n++) {
            pages[n] = frames.allocate(SpaceBench.GUEST, Page.ORDER_4K);
            ram.memory().store64(Page.address(pages[n]), 0x1000 + 0x100 * n);
        }
        if (translated) {
            for (int n = 0; n < pages.length; n++) {
                map.populate(Page.frame(page(n)), pages[n]);
            }
        } else {
            build(ram);
        }
    }

    private void build(MachineRam ram) {
        for (int n = 0; n < LEVELS; n++) {
            tables[n] = ram.frames().allocate(SpaceBench.GUEST, Page.ORDER_4K);
        }
        write(ram, tables[0], 0, entry(tables[1], true));
        write(ram, tables[1], 1, entry(tables[2], true));
        write(ram, tables[2], 0, entry(tables[3], true));
        for (int n = 0; n < pages.length; n++) {
            write(ram, tables[3], FIRST_PAGE + n, entry(pages[n], true));
        }
    }

    private static void write(MachineRam ram, long table, int index, long entry) {
        ram.memory().store64(Page.address(table) + (long) index * Long.BYTES, entry);
    }

    static long entry(long mfn, boolean writable) {
        return Page.address(mfn) | (writable ? WRITABLE : READ_ONLY);
    }

    long page(int n) {
        return BASE + Page.address(FIRST_PAGE + n);
    }

    long slot(int n) {
        return BASE + Page.address(FIRST_SLOT + n);
    }

    long frame(int n) {
        return pages[n];
    }

    long table(int n) {
        return tables[n];
    }
}
