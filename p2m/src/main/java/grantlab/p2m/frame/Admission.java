package grantlab.p2m.frame;

/** What the books say of one domain. Changed under their lock, read by anybody. */
final class Admission {
    final boolean typed;

    /** Frames that are the domain's own memory. */
    private volatile long pages;

    /** Frames of the hypervisor that it may use. */
    private volatile long sharedPages;

    private volatile long changes;

    /** The domain dies: its frames are scrubbed when they are freed. */
    volatile boolean retired;

    Admission(boolean typed) {
        this.typed = typed;
    }

    long pages() {
        return pages;
    }

    long sharedPages() {
        return sharedPages;
    }

    /** Changes with each frame that comes or goes; always even. */
    long changes() {
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
        changes += 2;
    }
}
