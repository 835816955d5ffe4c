package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The guest on a real Xen and the machine here speak one language: the same verbs, with the same keys. */
class RecorderGrammarTest {
    /** Tests run in the directory of the module. */
    private static final Path SOURCES = Path.of("recorder", "src");

    /** A row of a table of verbs: its name, and the functions that it names. */
    private static final Pattern ROW = Pattern.compile("\\{ \"(\\w+)\", ([^}]*?)\\s*\\}");

    private static final Pattern FUNCTION =
            Pattern.compile("(?ms)^[a-z][\\w *]*?(\\w+)\\([^;{]*?\\)\\n\\{\\n(.*?)^\\}");
    private static final Pattern KEY = Pattern.compile("\\w+\\((?:line|l), \"(\\w+)\"");
    private static final Pattern NAME = Pattern.compile("\\b\\w+\\b");

    /** What is a verb here and no row there. */
    private static final String BATCH = "batch";

    private static final Map<String, String> BODIES = new HashMap<>();
    private static final Map<String, Set<String>> KEYS_BY_VERB = new TreeMap<>();

    @BeforeAll
    static void readTheGuest() throws IOException {
        for (Path file : sources()) {
            FUNCTION.matcher(Files.readString(file))
                    .results()
                    .forEach(match -> BODIES.put(match.group(1), match.group(2)));
        }
        for (Path file : List.of(SOURCES.resolve("script.c"), SOURCES.resolve("grant.c"))) {
            boolean oneCall = file.endsWith("grant.c");
            ROW.matcher(Files.readString(file)).results().forEach(row -> {
                Set<String> keys = keysOf(names(row.group(2)));
                if (oneCall) {
                    keys.add("count");
                }
                KEYS_BY_VERB.put(row.group(1), keys);
            });
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".c")).toList();
        }
    }

    private static List<String> names(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).toList();
    }

    /** The keys that functions read, themselves and through those that they call. */
    private static Set<String> keysOf(Collection<String> functions) {
        Set<String> seen = new TreeSet<>();
        Set<String> keys = new TreeSet<>();
        Deque<String> left = new ArrayDeque<>(functions);
        while (!left.isEmpty()) {
            String function = left.pop();
            String body = BODIES.get(function);
            if (body != null && seen.add(function)) {
                KEY.matcher(body).results().forEach(match -> keys.add(match.group(1)));
                left.addAll(names(body));
            }
        }
        return keys;
    }

    @Test
    void shouldHaveTheVerbsOfTheGuest() {
        assertThat(KEYS_BY_VERB.keySet())
                .containsExactlyInAnyOrderElementsOf(RecorderGrammar.syntax().keySet());
    }

    @Test
    void shouldHaveTheKeysOfTheGuest() {
        Map<String, Set<String>> ours = RecorderGrammar.syntax().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> new TreeSet<>(entry.getValue().keys().keySet())));
        assertThat(new TreeMap<>(ours)).isEqualTo(KEYS_BY_VERB);
        assertThat(keysOf(List.of("begin_" + BATCH))).containsExactlyInAnyOrder("n", "count");
    }

    @Test
    void shouldBatchWhatTheGuestBatches() throws IOException {
        Set<String> batchable = RecorderGrammar.syntax().entrySet().stream()
                .filter(entry -> entry.getValue().isBatchable())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        Set<String> calls = ROW.matcher(Files.readString(SOURCES.resolve("grant.c")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toSet());
        assertThat(batchable).isEqualTo(calls);
    }
}
