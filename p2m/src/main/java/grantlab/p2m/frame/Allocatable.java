package grantlab.p2m.frame;

import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import java.util.List;

/** The frames that can be allocated at all: RAM without the firmware's, which are those below 1 MiB. */
final class Allocatable {
    private final long[] first;
    private final long[] end;

    Allocatable(RamLayout layout) {
        List<RamLayout.Extent> extents = layout.extents();
        first = new long[extents.size()];
        end = new long[extents.size()];
        for (int i = 0; i < first.length; i++) {
            RamLayout.Extent extent = extents.get(i);
            end[i] = extent.firstMfn() + extent.frames();
            first[i] = Math.min(end[i], Math.max(extent.firstMfn(), RamLayout.FIRMWARE_FRAMES));
        }
    }

    boolean contains(long mfn) {
        return count(mfn, mfn + 1) == 1;
    }

    /** How many of the frames from {@code from} up to {@code to}, exclusively. */
    long count(long from, long to) {
        long count = 0;
        for (int i = 0; i < first.length; i++) {
            count += Math.max(0, Math.min(to, end[i]) - Math.max(from, first[i]));
        }
        return count;
    }

    /** The first one at or after a frame, or FRAME_LIMIT. */
    long next(long mfn) {
        for (int i = 0; i < first.length; i++) {
            if (mfn < end[i] && first[i] < end[i]) {
                return Math.max(mfn, first[i]);
            }
        }
        return Page.FRAME_LIMIT;
    }
}
