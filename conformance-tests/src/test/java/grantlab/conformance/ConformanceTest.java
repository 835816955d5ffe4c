package grantlab.conformance;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import grantlab.conformance.report.FailureText;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Every clause in every combination that is installed here: the matrix, as JUnit sees it. */
class ConformanceTest {
    private static final long SEED = Long.getLong("conformance.seed", 1);

    private final Installed installed = Installed.find();
    private final Catalogue catalogue = Catalogue.installed();

    @TestFactory
    Stream<DynamicNode> everyPromiseIsKept() {
        catalogue.checkCapabilities(installed);
        List<Combination> combinations = Selection.ALL.combinations(installed);
        return combinations.stream()
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
