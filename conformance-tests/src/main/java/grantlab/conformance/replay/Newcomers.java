package grantlab.conformance.replay;

import grantlab.api.abi.GnttabOp;
import grantlab.conformance.script.Line;
import java.util.Set;

/**
 * The operations that real Xen does not know and that machines with trees have. A recording that asked for one of their numbers got
 * -ENOSYS; here the call exists, and as its arguments are no struct of grants v3 the rules about the call itself refuse it (grant-v3.md, ABI-2 to
 * ABI-5). That is the one thing in which Xen's answers and those beside trees differ.
 */
final class Newcomers {
    private static final String UNKNOWN = " raw rc=-38";
    private static final Set<String> REFUSED = Set.of(" raw rc=-22", " raw rc=-14");

    private Newcomers() {}

    /**
     * Whether an answer is right though Xen gave another.
     *
     * @param operation the line
     * @param expected what Xen answered
     * @param got what was answered here, by a machine with trees
     */
    static boolean refuse(Line operation, String expected, String got) {
        return operation.verb().equals("raw")
                && asksForOne(operation)
                && expected.equals(operation.number() + UNKNOWN)
                && REFUSED.contains(got.substring(got.indexOf(' ')));
    }

    private static boolean asksForOne(Line operation) {
        long command = operation.number("cmd") & GnttabOp.COMMAND_MASK;
        return command >= GnttabOp.V3_QUERY && command <= GnttabOp.V3_GRANTEE_CTL;
    }
}
