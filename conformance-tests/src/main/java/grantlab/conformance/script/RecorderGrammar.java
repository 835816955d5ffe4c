package grantlab.conformance.script;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the recorder's guest understands: the language with the entries that Xen has, whatever formats are installed
 * here, and without devices.
 */
public final class RecorderGrammar {
    private static final List<String> ENTRY = List.of("flags", "domid", "frame");
    private static final List<String> FULL_PAGE = List.of("flags", "domid", "off", "len", "frame");
    private static final List<String> TRANSITIVE = List.of("flags", "domid", "tdom", "pad", "gref");

    private RecorderGrammar() {}

    /**
     * Refuses a script of which the guest would not understand a line, or whose recording could not be replayed.
     *
     * @param script to be recorded
     * @throws ScriptException for the first line that is not right
     */
    public static void check(Script script) {
        XenOptions.check(script);
        new Grammar(syntax()).check(script);
    }

    /** All verbs. */
    static Map<String, Syntax> syntax() {
        Map<String, Syntax> syntax = new TreeMap<>(new Verbs(Codecs.NONE).syntax());
        syntax.keySet().removeAll(Verbs.OF_DEVICES);
        syntax.put("create", CreateVerb.ofRecorder());
        syntax.put("ent1", new EntrySyntax(ENTRY));
        syntax.put("ent2", new EntrySyntax(FULL_PAGE));
        syntax.put("ent2t", new EntrySyntax(TRANSITIVE));
        syntax.put("ent", new EntrySyntax(FULL_PAGE));
        return syntax;
    }
}
