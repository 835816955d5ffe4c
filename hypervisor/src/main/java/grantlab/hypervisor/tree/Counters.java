package grantlab.hypervisor.tree;

import java.util.concurrent.atomic.AtomicInteger;

/** Bounded counts. */
final class Counters {
    private Counters() {}

    /** Adds unless that goes beyond the limit; the count is never beyond it in between. */
    static boolean takeUpTo(AtomicInteger used, int limit, int count) {
        while (true) {
            int seen = used.get();
            if (seen > limit - count) {
                return false;
            }
            if (used.compareAndSet(seen, seen + count)) {
                return true;
            }
        }
    }
}
