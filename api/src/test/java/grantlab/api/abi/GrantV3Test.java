package grantlab.api.abi;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Status;
import grantlab.api.abi.Struct.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What docs/grant-v3.md says of structs and numbers, what the classes of this package say, and the C header
 * docs/grant_table_v3.h are the same. The test writes the header anew with {@code -Dheader=write}.
 */
class GrantV3Test {
    private static final Path HEADER = Path.of("..", "docs", "grant_table_v3.h");
    private static final String V3 = "V3_";

    private static SpecificationTables document;
    private static List<Struct> declared;

    @BeforeAll
    static void read() throws Exception {
        document = SpecificationTables.read();
        declared = StructClasses.all();
    }

    @Test
    void everyStructIsInTheDocument() {
        assertThat(declared).hasSizeGreaterThan(20);
        assertThat(document.structs()).extracting(Struct::name).containsExactlyElementsOf(names(declared));
        assertThat(document.tags())
                .containsExactlyInAnyOrderElementsOf(
                        declared.stream().map(Struct::tag).toList());
    }

    @TestFactory
    Stream<DynamicTest> structIsAsInTheDocument() {
        return document.structs().stream()
                .map(written -> DynamicTest.dynamicTest(written.name(), () -> compare(written)));
    }

    @TestFactory
    Stream<DynamicTest> fieldsCoverTheStruct() {
        return declared.stream().map(struct -> DynamicTest.dynamicTest(struct.name(), () -> cover(struct)));
    }

    @Test
    void entryIsAsInTheDocument() throws Exception {
        assertThat(document.entry()).isNotEmpty().isEqualTo(StructClasses.constantsOf(V3Entry.class));
    }

    @Test
    void numbersAreAsInTheDocument() throws Exception {
        assertThat(operations()).isEqualTo(numbersOf(GnttabOp.class, V3, "v3_"));
        assertThat(domctls()).isEqualTo(numbersOf(GnttabDomctl.class, "", ""));
        Map<String, Long> statuses = numbersOf(Status.class, "", "");
        assertThat(statuses).containsAllEntriesOf(errors());
        statuses.keySet().removeAll(errors().keySet());
        assertThat(statuses.values())
                .as("numbers of the document's table that it leaves out are those of operations 0 to 12 alone")
                .allMatch(value -> value >= Status.NO_SPACE);
    }

    @Test
    void headerIsTheOneThatIsKept() throws Exception {
        List<String> header = header();
        if ("write".equals(System.getProperty("header"))) {
            Files.write(HEADER, header);
        }
        assertThat(Files.readAllLines(HEADER)).isEqualTo(header);
    }

    private static void compare(Struct written) {
        Struct struct = declared.stream()
                .filter(candidate -> candidate.name().equals(written.name()))
                .findFirst()
                .orElseThrow();
        assertThat(struct.fields()).isEqualTo(written.fields());
        assertThat(struct.constants()).isEqualTo(written.constants());
        assertThat(struct.size()).isEqualTo(written.size());
    }

    private static void cover(Struct struct) {
        int end = 0;
        for (Field field : struct.fields()) {
            assertThat(field.offset()).as(field.name()).isEqualTo(end);
            assertThat(field.offset() % alignment(field)).as(field.name()).isZero();
            assertThat(field.direction()).as(field.name()).isIn("in", "out", "in/out", "zero");
            assertThat(field.direction().equals("zero"))
                    .as(field.name())
                    .isEqualTo(field.name().equals("zero_" + field.offset()));
            end += field.size();
        }
        assertThat(end).isEqualTo(struct.size());
        assertThat(struct.size() % Long.BYTES).isZero();
    }

    /** Of a field that is one number; a run of bytes has none. */
    private static int alignment(Field field) {
        return Integer.bitCount(field.size()) == 1 ? Math.min(field.size(), Long.BYTES) : 1;
    }

    private static List<String> header() throws IOException, ReflectiveOperationException {
        HeaderText header = new HeaderText();
        header.numbers("Operations of grant_table_op", "GNTTABOP_", operations());
        header.numbers("Calls of the toolstack", "XEN_DOMCTL_", domctls());
        Map<String, Long> errors = errors();
        errors.values().removeIf(error -> error >= Status.NO_SPACE);
        header.numbers("Answers beside those of grant_table.h", "GNTST_", errors);
        header.word("An entry", "GNTTAB_V3_ENTRY_", StructClasses.constantsOf(V3Entry.class));
        List<String> order = document.tags();
        declared.stream()
                .sorted(Comparator.comparingInt(struct -> order.indexOf(struct.tag())))
                .forEach(header::struct);
        return header.finish();
    }

    private static Map<String, Long> operations() {
        return document.numbers("| Number | Name | Caller | Purpose | Section |");
    }

    private static Map<String, Long> domctls() {
        return document.numbers("| Domctl | Name |");
    }

    private static Map<String, Long> errors() {
        return document.numbers("| Number | Name | Meaning |");
    }

    /** The constants of a class whose names begin with a prefix, by name in lower case, the prefix replaced. */
    private static Map<String, Long> numbersOf(Class<?> type, String prefix, String replacement)
            throws ReflectiveOperationException {
        Map<String, Long> numbers = new TreeMap<>();
        for (java.lang.reflect.Field field : type.getFields()) {
            long value = ((Number) field.get(null)).longValue();
            if (field.getName().startsWith(prefix) && !isInside(type, value)) {
                String name = field.getName().substring(prefix.length());
                numbers.put(replacement + name.toLowerCase(Locale.ROOT), value);
            }
        }
        return numbers;
    }

    /** Positive statuses never reach a guest. */
    private static boolean isInside(Class<?> type, long value) {
        return type == Status.class && value > 0;
    }

    private static List<String> names(List<Struct> structs) {
        return structs.stream().map(Struct::name).toList();
    }
}
