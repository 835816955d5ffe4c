package grantlab.api.abi;

import grantlab.api.abi.Struct.Constant;
import grantlab.api.abi.Struct.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables of docs/grant-v3.md that have a number for somebody's program. */
final class SpecificationTables {
    private static final Path DOCUMENT = Path.of("..", "docs", "grant-v3.md");
    private static final Pattern STRUCT_HEADING =
            Pattern.compile("### 16\\.\\d+ .*: `struct (?<tag>\\w+)` \\(`(?<name>\\w+)`\\), (?<size>\\d+) bytes");
    private static final Pattern SHIFTED = Pattern.compile("(\\w+) << (\\d+)");

    private final List<String> lines;

    private SpecificationTables(List<String> lines) {
        this.lines = lines;
    }

    static SpecificationTables read() throws IOException {
        return new SpecificationTables(Files.readAllLines(DOCUMENT));
    }

    /** The structs of section 16, by name. */
    List<Struct> structs() {
        List<Struct> structs = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher heading = STRUCT_HEADING.matcher(lines.get(i));
            if (heading.matches()) {
                List<String> section = until("#", i + 1);
                structs.add(new Struct(
                        heading.group("name"),
                        Integer.parseInt(heading.group("size")),
                        fields(table("| Offset | Size | Field | In/Out | Meaning |", section)),
                        constants(section)));
            }
        }
        structs.sort(Comparator.comparing(Struct::name));
        return structs;
    }

    /** The names that C gives to structs, in the order of the document. */
    List<String> tags() {
        return lines.stream()
                .map(STRUCT_HEADING::matcher)
                .filter(Matcher::matches)
                .map(heading -> heading.group("tag"))
                .toList();
    }

    /** The constants of the entry. */
    List<Constant> entry() {
        return constants(until("### 3.3", lines.indexOf("### 3.2 The entry")));
    }

    /** Number by name, of a table whose head begins with these columns. */
    Map<String, Long> numbers(String head) {
        Map<String, Long> numbers = new TreeMap<>();
        for (List<String> row : table(head, lines)) {
            numbers.put(row.get(1), Long.decode(row.get(0)));
        }
        return numbers;
    }

    private static List<Field> fields(List<List<String>> rows) {
        return rows.stream()
                .map(row ->
                        new Field(row.get(2), Integer.parseInt(row.get(0)), Integer.parseInt(row.get(1)), row.get(3)))
                .toList();
    }

    private static List<Constant> constants(List<String> section) {
        return table("| Constant | Value | Kind | Meaning |", section).stream()
                .map(row -> new Constant(row.get(0), value(row.get(1).replace("`", "")), row.get(2)))
                .toList();
    }

    private static long value(String text) {
        Matcher shifted = SHIFTED.matcher(text);
        return shifted.matches()
                ? Long.decode(shifted.group(1)) << Integer.parseInt(shifted.group(2))
                : Long.decode(text);
    }

    /** The rows below a head, each as its cells; none when the table is not there. */
    private static List<List<String>> table(String head, List<String> among) {
        int at = among.indexOf(head);
        if (at < 0) {
            return List.of();
        }
        return among.stream()
                .skip(at + 2L)
                .takeWhile(line -> line.startsWith("|"))
                .map(SpecificationTables::cells)
                .toList();
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
                .map(String::strip)
                .toList();
    }

    private List<String> until(String prefix, int from) {
        return lines.stream()
                .skip(from)
                .takeWhile(line -> !line.startsWith(prefix))
                .toList();
    }
}
