package grantlab.conformance.script;

/** The handles that a domain was shown, numbered by first appearance, so that results do not depend on their values. */
final class HandleNumbers {
    /** Further ones are all printed with this number. */
    private static final int MAX = 512;

    private final long[] seen = new long[MAX];
    private int count;

    /** The number of a handle; a new one gets the next. */
    int numberOf(long handle) {
        for (int number = 0; number < count; number++) {
            if (seen[number] == handle) {
                return number;
            }
        }
        if (count == MAX) {
            return MAX;
        }
        seen[count] = handle;
        return count++;
    }

    /** The handle behind a number, or all ones when no handle has it. */
    long handle(long number) {
        return Long.compareUnsigned(number, count) < 0 ? seen[(int) number] : -1;
    }
}
