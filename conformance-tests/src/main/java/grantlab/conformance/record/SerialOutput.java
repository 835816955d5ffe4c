package grantlab.conformance.record;

/**
 * What came of a run of Xen.
 *
 * @param text all that came over the serial line
 * @param complaint what QEMU said on its own account, perhaps nothing
 * @param end how the run ended
 */
record SerialOutput(String text, String complaint, End end) {
    /** How a run ends. */
    enum End {
        /** QEMU ended by itself. */
        BY_ITSELF,
        /** It had used up its time. */
        OUT_OF_TIME,
        /** It had printed more than any script can. */
        TOO_LONG
    }

    /** All of it, to look at. */
    String log() {
        return complaint.isEmpty() ? text : text + "\n" + complaint;
    }
}
