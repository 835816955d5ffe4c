package grantlab.hypervisor.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The model of a leaf under revocation (docs/model.md): no order of steps breaks what must hold, each fault that the page names does,
 * and each step is a method of the engine.
 */
class LeafModelTest {
    private static final Path PAGE = Path.of("..", "docs", "model.md");
    private static final Path MODEL = Path.of("..", "docs", "model");
    private static final String LEAF = "Leaf.tla";

    /** A row of the page's table of faults. */
    private static final Pattern FAULT = Pattern.compile("\\| `(?<name>[^`]+)` \\|.*\\| `(?<broken>\\w+)` \\|");

    private static final Pattern ASKED_FOR = Pattern.compile("Without\\(\"(?<name>[^\"]+)\"\\)");

    private static final Pattern ACTION =
            Pattern.compile("(?m)^(?<name>\\w+)(\\(\\w\\))? == \\\\\\* (?<class>[\\w.]+)#(?<method>\\w+)$");

    /** Sections of the module: the definitions of steps end where the next-state relation begins. */
    private static final String STEPS_END = "\nKernel ==";

    @TempDir
    private Path scratch;

    @Test
    void nothingIsBroken() throws Exception {
        Tlc.Result result = Tlc.check(MODEL, LEAF, "Leaf.cfg", scratch);
        assertThat(result.sound()).as(result.text()).isTrue();
        assertThat(result.states()).isGreaterThan(10_000);
    }

    /** What the granter writes into the entry breaks nothing of the hypervisor's, and harms nobody else. */
    @Test
    void hostileGranterBreaksNothingOfTheHypervisors() throws Exception {
        Tlc.Result result = Tlc.check(MODEL, LEAF, "Hostile.cfg", scratch);
        assertThat(result.sound()).as(result.text()).isTrue();
        assertThat(result.states()).isGreaterThan(10_000);
    }

    @Test
    void everyRevocationEnds() throws Exception {
        Tlc.Result result = Tlc.check(MODEL, LEAF, "Ended.cfg", scratch);
        assertThat(result.sound()).as(result.text()).isTrue();
    }

    /** Each fault breaks what the page says; and it says so of each that the model has. */
    @Test
    void everyFaultIsCaught() throws Exception {
        Map<String, String> described = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = FAULT.matcher(line);
            if (row.matches()) {
                described.put(row.group("name"), row.group("broken"));
            }
        }
        assertThat(described)
                .hasSizeGreaterThanOrEqualTo(5)
                .containsOnlyKeys(matches(ASKED_FOR, Files.readString(MODEL.resolve(LEAF))));
        Tlc.Result result = Tlc.check(MODEL, "Faults.tla", "Faults.cfg", scratch);
        assertThat(result.printed()).as(result.text()).isEqualTo(described);
    }

    private static Set<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group("name")).collect(Collectors.toSet());
    }

    @TestFactory
    Stream<DynamicTest> stepIsAMethod() throws IOException {
        String steps = Files.readString(MODEL.resolve(LEAF));
        List<Matcher> actions = ACTION.matcher(steps.substring(0, steps.indexOf(STEPS_END)))
                .results()
                .map(match -> {
                    Matcher one = ACTION.matcher(match.group());
                    one.matches();
                    return one;
                })
                .toList();
        assertThat(actions).hasSizeGreaterThan(20);
        return actions.stream()
                .map(action -> DynamicTest.dynamicTest(action.group("name"), () -> {
                    assertThat(action.group("name")).isEqualTo(action.group("method"));
                    Class<?> owner = Class.forName("grantlab." + action.group("class"));
                    assertThat(Arrays.stream(owner.getDeclaredMethods()).map(method -> method.getName()))
                            .contains(action.group("method"));
                }));
    }
}
