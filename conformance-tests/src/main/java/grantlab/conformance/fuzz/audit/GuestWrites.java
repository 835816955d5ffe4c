package grantlab.conformance.fuzz.audit;

import grantlab.conformance.script.Line;
import java.util.List;

/** What the guests may have written themselves in the lines that were just executed. */
final class GuestWrites {
    private static final int TAKES_ANYTHING = -2;

    private final List<Line> lines;

    GuestWrites(List<Line> lines) {
        this.lines = lines;
    }

    /** The verb of all of them: a batch has one. */
    String verb() {
        return lines.isEmpty() ? "" : lines.getFirst().verb();
    }

    /**
     * A count that is not the elements': what lies behind them in the guest's memory was worked on too, whatever it said, and
     * its status fields were written. In a line of trees it is a field like any other.
     */
    private boolean goFar() {
        return verb().equals("raw")
                || (!speaksOfTrees()
                        && lines.stream().anyMatch(line -> line.arguments().containsKey("count")));
    }

    private boolean speaksOfTrees() {
        return verb().startsWith("v3_");
    }

    /** Whether bytes of ordinary memory may have changed. */
    boolean touchMemory() {
        return goFar()
                || switch (verb()) {
                    case "wr", "wrframe", "fill", "copy", "leaf", "node" -> true;
                    case "setup", "status_frames" ->
                        lines.stream().anyMatch(line -> line.arguments().containsKey("list"));
                    // Of the operations of trees these write where a guest says.
                    case "v3_copy", "v3_probe", "v3_ring_register" -> true;
                    default -> false;
                };
    }

    /** Whether entries may have become others in more than the marks, though nobody can reach them as memory. */
    boolean rewriteEntries() {
        return goFar()
                || switch (verb()) {
                    case "swap", "transfer", "set_version", "create" -> true;
                    // Of slot 0: what is taken back grants nothing any more.
                    case "v3_revoke" ->
                        lines.stream().anyMatch(line -> !line.arguments().containsKey("tree"));
                    default -> verb().startsWith("ent");
                };
    }

    /**
     * Whether the lines name an entry as one that is written, by the guest or on its behalf.
     *
     * @param domid whose table
     * @param ref the entry
     * @param version in force
     */
    boolean name(int domid, long ref, int version) {
        if (goFar()) {
            return true;
        }
        for (Line line : lines) {
            if (names(line, domid, ref, version)) {
                return true;
            }
        }
        return false;
    }

    private static boolean names(Line line, int domid, long ref, int version) {
        return switch (line.verb()) {
            case "ent1" ->
                table(line) == domid && (version == 1 ? number(line, "ref") == ref : number(line, "ref") / 2 == ref);
            case "ent2", "ent2t" ->
                table(line) == domid && (version == 1 ? number(line, "ref") == ref / 2 : number(line, "ref") == ref);
            case "ent" -> table(line) == domid && number(line, "ref") == ref;
            case "transfer" ->
                number(line, "ref") == ref && names(line.arguments().getOrDefault("dom", "d0"), domid);
            case "swap" -> line.executor() == domid && (number(line, "a") == ref || number(line, "b") == ref);
            default -> false;
        };
    }

    private static boolean names(String domain, int domid) {
        return number(domain) == domid;
    }

    private static long table(Line line) {
        String table = line.arguments().get("tab");
        return table == null ? line.executor() : number(table);
    }

    private static long number(Line line, String key) {
        String text = line.arguments().get(key);
        return text == null ? 0 : number(text);
    }

    private static long number(String text) {
        String digits = text.startsWith("d") ? text.substring(1) : text;
        try {
            return digits.startsWith("0x") ? Long.parseUnsignedLong(digits.substring(2), 16) : Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return TAKES_ANYTHING;
        }
    }
}
