package grantlab.conformance.record;

import grantlab.conformance.replay.Recording;

/**
 * A script that a real Xen has answered.
 *
 * @param text what stands in {@code NAME.res}
 * @param recording the same, as it can be replayed
 */
public record Transcript(String text, Recording recording) {
    /**
     * How much Xen said.
     *
     * @return the number of answers
     */
    public int answers() {
        return recording.answers().size();
    }
}
