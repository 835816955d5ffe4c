package grantlab.conformance;

import grantlab.conformance.junit.ConformanceSuite;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Every clause in every combination of formats and paging modes that are installed here, as JUnit sees it. Of formats that
 * differ from another one only in the height of their trees it is one combination each: the command has them all.
 */
class ConformanceTest implements ConformanceSuite {
    /** Trees of other heights than the usual one. */
    private static final Pattern HEIGHTS = Pattern.compile("v3-tree-[0-9]/.*");

    private static final Set<String> OF_HEIGHTS = Set.of("v3-tree-1/hvm-pv", "v3-tree-3/pv-hvm", "v3-tree-4/hvm-hvm");

    @Override
    public boolean includes(Combination combination) {
        return !HEIGHTS.matcher(combination.name()).matches() || OF_HEIGHTS.contains(combination.name());
    }
}
