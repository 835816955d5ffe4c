package grantlab.conformance.clause;

import grantlab.conformance.call.V3Call;

/** What the granter of a stress grants, in whichever format: references by small numbers. By the granter's thread alone, but for {@link #ref}. */
interface Grants {
    /** The reference that the grantee names. */
    long ref(int n);

    /** Publishes one that is {@link #free}. */
    void grant(int n, int page, boolean writable);

    /** Withdraws one. @return false: it is in use */
    boolean end(int n);

    /** Whether it may be granted, once it was withdrawn or taken back: nobody uses it, and what was taken is acknowledged. */
    boolean free(int n);

    /** Takes some back. */
    V3Call revocation(int first, int count);

    /** Asks for some. */
    V3Call request(int first, int count);

    /** Whether there is a call that makes live mappings read-only. */
    boolean narrows();

    /** That call, for one. */
    V3Call narrowing(int n);
}
