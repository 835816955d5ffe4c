package grantlab.hypervisor.quiescence;

/** How a thread waits for a moment that is near: it spins, and lets others run when the moment does not come. */
public final class Spin {
    private static final int SPINS = 200;

    private Spin() {}

    /**
     * Waits a little.
     *
     * @param round how often the caller has waited already
     */
    @SuppressWarnings("ThreadPriorityCheck") // with fewer processors than vCPUs the other one must get to run
    public static void once(int round) {
        if (round < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
