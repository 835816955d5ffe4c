package grantlab.conformance;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.guest.Vcpu;
import grantlab.conformance.call.Call;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Statuses and errnos with their names, as messages print them. */
final class StatusText {
    private static final Map<Long, String> STATUSES = constants(Status.class);
    private static final Map<Long, String> ERRNOS = constants(Errno.class);

    private StatusText() {}

    /** GNTST_* with its number. */
    static String status(int status) {
        if (status == Call.UNWRITTEN) {
            return "no status written";
        }
        String name = status > 0 ? null : STATUSES.get((long) status);
        return name == null ? String.valueOf(status) : "GNTST_" + name.toLowerCase(Locale.ROOT) + " (" + status + ")";
    }

    /** A hypercall's result with its number. */
    static String rc(long rc) {
        if (rc == Vcpu.CRASHED) {
            return "the domain crashed";
        }
        String name = ERRNOS.get(-rc);
        return name == null ? String.valueOf(rc) : "-" + name + " (" + rc + ")";
    }

    private static Map<Long, String> constants(Class<?> vocabulary) {
        Map<Long, String> names = new HashMap<>();
        for (Field field : vocabulary.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                try {
                    names.put((long) field.getInt(null), field.getName());
                } catch (IllegalAccessException e) {
                    throw new AssertionError("a public constant of a public class", e);
                }
            }
        }
        return Map.copyOf(names);
    }
}
