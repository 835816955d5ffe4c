package grantlab.conformance.script;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The text of a script, taken apart into operations. Only its form is looked at here; {@link Grammar} knows the verbs.
 *
 * @param name for messages: usually the file's path
 * @param xenOptions what the {@code #!xen} lines ask for, in their order
 * @param lines the operations, in their order
 */
public record Script(String name, List<String> xenOptions, List<Line> lines) {
    /** A line that begins so adds options of Xen's command line. */
    private static final String XEN_OPTIONS = "#!xen ";

    /** What the recorder in C can hold of one line; a longer one would mean something else there. */
    static final int MAX_LINE_BYTES = 511;

    /** What the recorder in C can hold of one line's arguments. */
    static final int MAX_ARGUMENTS = 24;

    /** Takes copies. */
    public Script {
        xenOptions = List.copyOf(xenOptions);
        lines = List.copyOf(lines);
    }

    /**
     * Reads a script.
     *
     * @param file where it is
     * @return its operations
     * @throws IOException when it cannot be read
     * @throws ScriptException when a line has not the form of an operation
     */
    public static Script read(Path file) throws IOException {
        return parse(file.toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    /**
     * Takes a text apart.
     *
     * @param name for messages
     * @param text the script
     * @return its operations
     * @throws ScriptException when a line has not the form of an operation
     */
    public static Script parse(String name, String text) {
        List<String> options = new ArrayList<>();
        List<Line> lines = new ArrayList<>();
        Map<String, String> vocabulary = new HashMap<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (line.startsWith(XEN_OPTIONS)) {
                options.addAll(words(line.substring(XEN_OPTIONS.length())));
            }
            List<String> words = words(withoutComment(line));
            if (!words.isEmpty()) {
                lines.add(operation(name, number, line, words, vocabulary));
            }
        }
        return new Script(name, options, lines);
    }

    /** A comment begins with a word that begins with {@code #}; inside of a word it is a handle's: {@code h=#3}. */
    private static String withoutComment(String line) {
        for (int at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
            if (at == 0 || isBlank(line.charAt(at - 1))) {
                return line.substring(0, at);
            }
        }
        return line;
    }

    private static Line operation(
            String name, int number, String text, List<String> words, Map<String, String> vocabulary) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_LINE_BYTES) {
            throw new ScriptException(
                    name, number, "a line has at most " + MAX_LINE_BYTES + " bytes, this one has " + bytes);
        }
        long executor = 0;
        int next = 0;
        if (words.get(0).startsWith("@")) {
            executor = executor(name, number, words.get(0));
            next = 1;
        }
        if (next == words.size()
                || words.get(next).indexOf('=') >= 0
                || words.get(next).startsWith("@")) {
            throw new ScriptException(name, number, "expected a verb: [@dK] VERB key=value ...");
        }
        return new Line(
                number,
                executor,
                known(vocabulary, words.get(next)),
                arguments(name, number, words.subList(next + 1, words.size()), vocabulary),
                text);
    }

    private static long executor(String name, int number, String word) {
        Reading digits = new Reading(word.substring(word.startsWith("@d") ? 2 : 1));
        if (!digits.atDigit()) {
            throw new ScriptException(name, number, "'" + word + "' names no domain: write @d0, @d1, ...");
        }
        long executor = digits.number();
        if (!digits.atEnd()) {
            throw new ScriptException(name, number, "'" + word + "' names no domain: write @d0, @d1, ...");
        }
        return executor;
    }

    /** All lines say the same few words: the same objects, which are kept once and compared at a glance. */
    private static String known(Map<String, String> vocabulary, String word) {
        return vocabulary.computeIfAbsent(word, String::intern);
    }

    private static Map<String, String> arguments(
            String name, int number, List<String> words, Map<String, String> vocabulary) {
        if (words.size() > MAX_ARGUMENTS) {
            throw new ScriptException(
                    name,
                    number,
                    "an operation has at most " + MAX_ARGUMENTS + " arguments, this one has " + words.size());
        }
        List<String> arguments = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new ScriptException(name, number, "expected key=value, found '" + word + "'");
            }
            String key = known(vocabulary, word.substring(0, equals));
            if (!keys.add(key)) {
                throw new ScriptException(name, number, "'" + key + "=' is given twice");
            }
            arguments.add(key);
            arguments.add(known(vocabulary, word.substring(equals + 1)));
        }
        return new Arguments(arguments);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int at = 0; at <= text.length(); at++) {
            boolean blank = at == text.length() || isBlank(text.charAt(at));
            if (blank && start >= 0) {
                words.add(text.substring(start, at));
                start = -1;
            } else if (!blank && start < 0) {
                start = at;
            }
        }
        return words;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
