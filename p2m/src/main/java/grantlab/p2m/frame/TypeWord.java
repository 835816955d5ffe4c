package grantlab.p2m.frame;

import grantlab.api.memory.FrameTable;

/** The type of one frame and its uses in one word; zero while no use exists. */
final class TypeWord {
    static final long NONE = 0;

    private static final int TYPE_SHIFT = 32;
    private static final long USES = 0xffff_ffffL;

    private TypeWord() {}

    static long first(int type) {
        return ((long) type << TYPE_SHIFT) | 1;
    }

    static int type(long word) {
        return (int) (word >>> TYPE_SHIFT);
    }

    static long uses(long word) {
        return word & USES;
    }

    static long withoutOne(long word) {
        return uses(word) == 1 ? NONE : word - 1;
    }

    static void requireType(int type) {
        if (type <= FrameTable.TYPE_NONE || type > FrameTable.TYPE_WRITABLE) {
            throw new IllegalArgumentException("type " + type + " is none of TYPE_L1..TYPE_WRITABLE");
        }
    }
}
