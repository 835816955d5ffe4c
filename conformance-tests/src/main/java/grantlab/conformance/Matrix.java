package grantlab.conformance;

import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Clauses x combinations, each run on a machine of its own, as many at a time as there are processors. The order of the
 * results does not depend on the order of the runs.
 */
public final class Matrix {
    /** A run that takes longer hangs: a watchdog, no measure. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Catalogue catalogue;
    private final List<Combination> combinations;
    private final Settings settings;
    private final Installed installed;
    private final long seed;

    /**
     * A matrix.
     *
     * @param catalogue what is promised
     * @param combinations where it shall be kept
     * @param settings of each machine, but for format and paging
     * @param installed what machines are built from
     * @param seed of randomised clauses
     * @throws ConfigurationException when there is nothing to run, or not what is asked for
     */
    public Matrix(
            Catalogue catalogue, List<Combination> combinations, Settings settings, Installed installed, long seed) {
        this.catalogue = catalogue;
        this.combinations = List.copyOf(combinations);
        this.settings = settings;
        this.installed = installed;
        this.seed = seed;
        // What is wrong for every cell is said once, before any.
        installed.memory(settings.memory());
        installed.pagingMode(settings.paging());
        catalogue.checkCapabilities(installed);
        if (catalogue.promises().findAny().isEmpty()) {
            throw new ConfigurationException("no clause to run: no clause family is installed");
        }
        if (combinations.isEmpty()) {
            throw new ConfigurationException("no combination to run");
        }
    }

    /** Told of the progress, by several threads. */
    public interface Listener {
        /** Nobody listens. */
        Listener NONE = cell -> {};

        /**
         * A run is over.
         *
         * @param cell its result
         */
        void done(Cell cell);
    }

    /**
     * How many cells there will be.
     *
     * @return clauses x combinations, without those in which a place of the combination plays no part
     */
    public int size() {
        return (int) catalogue
                .promises()
                .mapToLong(promise -> combinations.stream()
                        .filter(combination -> !promise.idleIn(combination))
                        .count())
                .sum();
    }

    /**
     * Runs everything.
     *
     * @param listener told of each cell
     * @return all cells
     */
    public MatrixResult run(Listener listener) {
        long start = System.nanoTime();
        List<Cell> cells = new ArrayList<>();
        try (ExecutorService runners =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Cell>> futures = new ArrayList<>();
            for (Promise promise : catalogue.promises().toList()) {
                for (Combination combination : combinations) {
                    if (promise.idleIn(combination)) {
                        continue;
                    }
                    Trial trial = new Trial(promise, combination, settings, installed, seed);
                    futures.add(runners.submit(() -> watched(trial, listener)));
                }
            }
            for (Future<Cell> future : futures) {
                cells.add(future.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the matrix was running", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the kit itself failed", e.getCause());
        }
        return new MatrixResult(catalogue.families(), combinations, cells, settings, seed, System.nanoTime() - start);
    }

    private static Cell watched(Trial trial, Listener listener) throws InterruptedException {
        AtomicReference<Cell> result = new AtomicReference<>();
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("clause " + trial.promise().id() + " in "
                        + trial.combination().name())
                .start(() -> result.set(trial.run()));
        Cell cell = thread.join(PATIENCE) ? result.get() : trial.stuck(thread, PATIENCE.toSeconds());
        if (cell == null) {
            throw new IllegalStateException(thread.getName() + " ended without a result");
        }
        listener.done(cell);
        return cell;
    }
}
