package grantlab.conformance;

import grantlab.hypervisor.Settings;
import java.util.List;
import java.util.Optional;

/**
 * What came of a matrix.
 *
 * @param families its rows
 * @param combinations its columns
 * @param cells clause by clause, within a clause combination by combination; where a place of the combination plays no part in a clause
 *     there is none
 * @param settings of the machines
 * @param seed of randomised clauses
 * @param shard which part of the matrix it is
 * @param nanos wall time of the whole
 */
public record MatrixResult(
        List<Family> families,
        List<Combination> combinations,
        List<Cell> cells,
        Settings settings,
        long seed,
        Shard shard,
        long nanos) {
    /**
     * Of a whole matrix.
     *
     * @param families as above
     * @param combinations as above
     * @param cells as above
     * @param settings as above
     * @param seed as above
     * @param nanos as above
     */
    public MatrixResult(
            List<Family> families,
            List<Combination> combinations,
            List<Cell> cells,
            Settings settings,
            long seed,
            long nanos) {
        this(families, combinations, cells, settings, seed, Shard.WHOLE, nanos);
    }

    /** Keeps copies. */
    public MatrixResult {
        families = List.copyOf(families);
        combinations = List.copyOf(combinations);
        cells = List.copyOf(cells);
    }

    /**
     * Clauses that ran nowhere prove nothing: then the whole is no success.
     *
     * @return whether any cell was run
     */
    public boolean ranAnything() {
        return cells.stream().anyMatch(cell -> cell.verdict() != Verdict.NOT_APPLICABLE);
    }

    /**
     * Everything that ran kept its promise, and something ran.
     *
     * @return the verdict on the whole
     */
    public boolean success() {
        return ranAnything() && broken().isEmpty();
    }

    /**
     * The cells that count against somebody.
     *
     * @return in the order of the cells
     */
    public List<Cell> broken() {
        return cells.stream().filter(cell -> cell.verdict().bad()).toList();
    }

    /**
     * The whole.
     *
     * @return its counts
     */
    public Tally tally() {
        return Tally.of(cells);
    }

    /**
     * One field of the grid.
     *
     * @param family a row
     * @param combination a column
     * @return its cells
     */
    public List<Cell> cells(Family family, Combination combination) {
        return cells.stream()
                .filter(cell -> cell.combination().equals(combination)
                        && family.promises().contains(cell.promise()))
                .toList();
    }

    /**
     * One column of the grid.
     *
     * @param combination a column
     * @return its cells
     */
    public List<Cell> cells(Combination combination) {
        return cells.stream()
                .filter(cell -> cell.combination().equals(combination))
                .toList();
    }

    /**
     * One cell.
     *
     * @param id of a clause
     * @param combination name of a column
     * @return the cell, if there is one
     */
    public Optional<Cell> cell(String id, String combination) {
        return cells.stream()
                .filter(cell -> cell.promise().id().equals(id)
                        && cell.combination().name().equals(combination))
                .findFirst();
    }
}
