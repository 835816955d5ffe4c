package grantlab.conformance.project;

import grantlab.hypervisor.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/**
 * A Maven project with a grant format that works, to be changed into another one: the project {@code conformance-tests/template} of
 * Grantlab's sources under another name. It sees the installed artifacts and nothing else.
 *
 * @param name of the format, as its provider says it: words of lower case letters and digits, with dashes between them
 * @param packageName of its classes
 */
public record FormatProject(String name, String packageName) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

    private static final FormatProject TEMPLATE = new FormatProject("my-format", "org.example.myformat");

    private static final List<String> FILES = List.of(
            "README.md",
            "pom.xml",
            "src/main/java/org/example/myformat/MyFormat.java",
            "src/main/java/org/example/myformat/MyFormatEntry.java",
            "src/main/java/org/example/myformat/MyFormatGuest.java",
            "src/main/java/org/example/myformat/MyFormatProvider.java",
            "src/main/java/org/example/myformat/MyFormatTable.java",
            "src/main/resources/META-INF/services/grantlab.api.grant.GrantFormatProvider",
            "src/test/java/org/example/myformat/MyFormatTest.java",
            "src/test/resources/junit-platform.properties");

    /**
     * Judges both names.
     *
     * @throws ConfigurationException when a class, a package or a format cannot be called so
     */
    public FormatProject {
        if (!NAME.matcher(name).matches()) {
            throw new ConfigurationException("a format cannot be called '" + name
                    + "': it begins with a letter and has lower case letters, digits and single dashes, as my-format");
        }
        if (!SourceVersion.isName(packageName)) {
            throw new ConfigurationException("'" + packageName + "' is no name of a package");
        }
    }

    /**
     * One in the package {@code org.example.NAME}.
     *
     * @param name of the format
     * @return the project
     * @throws ConfigurationException as the constructor
     */
    public static FormatProject named(String name) {
        return new FormatProject(name, "org.example." + name.replace("-", ""));
    }

    /**
     * Writes it.
     *
     * @param directory is made where there is none; nothing may lie in it
     * @throws IOException when it cannot be written, or something lies there
     */
    public void writeTo(Path directory) throws IOException {
        requireEmpty(directory);
        for (String file : FILES) {
            Path target = directory.resolve(renamed(file));
            Files.createDirectories(target.getParent());
            Files.writeString(target, renamed(text(file)));
        }
    }

    private static void requireEmpty(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                if (entries.findAny().isPresent()) {
                    throw new DirectoryNotEmptyException(directory.toString());
                }
            }
        }
    }

    private static String text(String file) {
        try (InputStream in = FormatProject.class.getResourceAsStream("/grantlab/template/" + file)) {
            if (in == null) {
                throw new IllegalStateException("the kit has no template of " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Text or path of the template under this one's names. */
    private String renamed(String template) {
        return template.replace(TEMPLATE.packageName, packageName)
                .replace(TEMPLATE.folder(), folder())
                .replace(TEMPLATE.className(), className())
                .replace(TEMPLATE.name, name);
    }

    private String folder() {
        return packageName.replace('.', '/');
    }

    /** What its classes begin with: {@code MyFormat} for {@code my-format}. */
    private String className() {
        return Arrays.stream(name.split("-", -1))
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining());
    }
}
