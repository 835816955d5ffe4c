package grantlab.iommu.tlb;

/** How a thread waits for a moment that is near: it spins, and lets others run when the moment does not come. */
public final class Pause {
    private static final int SPINS = 200;

    private Pause() {}

    /**
     * Waits a little.
     *
     * @param round how often the caller has waited already
     */
    @SuppressWarnings("ThreadPriorityCheck") // with fewer processors than threads the other one must get to run
    public static void once(int round) {
        if (round < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
