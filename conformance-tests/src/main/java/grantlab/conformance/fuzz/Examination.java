package grantlab.conformance.fuzz;

import grantlab.api.Capability;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.conformance.fuzz.audit.Audit;
import grantlab.conformance.fuzz.audit.Finding;
import grantlab.conformance.script.Interpreter;
import grantlab.conformance.script.Line;
import grantlab.conformance.script.Script;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs a script in every combination under an {@link Audit}, and compares the answers. Any thread. */
public final class Examination {
    private static final Pattern LISTED = Pattern.compile("\\bg[0-9]+\\b");

    private final Settings settings;
    private final Installed installed;
    private final List<Combination> combinations;
    private final @Nullable Judge judge;

    /**
     * An examination.
     *
     * @param settings of the machines, apart from what combinations choose
     * @param installed what there is
     * @param combinations at least one
     * @param judge somebody whose answers are right, or null
     */
    public Examination(Settings settings, Installed installed, List<Combination> combinations, @Nullable Judge judge) {
        this.settings = settings;
        this.installed = installed;
        this.combinations = List.copyOf(combinations);
        this.judge = judge;
    }

    /**
     * Runs a script.
     *
     * @param script its text
     * @param text the same as it stands in a file, for the judge
     * @param answers is given every answer of the first combination
     * @return the first thing that is not as it must be
     * @throws IOException when the judge cannot be asked
     */
    public Optional<Discovery> examine(Script script, String text, List<String> answers) throws IOException {
        answers.clear();
        Discovery broken = run(script, combinations.getFirst(), answers);
        if (broken != null) {
            return Optional.of(broken);
        }
        List<String> others = new ArrayList<>();
        for (Combination combination : combinations.subList(1, combinations.size())) {
            others.clear();
            broken = run(script, combination, others);
            if (broken == null) {
                broken = compare(script, answers, others, combination);
            }
            if (broken != null) {
                return Optional.of(broken);
            }
        }
        return judge == null
                ? Optional.empty()
                : judge.answers(script.name(), text).map(right -> compare(script, answers, right));
    }

    /** The same, for what no judge is needed to see. */
    Examination withoutJudge() {
        return new Examination(settings, installed, combinations, null);
    }

    /** Whether somebody is asked, which takes its time. */
    boolean hasJudge() {
        return judge != null;
    }

    private @Nullable Discovery run(Script script, Combination combination, List<String> answers) {
        Progress progress = new Progress();
        List<String> fresh = new ArrayList<>();
        try (Interpreter interpreter =
                new Interpreter(script, combination.over(settingsOf(script)), installed, fresh::add)) {
            Audit audit = new Audit(interpreter);
            interpreter.run(lines -> {
                progress.after = lines;
                audit.after(lines, fresh);
                answers.addAll(fresh);
                fresh.clear();
            });
            progress.after = List.of();
            progress.finished = true;
            if (combination.equals(combinations.getFirst())) {
                audit.atTheEnd();
            } else {
                // Burying d0 with its 48 MiB takes longer than a script, and the books are the same for every memory.
                audit.all();
            }
            return null;
        } catch (Finding e) {
            return discovery(e.rule(), combination, progress, String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            // Whatever a guest does, nothing of ours may fall over: a fault of the engine is a discovery like any
            // other.
            return discovery(e.getClass().getSimpleName(), combination, progress.next(script), text(e));
        }
    }

    /** A script that speaks of trees is run by a machine that has them. */
    private Settings settingsOf(Script script) {
        if (script.lines().stream().noneMatch(Examination::speaksOfTrees)
                || hasTrees(installed.format(settings.grantFormat()))) {
            return settings;
        }
        return installed.formats().stream()
                .filter(Examination::hasTrees)
                .findFirst()
                .map(provider -> settings.withGrantFormat(provider.name()))
                .orElse(settings);
    }

    private static boolean speaksOfTrees(Line line) {
        return line.verb().startsWith("v3_") || line.verb().equals("vdomid_bind");
    }

    private static boolean hasTrees(GrantFormatProvider provider) {
        return provider.capabilities().contains(Capability.LAYOUT_TREE);
    }

    /** How far a run has come. */
    private static final class Progress {
        private List<Line> after = List.of();
        private boolean finished;

        /** The operation behind the last one that was completed. */
        Progress next(Script script) {
            Progress next = new Progress();
            next.finished = finished;
            List<Line> lines = script.lines();
            int done = after.isEmpty() ? -1 : lines.indexOf(after.getLast());
            if (!finished && done + 1 < lines.size()) {
                next.after = List.of(lines.get(done + 1));
            }
            return next;
        }
    }

    private static String text(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        return thrown.getMessage() + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    private static Discovery discovery(String rule, Combination combination, Progress progress, String message) {
        if (progress.after.isEmpty()) {
            return new Discovery(rule, combination.toString(), 0, "all domains destroyed", message);
        }
        Line line = progress.after.getFirst();
        return new Discovery(rule, combination.toString(), line.number(), line.text(), message);
    }

    private @Nullable Discovery compare(
            Script script, List<String> expected, List<String> got, Combination combination) {
        for (int n = 0; n < Math.max(expected.size(), got.size()); n++) {
            String wanted = n < expected.size() ? expected.get(n) : "nothing";
            String found = n < got.size() ? got.get(n) : "nothing";
            if (!wanted.equals(found)) {
                int number = number(n < expected.size() ? wanted : found);
                return new Discovery(
                        Discovery.ANSWERS,
                        combinations.getFirst() + ", " + combination,
                        number,
                        operation(script, number),
                        "'" + wanted + "' and '" + found + "'");
            }
        }
        return null;
    }

    private @Nullable Discovery compare(Script script, List<String> ours, Map<Integer, String> right) {
        List<String> results =
                ours.stream().filter(line -> !line.startsWith("#")).toList();
        for (String got : results) {
            int number = number(got);
            String expected = right.get(number);
            if (!Objects.equals(comparable(expected), comparable(got))) {
                return new Discovery(
                        Discovery.XEN,
                        combinations.getFirst().toString(),
                        number,
                        operation(script, number),
                        "Xen answers '" + expected + "', we answer '" + got + "'");
            }
        }
        return results.size() == right.size()
                ? null
                : new Discovery(
                        Discovery.XEN,
                        combinations.getFirst().toString(),
                        0,
                        "",
                        "Xen gives " + right.size() + " answers, we give " + results.size());
    }

    /**
     * Which free frame a table gets is Xen's business: a frame that was listed for a domain which is gone may be listed again
     * for another, under its old number. So the numbers of listed frames are left out.
     */
    static @Nullable String comparable(@Nullable String answer) {
        return answer == null || !answer.contains(" list=g")
                ? answer
                : LISTED.matcher(answer).replaceAll("g");
    }

    private static int number(String answer) {
        int blank = answer.indexOf(' ');
        return answer.startsWith("#") || blank < 0 ? 0 : Integer.parseInt(answer.substring(0, blank));
    }

    private static String operation(Script script, int number) {
        for (Line line : script.lines()) {
            if (line.number() == number) {
                return line.text();
            }
        }
        return "";
    }
}
