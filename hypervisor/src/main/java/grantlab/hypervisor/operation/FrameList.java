package grantlab.hypervisor.operation;

import grantlab.api.Status;
import grantlab.hypervisor.caller.GuestArguments;

/** The list of frame numbers that setup_table and get_status_frames fill in. */
final class FrameList {
    private FrameList() {}

    /** What stands at a position of the list. */
    @FunctionalInterface
    interface Frames {
        long number(int n);
    }

    /**
     * Writes all elements that can be written.
     *
     * @return zero, or BAD_VIRT_ADDR when one could not (4.17 goes on)
     */
    static int write(GuestArguments arguments, long list, int count, Frames frames) {
        int status = Status.OKAY;
        for (int n = 0; n < count; n++) {
            if (!arguments.write64(list + (long) n * Long.BYTES, frames.number(n))) {
                status = Status.BAD_VIRT_ADDR;
            }
        }
        return status;
    }
}
