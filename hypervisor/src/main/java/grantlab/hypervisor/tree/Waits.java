package grantlab.hypervisor.tree;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The revocations of one granter that wait for a grantee or for devices (grant-v3.md, REVOKE-13), of all its trees together. Each keeps
 * something of the hypervisor's for as long as others please, so that they are bounded. Any thread.
 */
public final class Waits {
    /** As many as a granter may have. */
    public static final int MOST = 16;

    private final AtomicInteger count = new AtomicInteger();

    /** None. */
    Waits() {}

    /**
     * One more begins to wait.
     *
     * @return false: there are as many as there may be
     */
    public boolean begin() {
        int seen = count.get();
        while (seen < MOST) {
            if (count.compareAndSet(seen, seen + 1)) {
                return true;
            }
            seen = count.get();
        }
        return false;
    }

    /** One waits no more. */
    public void end() {
        count.decrementAndGet();
    }
}
