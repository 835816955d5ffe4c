package grantlab.p2m.frame;

import org.jspecify.annotations.Nullable;

/** The types of all frames: one at a time for each, for as long as it has uses. Lock free. */
final class Types {
    private final Regions regions;
    private final long limit;

    Types(Regions regions, long limit) {
        this.regions = regions;
        this.limit = limit;
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
                return true;
            }
        }
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
