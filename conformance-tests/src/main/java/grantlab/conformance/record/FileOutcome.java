package grantlab.conformance.record;

import java.nio.file.Path;

/** What came of recording one file. */
public sealed interface FileOutcome {
    /**
     * The script.
     *
     * @return its file, as it was named
     */
    Path script();

    /**
     * Xen answered all of it.
     *
     * @param script its file, as it was named
     * @param answersFile where the answers are now
     * @param answers how many
     * @param before what stood there before
     */
    record Recorded(Path script, Path answersFile, int answers, Before before) implements FileOutcome {
        /** {@code FILE answers=N}, and what stood there before. */
        @Override
        public String toString() {
            return answersFile + " answers=" + answers + before.remark;
        }
    }

    /**
     * Xen did not; what stood there before stands there still.
     *
     * @param script its file, as it was named
     * @param reason what happened
     * @param log where all that Xen, the guest and QEMU said is to be read
     */
    record Failed(Path script, String reason, Path log) implements FileOutcome {
        /** What happened, and where to read on. */
        @Override
        public String toString() {
            return reason + "; all that was said is in " + log;
        }
    }

    /** What stood in the file of the answers before. */
    enum Before {
        /** There was no such file. */
        NOTHING(""),
        /** The same. */
        THE_SAME(" (as before)"),
        /** Other answers, which are gone. */
        OTHERS(" (in place of others)");

        private final String remark;

        Before(String remark) {
            this.remark = remark;
        }
    }
}
