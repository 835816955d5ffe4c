package grantlab.iommu.table;

import grantlab.api.Access;

/**
 * Who uses a frame, in one word: so many for reading alone, so many for writing (struct mapping counts of a domain's maptrack in
 * xen/common/grant_table.c, 31 bits each). The rights follow from it: no writer, no right to write.
 */
final class Uses {
    static final long NONE = 0;

    /** As many of each kind as fit. */
    static final long LIMIT = (1L << 31) - 1;

    private static final int WRITERS_SHIFT = 32;
    private static final long READERS = LIMIT;

    private Uses() {}

    static long readers(long word) {
        return word & READERS;
    }

    static long writers(long word) {
        return word >>> WRITERS_SHIFT;
    }

    static int rights(long word) {
        if (word == NONE) {
            return 0;
        }
        return writers(word) == 0 ? Access.READ : Access.READ | Access.WRITE;
    }

    static boolean isFull(long word, int access) {
        return ofKind(word, access) >= LIMIT;
    }

    static boolean has(long word, int access) {
        return ofKind(word, access) != 0;
    }

    static long ofKind(long word, int access) {
        return Access.writes(access) ? writers(word) : readers(word);
    }

    static long withOneMore(long word, int access) {
        return word + one(access);
    }

    static long withoutOne(long word, int access) {
        return word - one(access);
    }

    private static long one(int access) {
        return Access.writes(access) ? 1L << WRITERS_SHIFT : 1;
    }
}
