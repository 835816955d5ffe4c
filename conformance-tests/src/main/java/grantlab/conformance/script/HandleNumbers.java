package grantlab.conformance.script;

import java.util.ArrayList;
import java.util.List;

/** The handles that a domain was shown, numbered by first appearance, so that results do not depend on their values. */
final class HandleNumbers {
    /** Further ones are all printed with this number. */
    private static final int MAX = 512;

    private final List<Long> seen = new ArrayList<>();

    /** The number of a handle; a new one gets the next. */
    int numberOf(long handle) {
        int number = seen.indexOf(handle);
        if (number >= 0) {
            return number;
        }
        if (seen.size() < MAX) {
            seen.add(handle);
            return seen.size() - 1;
        }
        return MAX;
    }

    /** The handle behind a number, or all ones when no handle has it. */
    long handle(long number) {
        return Long.compareUnsigned(number, seen.size()) < 0 ? seen.get((int) number) : -1;
    }
}
