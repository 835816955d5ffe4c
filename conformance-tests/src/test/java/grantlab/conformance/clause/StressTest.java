package grantlab.conformance.clause;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Cell;
import grantlab.conformance.Combination;
import grantlab.conformance.Matrix;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.Outcome;
import grantlab.conformance.Selection;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Iommus;
import grantlab.hypervisor.Settings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.junit.jupiter.api.Test;

/**
 * Sieges of every table by every kind of grantee, until the time is over: {@code -Dstress.seconds=N}, of which {@code -Pstress} gives 600,
 * and at least one of each; mappings are found by their
 * records and by the scan in turns. What fails is told with its seed; {@code -Dstress.seed=S} begins with that one. The same seed makes the same
 * choices, but not the same interleaving.
 */
class StressTest {
    private static final Logger LOG = LogManager.getLogger(StressTest.class);

    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("stress.seconds", 8));

    /** Turns of the granter in one siege. */
    private static final int TURNS = Integer.getInteger("stress.turns", 100);

    private static final long SEED = Long.getLong("stress.seed", System.nanoTime());

    @Test
    void nothingIsReachedAfterItWasTakenBack() {
        Installed installed = Installed.find();
        Catalogue catalogue = Catalogue.of(List.of(new StressClauses(TURNS)));
        List<String> searches = List.of(Settings.RECORDS, Settings.SCAN);
        long end = System.nanoTime() + TIME.toNanos();
        long seed = SEED;
        int sieges = 0;
        int pass = 0;
        do {
            List<Combination> combinations = new Selection(List.of("v3-tree"), List.of())
                    .with(Member.IOMMU, List.of(Iommus.STRICT))
                    .with(Member.SEARCH, List.of(searches.get(pass++ % searches.size())))
                    .combinations(installed);
            MatrixResult result =
                    new Matrix(catalogue, combinations, Settings.usual(), installed, seed).run(Matrix.Listener.NONE);
            assertThat(failures(result)).as("sieges with -Dstress.seed=" + seed).isEmpty();
            assertThat(result.cells()).hasSize(combinations.size() * 4);
            sieges += result.cells().size();
            seed++;
        } while (System.nanoTime() < end);
        LOG.info("{} sieges with seeds {} to {}", sieges, SEED, seed - 1);
    }

    private static String failures(MatrixResult result) {
        return result.cells().stream()
                .filter(cell -> !(cell.outcome() instanceof Outcome.Passed))
                .map(StressTest::text)
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private static String text(Cell cell) {
        return cell.name() + ": " + cell.outcome();
    }
}
