package grantlab.conformance.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The table of docs/faults.md: what is wrong, what is wrong with it, and which clauses see it. */
final class FaultTable {
    private static final Path PAGE = Path.of("..", "docs", "faults.md");
    private static final String HEAD = "| where | name | mistake | seen by |";

    /** As many clauses as a reader wants to look up. */
    private static final int NAMED = 3;

    private final Map<String, String> rows = new LinkedHashMap<>();
    private final Map<String, List<String>> clauses = new LinkedHashMap<>();

    static FaultTable read() {
        FaultTable table = new FaultTable();
        try {
            List<String> lines = Files.readAllLines(PAGE);
            for (String row : lines.subList(lines.indexOf(HEAD) + 2, lines.size())) {
                String[] fields = row.split("\\|", -1);
                String name = fields[2].strip().replace("`", "");
                table.rows.put(name, row);
                table.clauses.put(name, List.of(fields[4].strip().split(", ")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }

    List<String> names() {
        return List.copyOf(rows.keySet());
    }

    List<String> clauses(Fault fault) {
        return clauses.getOrDefault(fault.name(), List.of());
    }

    /** One more row. */
    void add(Fault fault, List<String> seenBy) {
        List<String> named = seenBy.subList(0, Math.min(NAMED, seenBy.size()));
        clauses.put(fault.name(), named);
        rows.put(
                fault.name(),
                "| %s | `%s` | %s | %s |"
                        .formatted(fault.where(), fault.name(), fault.mistake(), String.join(", ", named)));
    }

    List<String> unseen() {
        return clauses.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** What stands above the table stays. */
    void write() throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        List<String> page = new ArrayList<>(lines.subList(0, lines.indexOf(HEAD) + 2));
        page.addAll(rows.values());
        Files.write(PAGE, page);
    }
}
