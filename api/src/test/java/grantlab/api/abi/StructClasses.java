package grantlab.api.abi;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.abi.Struct.Constant;
import grantlab.api.abi.Struct.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The structs of grants v3 as the classes of this package declare them. Offsets and values are what the compiler made of them;
 * size and direction of a field stand in the first words of its comment, which is so held to the document too.
 */
final class StructClasses {
    private static final Path SOURCES = Path.of("src", "main", "java", "grantlab", "api", "abi");
    private static final Pattern CITES_THE_STRUCTS = Pattern.compile("section 16\\.\\d+\\s[\\s*]*\\(grant-v3\\.md\\)");
    private static final Pattern DECLARATION = Pattern.compile(
            "/\\*\\*[\\s*]+(?<kind>[A-Z][a-z ]+)(?:, (?<bytes>\\d+) bytes?)?[:.][^/]*?\\*/\\s+public static final (?:int|long) (?<name>\\w+) =");

    private StructClasses() {}

    /** All of them, by name. */
    static List<Struct> all() throws IOException, ReflectiveOperationException {
        List<Struct> structs = new ArrayList<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.sorted().toList()) {
                String source = Files.readString(file);
                if (CITES_THE_STRUCTS.matcher(source).find()) {
                    structs.add(struct(file.getFileName().toString().replace(".java", ""), source));
                }
            }
        }
        return structs;
    }

    /** The constants of a class that is no struct. */
    static List<Constant> constantsOf(Class<?> type) throws IOException, ReflectiveOperationException {
        String source = Files.readString(SOURCES.resolve(type.getSimpleName() + ".java"));
        return struct(type.getSimpleName(), source).constants();
    }

    private static Struct struct(String name, String source) throws ReflectiveOperationException {
        Class<?> type = Class.forName(StructClasses.class.getPackageName() + "." + name);
        List<Field> fields = new ArrayList<>();
        List<Constant> constants = new ArrayList<>();
        int declarations = 1;
        Matcher matcher = DECLARATION.matcher(source);
        while (matcher.find()) {
            String constant = matcher.group("name");
            if (constant.equals("SIZE")) {
                continue;
            }
            declarations++;
            long value = value(type, constant);
            String kind = matcher.group("kind").toLowerCase(Locale.ROOT);
            String bytes = matcher.group("bytes");
            if (bytes != null) {
                String direction = kind.equals("in and out") ? "in/out" : kind;
                fields.add(
                        new Field(constant.toLowerCase(Locale.ROOT), (int) value, Integer.parseInt(bytes), direction));
            } else {
                constants.add(new Constant(constant, value, kind));
            }
        }
        assertThat(declarations)
                .as("every constant of %s has a comment that begins with its kind", name)
                .isEqualTo(type.getFields().length);
        fields.sort(Comparator.comparingInt(Field::offset));
        return new Struct(name, (int) value(type, "SIZE"), fields, constants);
    }

    private static long value(Class<?> type, String constant) throws ReflectiveOperationException {
        return ((Number) type.getField(constant).get(null)).longValue();
    }
}
