package grantlab.conformance.script;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a line that writes an entry is written.
 *
 * @param fields of the entry: each is a key
 */
record EntrySyntax(List<String> fields) implements Syntax {
    /** The field that a line leaves as it is when it does not have it. */
    static final String FRAME = "frame";

    @Override
    public Map<String, Operand> keys() {
        Map<String, Operand> keys = new HashMap<>();
        keys.put("tab", Operand.TABLE);
        keys.put("ref", Operand.NUMBER);
        for (String field : fields) {
            keys.put(field, operand(field));
        }
        return keys;
    }

    /** What a field takes. */
    static Operand operand(String field) {
        return switch (field) {
            case FRAME -> Operand.FRAME;
            case "domid", "tdom" -> Operand.DOMAIN;
            default -> Operand.NUMBER;
        };
    }
}
