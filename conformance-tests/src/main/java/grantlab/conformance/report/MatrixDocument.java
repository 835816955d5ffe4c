package grantlab.conformance.report;

import grantlab.conformance.Cell;
import grantlab.conformance.Choice;
import grantlab.conformance.Combination;
import grantlab.conformance.Comparison;
import grantlab.conformance.Family;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.Outcome;
import grantlab.conformance.Promise;
import grantlab.conformance.RequestCost;
import grantlab.conformance.Requirement;
import grantlab.conformance.Tally;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * matrix.json, as published: readers rely on its names, so it says itself which shape it has. The page is made from the
 * same document.
 *
 * @param shape of this document: counts up when a name changes its meaning
 * @param success everything that ran kept its promise, and something ran
 * @param started when
 * @param seconds how long
 * @param seed of randomised clauses
 * @param xenRelease whose behaviour was asked for
 * @param memory kind of machine memory
 * @param tally of all cells
 * @param combinations the columns
 * @param families the rows
 * @param cells clause by clause, within a clause combination by combination
 */
record MatrixDocument(
        int shape,
        boolean success,
        String started,
        double seconds,
        long seed,
        String xenRelease,
        String memory,
        Tally tally,
        List<Column> combinations,
        List<Row> families,
        List<Field> cells) {
    private static final int SHAPE = 1;
    private static final double NANOS_PER_SECOND = 1e9;

    /** A column. */
    record Column(String name, List<Place> members, Tally tally) {
        private static Column of(MatrixResult result, Combination combination) {
            List<Place> members = Arrays.stream(Member.values())
                    .flatMap(member -> Place.of(member, combination.member(member)).stream())
                    .toList();
            return new Column(combination.name(), members, Tally.of(result.cells(combination)));
        }
    }

    /** Who stands where. */
    record Place(String place, String name, List<String> capabilities) {
        private static Optional<Place> of(Member member, @Nullable Choice choice) {
            return choice == null
                    ? Optional.empty()
                    : Optional.of(new Place(
                            member.text(),
                            choice.name(),
                            choice.capabilities().stream().sorted().toList()));
        }
    }

    /** A row. */
    record Row(String prefix, String title, List<Entry> clauses) {
        static Row of(Family family) {
            return new Row(
                    family.prefix(),
                    family.title(),
                    family.promises().stream().map(Entry::of).toList());
        }
    }

    /** A clause. */
    record Entry(
            String id,
            String promise,
            String source,
            List<String> needs,
            @Nullable String outOfScope) {
        static Entry of(Promise promise) {
            return new Entry(
                    promise.id(),
                    promise.text(),
                    promise.source(),
                    promise.requirements().stream().map(Requirement::text).toList(),
                    promise.outOfScope().orElse(null));
        }
    }

    /** A clause in a combination. */
    record Field(
            String clause,
            String combination,
            String verdict,
            @Nullable String reason,
            @Nullable Failure failure,
            @Nullable Costs cost) {
        private static Field of(Cell cell) {
            String verdict = cell.verdict().text();
            return switch (cell.outcome()) {
                case Outcome.Passed passed ->
                    new Field(cell.promise().id(), cell.combination().name(), verdict, null, null, Costs.of(cell));
                case Outcome.NotApplicable notApplicable ->
                    new Field(
                            cell.promise().id(),
                            cell.combination().name(),
                            verdict,
                            notApplicable.reason(),
                            null,
                            null);
                case Outcome.Failed failed ->
                    new Field(
                            cell.promise().id(),
                            cell.combination().name(),
                            verdict,
                            null,
                            Failure.of(cell, failed),
                            Costs.of(cell));
            };
        }
    }

    /** What a run cost. */
    record Costs(
            long hypercalls,
            long loads,
            long stores,
            long micros,
            @Nullable List<RequestCost> requests) {
        private static final int NANOS_PER_MICRO = 1000;

        private static Costs of(Cell cell) {
            return new Costs(
                    cell.cost().hypercalls(),
                    cell.cost().loads(),
                    cell.cost().stores(),
                    cell.cost().nanos() / NANOS_PER_MICRO,
                    cell.cost().requests().isEmpty() ? null : cell.cost().requests());
        }
    }

    /** Why it is broken. */
    record Failure(
            String message,
            @Nullable Comparison comparison,
            String location,
            List<String> trace,
            List<Done> steps,
            List<State> states,
            String replay) {
        private static Failure of(Cell cell, Outcome.Failed failed) {
            return new Failure(
                    failed.message(),
                    failed.comparison(),
                    failed.location(),
                    failed.trace(),
                    failed.steps().stream()
                            .map(step -> new Done(step.text(), step.calls()))
                            .toList(),
                    failed.states().stream()
                            .map(state -> new State(state.role(), state.domid(), state.text()))
                            .toList(),
                    FailureText.replay(cell, failed));
        }
    }

    /** A step of the clause. */
    record Done(String text, List<String> calls) {}

    /** A domain at the moment of the failure. */
    record State(String role, int domid, String text) {}

    static MatrixDocument of(MatrixResult result, Instant started) {
        return new MatrixDocument(
                SHAPE,
                result.success(),
                started.toString(),
                result.nanos() / NANOS_PER_SECOND,
                result.seed(),
                result.settings().xenRelease(),
                result.settings().memory(),
                result.tally(),
                result.combinations().stream()
                        .map(combination -> Column.of(result, combination))
                        .toList(),
                result.families().stream().map(Row::of).toList(),
                result.cells().stream().map(Field::of).toList());
    }
}
