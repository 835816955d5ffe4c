package grantlab.conformance.junit;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Cell;
import grantlab.conformance.Combination;
import grantlab.conformance.Outcome;
import grantlab.conformance.Promise;
import grantlab.conformance.Selection;
import grantlab.conformance.Trial;
import grantlab.conformance.report.FailureText;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Every clause that is installed in every combination that is selected, one test each. A test class that implements it is a
 * conformance test of whatever ServiceLoader finds:
 *
 * <pre>{@code
 * class MemoryHandlesTest implements ConformanceSuite {
 *     public Selection selection() {
 *         return Selection.formats("memory-handles");
 *     }
 * }
 * }</pre>
 *
 * <p>A clause that a combination lacks the capabilities for is aborted with the rule that says so. What is declared must work:
 * names and capabilities are checked before any clause. Where JUnit is allowed to, it runs several at once
 * ({@code junit.jupiter.execution.parallel.enabled}): each has a machine of its own. JUnit Jupiter is the user's: the kit brings none along.
 */
public interface ConformanceSuite {
    /**
     * Which combinations.
     *
     * @return everything that is installed, unless it is overridden
     */
    default Selection selection() {
        return Selection.ALL;
    }

    /**
     * Whether to run a combination that is selected.
     *
     * @param combination one of them
     * @return true, unless it is overridden
     */
    default boolean includes(Combination combination) {
        return true;
    }

    /**
     * The combinations, for whoever has more than one selection.
     *
     * @param installed what there is
     * @return those that are selected and included, unless it is overridden
     */
    @SuppressWarnings("exports") // whoever calls this has the engine
    default Stream<Combination> combinations(Installed installed) {
        return selection().combinations(installed).stream().filter(this::includes);
    }

    /**
     * What machines are like but for what a combination says.
     *
     * @return the defaults, unless it is overridden
     */
    default Settings settings() {
        return Settings.usual();
    }

    /**
     * Seed of clauses that draw lots.
     *
     * @return the system property {@code conformance.seed}, or 1
     */
    default long seed() {
        return Long.getLong("conformance.seed", 1);
    }

    /**
     * The tests.
     *
     * @return for each combination a container, with a test for each clause
     */
    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @SuppressWarnings("exports") // whoever calls this has JUnit
    default Stream<DynamicNode> everyPromiseIsKept() {
        Installed installed = Installed.find();
        Catalogue catalogue = Catalogue.installed();
        catalogue.checkCapabilities(installed);
        List<Combination> combinations = combinations(installed).toList();
        Map<Promise, Set<Combination>> where = catalogue
                .promises()
                .collect(Collectors.toMap(Function.identity(), promise -> Set.copyOf(promise.among(combinations))));
        return combinations.stream()
                .map(combination -> dynamicContainer(
                        combination.name(),
                        catalogue
                                .promises()
                                .filter(promise ->
                                        where.getOrDefault(promise, Set.of()).contains(combination))
                                .map(promise -> dynamicTest(
                                        combination.name() + " " + promise.id() + " " + promise.text(),
                                        () -> check(new Trial(promise, combination, settings(), installed, seed()))))));
    }

    private static void check(Trial trial) {
        Cell cell = trial.run();
        switch (cell.outcome()) {
            case Outcome.Passed passed -> {}
            case Outcome.NotApplicable notApplicable -> Assumptions.abort(notApplicable.reason());
            case Outcome.Failed failed ->
                throw new AssertionError(String.join("\n", FailureText.complete(cell, failed)));
        }
    }
}
