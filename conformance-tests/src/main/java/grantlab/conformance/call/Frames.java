package grantlab.conformance.call;

import java.util.ArrayList;
import java.util.List;

/** The list of frame numbers that some calls have filled: one page, so what exceeds it is not looked at. */
final class Frames {
    private static final int FIT = 512;

    private Frames() {}

    static void prepare(Struct struct, int frames) {
        for (int n = 0; n < fit(frames); n++) {
            struct.putList(n, FrameList.UNWRITTEN_FRAME);
        }
    }

    static List<Long> read(Struct struct, int frames) {
        List<Long> list = new ArrayList<>();
        for (int n = 0; n < fit(frames); n++) {
            list.add(struct.getList(n));
        }
        return list;
    }

    private static int fit(int frames) {
        return (int) Math.min(Integer.toUnsignedLong(frames), FIT);
    }
}
