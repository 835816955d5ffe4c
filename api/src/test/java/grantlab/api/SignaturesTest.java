package grantlab.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The interface is stable: its public signatures stand in {@code api/signatures.txt}. Whoever changes one changes the line
 * there too (the test writes the file anew with {@code -Dsignatures=write}) and says in CHANGELOG.md what implementations
 * have to do.
 */
class SignaturesTest {
    private static final Path KEPT = Path.of("signatures.txt");

    @Test
    void publicSignaturesAreThoseThatAreKept() throws Exception {
        List<String> found = signatures();
        if ("write".equals(System.getProperty("signatures"))) {
            Files.write(KEPT, found);
        }
        assertThat(found)
                .as("public signatures of the interface; see SignaturesTest for how to change one")
                .containsExactlyElementsOf(Files.readAllLines(KEPT));
    }

    private static List<String> signatures() throws Exception {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : types()) {
            lines.add(type.toGenericString());
            members(type).sorted().forEach(member -> lines.add("  " + member));
        }
        return lines;
    }

    /** All public and protected types, nested ones too, by name. */
    private static List<Class<?>> types() throws IOException, URISyntaxException, ClassNotFoundException {
        Path classes = Path.of(
                Status.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.sorted().toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                if (name.endsWith(".class") && !name.endsWith("-info.class")) {
                    Class<?> type = Class.forName(name.substring(0, name.length() - ".class".length()));
                    if (isVisible(type.getModifiers()) && !type.isSynthetic()) {
                        types.add(type);
                    }
                }
            }
        }
        return types;
    }

    private static Stream<String> members(Class<?> type) {
        Stream<AccessibleObject> members = Stream.of(
                        type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
                .flatMap(Arrays::stream);
        return members.filter(member -> isVisible(((Member) member).getModifiers()) && !((Member) member).isSynthetic())
                .map(SignaturesTest::text);
    }

    private static String text(AccessibleObject member) {
        return switch (member) {
            case Field field -> field.toGenericString() + constant(field);
            case Method method -> method.toGenericString();
            case Constructor<?> constructor -> constructor.toGenericString();
            default -> throw new IllegalArgumentException("what kind of member is " + member + "?");
        };
    }

    /** The value of a number that implementations compile in. */
    private static String constant(Field field) {
        int constant = Modifier.STATIC | Modifier.FINAL;
        if ((field.getModifiers() & constant) != constant || !field.getType().isPrimitive()) {
            return "";
        }
        try {
            return " = " + field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " is public and cannot be read", e);
        }
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
