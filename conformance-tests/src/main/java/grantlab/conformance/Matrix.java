package grantlab.conformance;

import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Clauses x combinations, each run on a machine of its own, as many at a time as there are processors; while threads of one race with
 * each other, that one alone ({@link Processors}). The order of the results does not depend on the order of the runs.
 */
public final class Matrix {
    /** A run that takes longer hangs: a watchdog, no measure. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Catalogue catalogue;
    private final List<Combination> combinations;
    private final Settings settings;
    private final Installed installed;
    private final long seed;
    private final Shard shard;

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
        this(catalogue, combinations, settings, installed, seed, Shard.WHOLE);
    }

    /**
     * A part of a matrix.
     *
     * @param catalogue as above
     * @param combinations as above
     * @param settings as above
     * @param installed as above
     * @param seed as above
     * @param shard which cells are run; the others are left to others
     * @throws ConfigurationException as above
     */
    public Matrix(
            Catalogue catalogue,
            List<Combination> combinations,
            Settings settings,
            Installed installed,
            long seed,
            Shard shard) {
        this.catalogue = catalogue;
        this.combinations = List.copyOf(combinations);
        this.settings = settings;
        this.installed = installed;
        this.seed = seed;
        this.shard = shard;
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
     * @return clauses x combinations, without those in which a place of the combination plays no part; or what the shard has of them
     */
    public int size() {
        return shard.size((int) trials().count());
    }

    /**
     * Runs everything.
     *
     * @param listener told of each cell
     * @return all cells
     */
    public MatrixResult run(Listener listener) {
        long start = System.nanoTime();
        List<Trial> trials = mine();
        Processors processors = new Processors(Runtime.getRuntime().availableProcessors());
        try {
            List<Cell> cells = new Lanes<>(processors, PATIENCE, trials.size(), new Runs(trials, listener)).run();
            return new MatrixResult(
                    catalogue.families(), combinations, cells, settings, seed, shard, System.nanoTime() - start);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the matrix was running", e);
        }
    }

    private List<Trial> mine() {
        List<Trial> all = trials().toList();
        return IntStream.range(0, all.size())
                .filter(shard::has)
                .mapToObj(all::get)
                .toList();
    }

    /** Of the whole, whatever the shard has of it. */
    private Stream<Trial> trials() {
        return catalogue
                .promises()
                .flatMap(promise -> promise.among(combinations).stream()
                        .map(combination -> new Trial(promise, combination, settings, installed, seed)));
    }

    private record Runs(List<Trial> trials, Listener listener) implements Lanes.Work<Cell> {
        @Override
        public Cell carryOut(int n) {
            Trial trial = trials.get(n);
            Thread.currentThread()
                    .setName("clause " + trial.promise().id() + " in "
                            + trial.combination().name());
            return trial.run();
        }

        @Override
        public Cell giveUp(int n, Thread thread) {
            return trials.get(n).stuck(thread, PATIENCE.toSeconds());
        }

        @Override
        public void done(Cell cell) {
            listener.done(cell);
        }
    }
}
