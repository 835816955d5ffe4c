package grantlab.p2m.frame;

import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameWatcher;
import org.jspecify.annotations.Nullable;

/** What the books say of one domain. Changed under their lock, read by anybody. */
final class Admission {
    final boolean typed;

    /** Frames that are the domain's own memory. */
    private volatile long pages;

    /** Frames of the hypervisor that it may use. */
    private volatile long sharedPages;

    private final Changes changes = new Changes();

    /** The domain dies: its frames, once free, are scrubbed before anybody has them. */
    volatile boolean retired;

    /** Who is told of the domain's frames; set before it owns any. */
    volatile @Nullable FrameWatcher watcher;

    Admission(boolean typed) {
        this.typed = typed;
    }

    long pages() {
        return pages;
    }

    long sharedPages() {
        return sharedPages;
    }

    /** How often frames came or went. */
    Changes changes() {
        return changes;
    }

    /** Frames come, or go when the number is negative. The caller holds the books. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void count(boolean shared, long frames) {
        if (shared) {
            sharedPages += frames;
        } else {
            pages += frames;
        }
        changes.add();
    }
}
