package grantlab.conformance.fuzz.audit;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** One frame as it was at the last look, so that the cost of the next look follows what changed. */
final class Snapshot {
    private static final int WORDS = Page.SIZE / Long.BYTES;

    /** The frame. */
    final long mfn;

    private final long[] before = new long[WORDS];

    Snapshot(long mfn) {
        this.mfn = mfn;
    }

    /** Is told what changed. */
    interface Change {
        /**
         * A word of 8 bytes is another one now.
         *
         * @param index of the word in its frame
         */
        void word(int index, long before, long now);
    }

    /**
     * Looks again.
     *
     * @param memory the machine's
     * @param scratch 512 words
     * @param change is told
     */
    void look(MachineMemory memory, long[] scratch, MemorySegment scratchBytes, Change change) {
        memory.copyOut(Page.address(mfn), scratchBytes);
        int at = Arrays.mismatch(before, scratch);
        while (at >= 0) {
            long old = before[at];
            before[at] = scratch[at];
            change.word(at, old, scratch[at]);
            int next = Arrays.mismatch(before, at + 1, WORDS, scratch, at + 1, WORDS);
            at = next < 0 ? -1 : at + 1 + next;
        }
    }
}
