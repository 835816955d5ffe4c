package grantlab.hypervisor;

/**
 * What Xen's command line limits (xen-semantics 4).
 *
 * @param maxGrantFrames gnttab_max_frames: shared frames that a table may have
 * @param maxMaptrackFrames gnttab_max_maptrack_frames: frames of 256 handles that a domain may have
 * @param maxGrantVersion gnttab=max-ver: the largest version that a domain may be created with
 * @param transitive gnttab=transitive: whether transitive grants work
 * @param transfer gnttab=transfer: whether pages can be transferred
 */
public record Limits(
        int maxGrantFrames, int maxMaptrackFrames, int maxGrantVersion, boolean transitive, boolean transfer) {
    /** Xen's defaults on x86. */
    public static final Limits USUAL = new Limits(64, 1024, 2, true, true);

    /** Checks the numbers. */
    public Limits {
        check("gnttab_max_frames", maxGrantFrames, 0, 1 << 20);
        check("gnttab_max_maptrack_frames", maxMaptrackFrames, 0, 1 << 22);
        check("gnttab max-ver", maxGrantVersion, 1, 2);
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ConfigurationException(name + " = " + value + " is not within " + least + ".." + most);
        }
    }
}
