package grantlab.conformance.fault;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Cell;
import grantlab.conformance.Combination;
import grantlab.conformance.Matrix;
import grantlab.conformance.Promise;
import grantlab.conformance.Trial;
import grantlab.conformance.Verdict;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The suite sees what is wrong: each mistake is failed by the clauses that docs/faults.md names, which are of the family that is about
 * it, and the real implementation passes the same. {@code -Dtest=FaultsTest#theTableIsWrittenAnew -Dfaults=write} runs the whole family
 * and writes the table anew.
 */
@Execution(ExecutionMode.CONCURRENT)
class FaultsTest {
    private static final Installed INSTALLED = Installed.find();
    private static final Catalogue CATALOGUE = Catalogue.installed();
    private static final FaultTable TABLE = FaultTable.read();
    private static final long SEED = 1;

    /** A clause that misses the mistake once in so many runs is a matter of luck, and not named. */
    private static final int RUNS = 3;

    static List<Fault> faults() {
        return Fault.all();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void theNamedClausesSeeIt(Fault fault) {
        List<String> named = TABLE.clauses(fault);
        assertThat(named).as("clauses that docs/faults.md names").isNotEmpty();
        for (String id : named) {
            assertThat(id).startsWith(fault.family() + "-");
            Promise promise = CATALOGUE.promise(id).orElseThrow();
            assertThat(verdicts(promise, fault, INSTALLED))
                    .as("%s of the real implementation", id)
                    .containsOnly(Verdict.PASSED);
            assertThat(verdicts(promise, fault, fault.made().apply(INSTALLED)))
                    .as("%s of %s: %s", id, fault.name(), fault.mistake())
                    .isNotEmpty()
                    .allMatch(Verdict::bad);
        }
    }

    private static List<Verdict> verdicts(Promise promise, Fault fault, Installed installed) {
        return fault.selection().combinations(installed).stream()
                .map(combination -> new Trial(promise, combination, Settings.usual(), installed, SEED).run())
                .map(Cell::verdict)
                .toList();
    }

    @Test
    void everyFaultHasANameOfItsOwn() {
        assertThat(faults()).extracting(Fault::name).doesNotHaveDuplicates();
        assertThat(TABLE.names())
                .containsExactlyElementsOf(faults().stream().map(Fault::name).toList());
    }

    @Test
    @EnabledIfSystemProperty(named = "faults", matches = "write")
    void theTableIsWrittenAnew() throws IOException {
        FaultTable table = new FaultTable();
        for (Fault fault : faults()) {
            Set<String> seen = seenBy(fault);
            for (int run = 1; run < RUNS && !seen.isEmpty(); run++) {
                seen.retainAll(seenBy(fault));
            }
            table.add(fault, List.copyOf(seen));
        }
        table.write();
        assertThat(table.unseen())
                .as("mistakes that no clause of their family sees")
                .isEmpty();
    }

    private static Set<String> seenBy(Fault fault) {
        Installed wrong = fault.made().apply(INSTALLED);
        List<Combination> combinations = fault.selection().combinations(wrong);
        Catalogue family = CATALOGUE.select(List.of(fault.family() + "-*"));
        Stream<Cell> broken = new Matrix(family, combinations, Settings.usual(), wrong, SEED)
                .run(Matrix.Listener.NONE).broken().stream();
        return new TreeSet<>(broken.map(cell -> cell.promise().id()).toList());
    }
}
