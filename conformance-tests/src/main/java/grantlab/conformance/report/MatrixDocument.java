package grantlab.conformance.report;

import grantlab.conformance.Cell;
import grantlab.conformance.Choice;
import grantlab.conformance.Combination;
import grantlab.conformance.Comparison;
import grantlab.conformance.DomainState;
import grantlab.conformance.Family;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.Outcome;
import grantlab.conformance.Promise;
import grantlab.conformance.RequestCost;
import grantlab.conformance.Requirement;
import grantlab.conformance.Tally;
import grantlab.conformance.Verdict;
import grantlab.hypervisor.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

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
 * @param shard which part of the matrix it is, as {@code --shard} names it; nothing for the whole
 * @param cells clause by clause, within a clause combination by combination
 * @param earlier what an earlier run said otherwise, if this one was compared with it
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
        @Nullable String shard,
        List<Field> cells,
        @Nullable Earlier earlier) {
    private static final int SHAPE = 1;
    private static final double NANOS_PER_SECOND = 1e9;

    /** An earlier run, where it differs; clauses that it had and this one has not are gone. */
    record Earlier(String started, List<Change> changes, List<String> gone) {}

    /** A cell whose verdict is another now; {@code was} is nothing where the cell is new. */
    record Change(
            String clause, String combination, @Nullable String was, String is) {}

    /** A column. */
    record Column(String name, List<Place> members, Tally tally) {
        /** Who stands in a place; empty for nobody. */
        String member(Member member) {
            return members.stream()
                    .filter(place -> place.place().equals(member.text()))
                    .map(Place::name)
                    .findFirst()
                    .orElse("");
        }

        /** The formats, as {@link Combination#formats}. */
        String formats() {
            String granter = member(Member.FORMAT);
            String grantee = member(Member.GRANTEE_FORMAT);
            return granter.equals(grantee) ? granter : granter + "-" + grantee;
        }

        /** Who stands in further places, as {@link Combination#others}. */
        List<String> others() {
            return Arrays.stream(Member.values())
                    .filter(Member::further)
                    .map(this::member)
                    .filter(name -> !name.isEmpty())
                    .toList();
        }

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
        /** Unique in a matrix. */
        String name() {
            return combination + "/" + clause;
        }

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
            List<State> before,
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
                    states(failed.before()),
                    states(failed.states()),
                    FailureText.replay(cell, failed));
        }

        private static List<State> states(List<DomainState> states) {
            return states.stream()
                    .map(state -> new State(state.role(), state.domid(), state.text()))
                    .toList();
        }
    }

    /** A step of the clause. */
    record Done(String text, List<String> calls) {}

    /** A domain at the moment of the failure. */
    record State(String role, int domid, String text) {}

    /**
     * Reads one that was written.
     *
     * @param json matrix.json
     * @throws ConfigurationException when it is something else, or of another shape
     */
    static MatrixDocument read(Path json) throws IOException {
        String text = Files.readString(json);
        try {
            MatrixDocument document = JsonReport.read(text);
            if (document.shape() == SHAPE && document.cells() != null) {
                return document;
            }
        } catch (JacksonException e) {
            throw new ConfigurationException(json + " is no matrix.json: " + e.getOriginalMessage());
        }
        throw new ConfigurationException(json + " is no matrix.json of shape " + SHAPE);
    }

    /** The same, compared with an earlier run. */
    MatrixDocument comparedWith(@Nullable EarlierRun run) {
        return run == null
                ? this
                : new MatrixDocument(
                        shape,
                        success,
                        started,
                        seconds,
                        seed,
                        xenRelease,
                        memory,
                        tally,
                        combinations,
                        families,
                        shard,
                        cells,
                        run.comparedWith(this));
    }

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
                result.shard().isWhole() ? null : result.shard().name(),
                result.cells().stream().map(Field::of).toList(),
                null);
    }

    /**
     * The parts of one matrix, put together.
     *
     * @param parts as {@code --shard 1/n} to {@code --shard n/n} left them, in any order
     * @throws ConfigurationException when they are of different runs, overlap, or something is missing
     */
    static MatrixDocument merged(List<MatrixDocument> parts) {
        MatrixDocument first = parts.getFirst();
        Map<String, Field> cells = new HashMap<>();
        for (MatrixDocument part : parts) {
            if (!part.isOfOneRunWith(first)) {
                throw new ConfigurationException(
                        "the parts are of different matrices: clauses, combinations, seed (--seed), Xen's"
                                + " release and kind of memory must be the same");
            }
            for (Field cell : part.cells) {
                if (cells.put(cell.name(), cell) != null) {
                    throw new ConfigurationException(cell.name() + " is in two of the parts");
                }
            }
        }
        checkComplete(parts);
        List<Field> ordered = new ArrayList<>();
        for (Row family : first.families) {
            for (Entry clause : family.clauses()) {
                for (Column column : first.combinations) {
                    String name = column.name() + "/" + clause.id();
                    Field cell = cells.get(name);
                    // Where a place of the combination plays no part there is none.
                    if (cell != null) {
                        ordered.add(cell);
                    }
                }
            }
        }
        Tally tally = tally(ordered);
        List<Column> columns = first.combinations.stream()
                .map(column -> new Column(
                        column.name(),
                        column.members(),
                        tally(ordered.stream()
                                .filter(cell -> cell.combination().equals(column.name()))
                                .toList())))
                .toList();
        double seconds = parts.stream().mapToDouble(MatrixDocument::seconds).sum();
        return new MatrixDocument(
                SHAPE,
                tally.run() > 0 && tally.bad() == 0,
                first.started,
                seconds,
                first.seed,
                first.xenRelease,
                first.memory,
                tally,
                columns,
                first.families,
                null,
                ordered,
                null);
    }

    private static void checkComplete(List<MatrixDocument> parts) {
        List<String> names =
                parts.stream().map(part -> String.valueOf(part.shard)).toList();
        int of = parts.size();
        for (int n = 1; n <= of; n++) {
            if (!names.contains(n + "/" + of)) {
                throw new ConfigurationException("these are " + of + " parts, and " + n + "/" + of
                        + " is none of them: there is " + String.join(", ", names));
            }
        }
    }

    private boolean isOfOneRunWith(MatrixDocument other) {
        return seed == other.seed
                && xenRelease.equals(other.xenRelease)
                && memory.equals(other.memory)
                && families.equals(other.families)
                && names().equals(other.names());
    }

    private List<String> names() {
        return combinations.stream().map(Column::name).toList();
    }

    static Tally tally(List<Field> cells) {
        return new Tally(
                count(cells, Verdict.PASSED),
                count(cells, Verdict.FAILED),
                count(cells, Verdict.ERROR),
                count(cells, Verdict.NOT_APPLICABLE));
    }

    private static int count(List<Field> cells, Verdict verdict) {
        return (int) cells.stream()
                .filter(cell -> cell.verdict().equals(verdict.text()))
                .count();
    }

    /** Clauses that are broken somewhere. */
    long brokenClauses() {
        return cells.stream()
                .filter(cell -> cell.failure() != null)
                .map(Field::clause)
                .distinct()
                .count();
    }
}
