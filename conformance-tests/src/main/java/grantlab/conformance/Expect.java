package grantlab.conformance;

import grantlab.api.Status;
import grantlab.api.guest.Vcpu;
import grantlab.conformance.call.Answered;
import java.util.List;
import java.util.Objects;

/**
 * What clauses expect. Every method returns when it is so and throws {@link ClauseFailure} when it is not. Expected
 * comes before got, and {@code what} names the thing that is looked at.
 */
public final class Expect {
    private static final long SMALL = 1 << 16;

    private Expect() {}

    /**
     * The call went through and the status is 0.
     *
     * @param answer of a call
     */
    public static void okay(Answered answer) {
        status(Status.OKAY, answer);
    }

    /**
     * All of a batch went through.
     *
     * @param answers of one call
     */
    public static void allOkay(List<? extends Answered> answers) {
        for (int n = 0; n < answers.size(); n++) {
            rc(0, answers.get(n).rc());
            status("status of element " + n, Status.OKAY, answers.get(n).status());
        }
    }

    /**
     * The call went through and the status is this.
     *
     * @param expected GNTST_*
     * @param answer of a call
     */
    public static void status(int expected, Answered answer) {
        rc(0, answer.rc());
        status("status of the call", expected, answer.status());
    }

    /**
     * A status.
     *
     * @param what it is of
     * @param expected GNTST_*
     * @param got the other
     */
    public static void status(String what, int expected, int got) {
        if (expected != got) {
            throw new ClauseFailure(what, StatusText.status(expected), StatusText.status(got));
        }
    }

    /**
     * A hypercall's result.
     *
     * @param expected zero, a count or a negated errno
     * @param got the other
     */
    public static void rc(long expected, long got) {
        if (expected != got) {
            throw new ClauseFailure("result of the hypercall", StatusText.rc(expected), StatusText.rc(got));
        }
    }

    /**
     * Xen crashed the caller.
     *
     * @param rc of its last hypercall
     */
    public static void crashed(long rc) {
        rc(Vcpu.CRASHED, rc);
    }

    /**
     * Two numbers are equal.
     *
     * @param what is compared
     * @param expected one
     * @param got the other
     */
    public static void equal(String what, long expected, long got) {
        if (expected != got) {
            throw new ClauseFailure(what, number(expected), number(got));
        }
    }

    /**
     * Two things are equal.
     *
     * @param what is compared
     * @param expected one
     * @param got the other
     */
    public static void equal(String what, Object expected, Object got) {
        if (!Objects.equals(expected, got)) {
            throw new ClauseFailure(what, String.valueOf(expected), String.valueOf(got));
        }
    }

    /**
     * Two numbers differ.
     *
     * @param what is compared
     * @param unexpected one
     * @param got the other
     */
    public static void different(String what, long unexpected, long got) {
        if (unexpected == got) {
            throw new ClauseFailure(what, "anything but " + number(unexpected), number(got));
        }
    }

    /**
     * Bits of a word.
     *
     * @param what it is
     * @param mask the bits
     * @param expected of those
     * @param got the whole word
     */
    public static void bits(String what, long mask, long expected, long got) {
        if ((got & mask) != expected) {
            throw new ClauseFailure(
                    what,
                    "0x" + Long.toHexString(expected) + " under the mask 0x" + Long.toHexString(mask),
                    "0x" + Long.toHexString(got));
        }
    }

    /**
     * Something holds.
     *
     * @param claim in words, as it should be
     * @param holds whether it is so
     */
    public static void holds(String claim, boolean holds) {
        if (!holds) {
            throw new ClauseFailure(claim, "so", "not so");
        }
    }

    /**
     * Something does not hold.
     *
     * @param claim in words, as it should not be
     * @param holds whether it is so
     */
    public static void holdsNot(String claim, boolean holds) {
        if (holds) {
            throw new ClauseFailure(claim, "not so", "so");
        }
    }

    private static String number(long value) {
        return value > -SMALL && value < SMALL ? String.valueOf(value) : value + " (0x" + Long.toHexString(value) + ")";
    }
}
