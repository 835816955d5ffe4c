package grantlab.conformance.fuzz;

/** Who is going to answer a script. */
public enum Audience {
    /** Implementations of ours alone. Nothing is forbidden: every loop of theirs is bounded. */
    OURS,
    /**
     * Real Xen too. What it would not come back from is left out (a transitive entry written where a plain one is in use: Xen
     * retries for ever), and so are frame numbers whose meaning depends on the machine.
     */
    XEN
}
