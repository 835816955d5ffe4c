package grantlab.p2m.frame;

import org.jspecify.annotations.Nullable;

/** The types of all frames: one at a time for each, for as long as it has uses. Lock free. */
final class Types {
    private final Regions regions;
    private final long limit;

    /** Null while there is no domain that has one. */
    private volatile @Nullable FirstUse firstUse;

    /** Is asked when a frame without a type has got its first use of one, which lasts at least until it has answered. */
    @FunctionalInterface
    interface FirstUse {
        /** False: the use ends at once. */
        boolean admit(long mfn, int type);
    }

    Types(Regions regions, long limit) {
        this.regions = regions;
        this.limit = limit;
    }

    void askAtFirstUse(FirstUse whom) {
        firstUse = whom;
    }

    boolean get(long mfn, int type) {
        TypeWord.requireType(type);
        long[] chunk = regions.heldChunk(mfn);
        while (true) {
            long word = Region.type(chunk, mfn);
            boolean free = word == TypeWord.NONE;
            if (!free && (TypeWord.type(word) != type || TypeWord.uses(word) >= limit)) {
                return false;
            }
            if (Region.changeType(chunk, mfn, word, free ? TypeWord.first(type) : word + 1)) {
                return !free || admitted(mfn, type);
            }
        }
    }

    private boolean admitted(long mfn, int type) {
        FirstUse asked = firstUse;
        if (asked == null || asked.admit(mfn, type)) {
            return true;
        }
        put(mfn);
        return false;
    }

    void put(long mfn) {
        long[] chunk = regions.heldChunk(mfn);
        long word;
        do {
            word = Region.type(chunk, mfn);
            if (word == TypeWord.NONE) {
                throw new IllegalStateException(
                        "a type use that nobody took is dropped: " + FrameWord.describe(mfn, Region.state(chunk, mfn)));
            }
        } while (!Region.changeType(chunk, mfn, word, TypeWord.withoutOne(word)));
    }

    /** See {@link TypeWord}. */
    long word(long mfn) {
        long @Nullable [] chunk = regions.chunk(mfn);
        return chunk == null ? TypeWord.NONE : Region.type(chunk, mfn);
    }
}
