package grantlab.conformance.script;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the operations of a script took, one row for each, and for each verb what all of its operations did. */
final class CostTable {
    private static final int LINES_WIDTH = 8;
    private static final int NAME_WIDTH = 24;
    private static final int NUMBER_WIDTH = 8;

    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Total> totals = new LinkedHashMap<>();
    private Costs all = Costs.NONE;

    private record Row(String lines, String name, Costs costs) {}

    private record Total(int operations, Costs costs) {
        Total then(Costs more) {
            return new Total(operations + 1, costs.then(more));
        }
    }

    /**
     * An operation was executed.
     *
     * @param lines that are one call
     * @param costs of all of them
     */
    void add(List<Line> lines, Costs costs) {
        Line first = lines.getFirst();
        String number = String.valueOf(first.number());
        rows.add(
                lines.size() == 1
                        ? new Row(number, "d" + first.executor() + " " + first.verb(), costs)
                        : new Row(
                                number + "-" + lines.getLast().number(),
                                "d" + first.executor() + " " + lines.size() + " x " + first.verb(),
                                costs));
        totals.merge(first.verb(), new Total(1, costs), (sum, one) -> sum.then(one.costs()));
        all = all.then(costs);
    }

    /** Prints it. */
    void tell(Consumer<String> output) {
        output.accept(text("line", "", Costs.HEADS));
        rows.forEach(row ->
                output.accept(text(row.lines(), row.name(), texts(row.costs().numbers()))));
        output.accept(text("calls of", "", withoutMapped(Costs.HEADS)));
        totals.forEach((verb, total) -> output.accept(text(
                String.valueOf(total.operations()),
                verb,
                withoutMapped(texts(total.costs().numbers())))));
        output.accept(text("all", "", texts(all.numbers())));
    }

    /** What is mapped is so after an operation, whatever others there were: no sum of a verb's. */
    private static List<String> withoutMapped(List<String> numbers) {
        return numbers.subList(0, numbers.size() - 1);
    }

    private static List<String> texts(List<Long> numbers) {
        return numbers.stream().map(String::valueOf).toList();
    }

    private static String text(String lines, String name, List<String> numbers) {
        StringBuilder line = new StringBuilder("# ");
        line.append(" ".repeat(Math.max(0, LINES_WIDTH - lines.length()))).append(lines);
        line.append("  ").append(name).append(" ".repeat(Math.max(0, NAME_WIDTH - name.length())));
        for (String number : numbers) {
            line.append(" ".repeat(Math.max(1, NUMBER_WIDTH - number.length()))).append(number);
        }
        return line.toString().stripTrailing();
    }
}
