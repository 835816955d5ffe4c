package grantlab.conformance.fuzz;

import grantlab.conformance.script.Interpreter;
import grantlab.conformance.script.Script;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells which answers to a script Xen leaves to chance, so that nobody can be held to them:
 *
 * <ul>
 *   <li>What depends on which free frame an allocation gets. Shown by running the script on heaps that hand them out in
 *       different orders: the lowest first, the one given back last or first of all, and any other before.
 *   <li>The status of an unmap that ends its caller because the granter is gone: Xen writes what lay on its stack
 *       (unmap_grant_ref in grant_table.c of 4.17 copies a status that unmap_common has not set on this way).
 * </ul>
 *
 * <p>Any thread.
 */
public final class Certainty {
    /** The memories whose heaps hand frames out in other orders. */
    public static final List<String> OTHER_ORDERS = List.of("rotating", "last-freed", "first-freed");

    private static final String USUAL_ORDER = "on-heap";

    /** So many operations are taken out one by one; at the next one the script ends. */
    private static final int MOST_TAKEN_OUT = 200;

    private static final Pattern STATUS_NEVER_SET = Pattern.compile("[0-9]+ (unmap|replace)\\b.* rc=stopped status=0");

    private final Settings settings;
    private final Installed installed;

    /**
     * For scripts of one machine.
     *
     * @param settings of the machines, apart from their memory
     * @param installed with the memories {@code on-heap} and {@link #OTHER_ORDERS}
     */
    public Certainty(Settings settings, Installed installed) {
        this.settings = settings;
        this.installed = installed;
    }

    /**
     * Takes out of a script what it is that makes answers uncertain.
     *
     * @param text of a script
     * @return the same without the operations that are answered by chance
     */
    public String of(String text) {
        List<Outline.Piece> pieces = Outline.of(text);
        Optional<Integer> line = firstByChance(Outline.text(pieces));
        for (int n = 0; line.isPresent() && n < MOST_TAKEN_OUT; n++) {
            pieces.remove(Outline.pieceAt(pieces, line.get()));
            line = firstByChance(Outline.text(pieces));
        }
        return Outline.text(line.isEmpty() ? pieces : pieces.subList(0, Outline.pieceAt(pieces, line.get())));
    }

    /**
     * The first operation of a script whose answer is left to chance.
     *
     * @param text of a script
     * @return its line number
     */
    Optional<Integer> firstByChance(String text) {
        Script script = Script.parse("certain", text);
        List<String> usual = answers(script, USUAL_ORDER);
        List<List<String>> others =
                OTHER_ORDERS.stream().map(memory -> answers(script, memory)).toList();
        for (int n = 0; n < usual.size(); n++) {
            String answer = usual.get(n);
            int number = n;
            if (STATUS_NEVER_SET.matcher(answer).matches()
                    || others.stream().anyMatch(other -> number >= other.size() || !same(answer, other.get(number)))) {
                return Optional.of(Integer.valueOf(answer.substring(0, answer.indexOf(' '))));
            }
        }
        return Optional.empty();
    }

    private static boolean same(String answer, String other) {
        return Objects.equals(Examination.comparable(answer), Examination.comparable(other));
    }

    private List<String> answers(Script script, String memory) {
        List<String> answers = new ArrayList<>(script.lines().size());
        try (Interpreter interpreter = new Interpreter(script, settings.withMemory(memory), installed, answer -> {
            if (!answer.startsWith("#")) {
                answers.add(answer);
            }
        })) {
            interpreter.run(lines -> {});
        }
        return answers;
    }
}
