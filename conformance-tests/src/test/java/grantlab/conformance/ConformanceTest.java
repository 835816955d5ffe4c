package grantlab.conformance;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import grantlab.conformance.report.FailureText;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Every clause in every combination of formats and paging modes that are installed here, as JUnit sees it. Of formats that
 * differ from another one only in the height of their trees it is one combination each: the command has them all.
 */
class ConformanceTest {
    private static final long SEED = Long.getLong("conformance.seed", 1);

    /** Trees of other heights than the usual one. */
    private static final Pattern HEIGHTS = Pattern.compile("v3-tree-[0-9]/.*");

    private static final Set<String> OF_HEIGHTS = Set.of("v3-tree-1/hvm-pv", "v3-tree-3/pv-hvm", "v3-tree-4/hvm-hvm");

    private final Installed installed = Installed.find();
    private final Catalogue catalogue = Catalogue.installed();

    @TestFactory
    Stream<DynamicNode> everyPromiseIsKept() {
        catalogue.checkCapabilities(installed);
        return Selection.ALL.combinations(installed).stream()
                .filter(combination ->
                        !HEIGHTS.matcher(combination.name()).matches() || OF_HEIGHTS.contains(combination.name()))
                .map(combination -> dynamicContainer(
                        combination.name(),
                        catalogue
                                .promises()
                                .map(promise -> dynamicTest(
                                        combination.name() + " " + promise.id() + " " + promise.text(),
                                        () -> check(promise, combination)))));
    }

    private void check(Promise promise, Combination combination) {
        Cell cell = new Trial(promise, combination, Settings.usual(), installed, SEED).run();
        switch (cell.outcome()) {
            case Outcome.Passed passed -> {}
            case Outcome.NotApplicable notApplicable -> Assumptions.abort(notApplicable.reason());
            case Outcome.Failed failed ->
                throw new AssertionError(String.join("\n", FailureText.complete(cell, failed)));
        }
    }
}
