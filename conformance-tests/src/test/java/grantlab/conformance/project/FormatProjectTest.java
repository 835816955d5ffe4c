package grantlab.conformance.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.grant.GrantFormatProvider;
import grantlab.conformance.Catalogue;
import grantlab.conformance.Combination;
import grantlab.conformance.Matrix;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.Selection;
import grantlab.conformance.Verdict;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the template makes compiles, is found, and keeps every promise. The project is left in {@code target/new-format}: -Pexample
 * builds it as a stranger does.
 */
class FormatProjectTest {
    private static final Path LEFT = Path.of("target", "new-format", "word-per-page");

    @TempDir
    private Path directory;

    @Test
    void aNewFormatKeepsEveryPromise() throws Exception {
        Path project = directory.resolve("word-per-page");
        FormatProject.named("word-per-page").writeTo(project);
        MatrixResult result = matrix(
                project,
                List.of("*"),
                Selection.formats("word-per-page"),
                new Selection(List.of("word-per-page"), List.of("hvm-hvm")).with(Member.IOMMU, List.of("separate-wo")));
        assertThat(result.broken()).isEmpty();
        assertThat(result.cells())
                .filteredOn(cell -> cell.verdict() == Verdict.PASSED)
                .hasSizeGreaterThan(200);
    }

    /** Those of docs/extending.md, each made in a project of its own. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            Table ; MistakenEntry.marks(access | Access.READ) ; MistakenEntry.IN_USE ; COPY-09
            Table ; if ((seen & MistakenEntry.GRANTED) == 0)  ; if (false)           ; RACE-13
            Table ; frames.put(page, Page.ORDER_4K)           ; size()               ; MAP-17
            """)
    void aMistakeIsNamed(String file, String right, String wrong, String clause) throws Exception {
        Path project = directory.resolve("mistaken");
        FormatProject.named("mistaken").writeTo(project);
        Path source = project.resolve("src/main/java/org/example/mistaken/Mistaken" + file + ".java");
        String text = Files.readString(source);
        assertThat(text).containsOnlyOnce(right);
        Files.writeString(source, text.replace(right, wrong));
        MatrixResult result = matrix(project, List.of(clause), new Selection(List.of("mistaken"), List.of("hvm-pv")));
        assertThat(result.broken()).extracting(cell -> cell.promise().id()).containsExactly(clause);
    }

    private static MatrixResult matrix(Path project, List<String> clauses, Selection... selections) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {compiled(project).toUri().toURL(), resources(project)})) {
            GrantFormatProvider provider = ServiceLoader.load(GrantFormatProvider.class, loader).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(found -> found.getClass().getClassLoader().equals(loader))
                    .findFirst()
                    .orElseThrow();
            Installed installed = Installed.find().with(provider);
            Catalogue catalogue = Catalogue.installed().select(clauses);
            catalogue.checkCapabilities(installed);
            List<Combination> combinations = Stream.of(selections)
                    .flatMap(selection -> selection.combinations(installed).stream())
                    .toList();
            return new Matrix(catalogue, combinations, Settings.usual(), installed, 1).run(Matrix.Listener.NONE);
        }
    }

    private static Path compiled(Path project) throws IOException {
        Path classes = project.resolve("target/classes");
        Files.createDirectories(classes);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(project.resolve("src"))) {
            List<Path> java =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            List<String> options = List.of(
                    "-d",
                    classes.toString(),
                    "-classpath",
                    System.getProperty("java.class.path"),
                    "-proc:none",
                    "-Xlint:all,-path,-classfile",
                    "-Werror");
            boolean success = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(java))
                    .call();
            assertThat(success).as("%s", said).isTrue();
        }
        return classes;
    }

    private static URL resources(Path project) throws IOException {
        return project.resolve("src/main/resources").toUri().toURL();
    }

    @Test
    void nothingOfTheTemplatesNameIsLeft() throws IOException {
        deleteLeft();
        new FormatProject("word-per-page", "com.example.words").writeTo(LEFT);
        try (Stream<Path> files = Files.walk(LEFT).filter(Files::isRegularFile)) {
            assertThat(files).hasSize(10).allSatisfy(file -> {
                assertThat(file.toString()).doesNotContainIgnoringCase("myformat");
                assertThat(Files.readString(file))
                        .doesNotContainIgnoringCase("myformat")
                        .doesNotContain("my-format");
            });
        }
        assertThat(LEFT.resolve("src/main/java/com/example/words/WordPerPageTable.java"))
                .content()
                .startsWith("package com.example.words;")
                .contains("final class WordPerPageTable implements TreeTable");
    }

    private static void deleteLeft() throws IOException {
        if (Files.exists(LEFT)) {
            try (Stream<Path> files = Files.walk(LEFT)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void whatLiesThereIsNotWrittenOver() throws IOException {
        Files.writeString(directory.resolve("mine"), "");
        assertThatThrownBy(() -> FormatProject.named("word").writeTo(directory))
                .isInstanceOf(DirectoryNotEmptyException.class);
        assertThat(directory).isDirectoryContaining("glob:**/mine").isDirectoryNotContaining("glob:**/pom.xml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2m", "My", "a--b", "a-", "-a", "a_b", "int", "ü"})
    void namesThatNothingCanHaveAreRefused(String name) {
        assertThatThrownBy(() -> FormatProject.named(name)).isInstanceOf(ConfigurationException.class);
    }
}
