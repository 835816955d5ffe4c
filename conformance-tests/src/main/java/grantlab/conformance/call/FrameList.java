package grantlab.conformance.call;

import java.util.List;

/**
 * What setup_table and get_status_frames answer.
 *
 * @param rc the hypercall's result
 * @param status GNTST_*, or {@link Call#UNWRITTEN}
 * @param frames as many as were asked for, {@link #UNWRITTEN_FRAME} where nothing was written
 */
public record FrameList(long rc, int status, List<Long> frames) implements Answered {
    /** Stands in the list before the call. */
    public static final long UNWRITTEN_FRAME = 0x5a5a5a5a5a5aL;

    /** Keeps a copy. */
    public FrameList {
        frames = List.copyOf(frames);
    }

    @Override
    public String toString() {
        List<String> written = frames.stream()
                .filter(frame -> frame != UNWRITTEN_FRAME)
                .map(Texts::hex)
                .toList();
        return Texts.rc(rc) + " " + Texts.status(status) + " list="
                + (written.isEmpty() ? "-" : String.join(",", written));
    }
}
