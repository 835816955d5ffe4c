package grantlab.conformance.fuzz.kind;

/**
 * The pages of which a domain makes a ring.
 *
 * @param list has the numbers of the others
 * @param header of the ring
 * @param data its only data page
 */
record RingPages(String list, String header, String data) {
    private static final int FIRST = 44;
    private static final int OF_RING = 3;

    /** Those of a domain's first ring, or its second. */
    static RingPages of(int id) {
        int first = FIRST + OF_RING * (id - 1);
        return new RingPages("p" + first, "p" + (first + 1), "p" + (first + 2));
    }
}
