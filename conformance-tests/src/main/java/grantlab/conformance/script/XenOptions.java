package grantlab.conformance.script;

import grantlab.hypervisor.Limits;
import java.util.Set;

/** The options of Xen's command line that scripts may ask for with {@code #!xen}. */
final class XenOptions {
    private static final Set<String> FALSE = Set.of("0", "no", "off", "false", "disable");
    private static final Set<String> TRUE = Set.of("1", "yes", "on", "true", "enable");

    private XenOptions() {}

    /**
     * Refuses options that mean nothing here.
     *
     * @param script whose options
     * @throws ScriptException for the first of them
     */
    static void check(Script script) {
        apply(script, Limits.USUAL);
    }

    /**
     * Applies a script's options.
     *
     * @param script whose options
     * @param limits of the machine without them
     * @return the machine's limits
     * @throws ScriptException for an option that means nothing here
     */
    static Limits apply(Script script, Limits limits) {
        for (String option : script.xenOptions()) {
            int equals = option.indexOf('=');
            String value = option.substring(equals + 1);
            limits = switch (equals < 0 ? option : option.substring(0, equals)) {
                case "gnttab_max_frames" -> withGrantFrames(limits, number(script, option, value));
                case "gnttab_max_maptrack_frames" -> withMaptrackFrames(limits, number(script, option, value));
                case "gnttab" -> gnttab(script, option, value, limits);
                default -> throw unknown(script, option);
            };
        }
        return limits;
    }

    private static Limits gnttab(Script script, String option, String list, Limits limits) {
        for (String word : list.split(",", -1)) {
            if (word.startsWith("max-ver:")) {
                limits = withVersion(limits, number(script, option, word.substring("max-ver:".length())));
            } else {
                limits = feature(script, option, word, limits);
            }
        }
        return limits;
    }

    /** A boolean of Xen's kind: {@code transitive}, {@code no-transitive}, {@code transitive=off}. */
    private static Limits feature(Script script, String option, String word, Limits limits) {
        int equals = word.indexOf('=');
        boolean negated = word.startsWith("no-") && equals < 0;
        String name = negated ? word.substring("no-".length()) : equals < 0 ? word : word.substring(0, equals);
        String value = equals < 0 ? negated ? "off" : "on" : word.substring(equals + 1);
        if (!TRUE.contains(value) && !FALSE.contains(value)) {
            throw unknown(script, option);
        }
        boolean on = TRUE.contains(value);
        return switch (name) {
            case "transitive" ->
                new Limits(
                        limits.maxGrantFrames(),
                        limits.maxMaptrackFrames(),
                        limits.maxGrantVersion(),
                        on,
                        limits.transfer());
            case "transfer" ->
                new Limits(
                        limits.maxGrantFrames(),
                        limits.maxMaptrackFrames(),
                        limits.maxGrantVersion(),
                        limits.transitive(),
                        on);
            default -> throw unknown(script, option);
        };
    }

    private static Limits withGrantFrames(Limits limits, int frames) {
        return new Limits(
                frames, limits.maxMaptrackFrames(), limits.maxGrantVersion(), limits.transitive(), limits.transfer());
    }

    private static Limits withMaptrackFrames(Limits limits, int frames) {
        return new Limits(
                limits.maxGrantFrames(), frames, limits.maxGrantVersion(), limits.transitive(), limits.transfer());
    }

    private static Limits withVersion(Limits limits, int version) {
        return new Limits(
                limits.maxGrantFrames(), limits.maxMaptrackFrames(), version, limits.transitive(), limits.transfer());
    }

    private static int number(Script script, String option, String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw unknown(script, option);
        }
        return Integer.parseInt(text);
    }

    private static ScriptException unknown(Script script, String option) {
        return new ScriptException(
                script.name(),
                "#!xen option '" + option + "' means nothing here; known are gnttab_max_frames=N,"
                        + " gnttab_max_maptrack_frames=N, gnttab=max-ver:N|transitive=BOOL|transfer=BOOL");
    }
}
