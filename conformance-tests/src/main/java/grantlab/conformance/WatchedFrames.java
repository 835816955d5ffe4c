package grantlab.conformance;

import grantlab.api.memory.FrameTable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A frame table that may refuse what it is asked for: frames, references and types. What it has given it takes back always. */
final class WatchedFrames {
    private static final Set<Integer> PAGE_TABLES =
            Set.of(FrameTable.TYPE_L1, FrameTable.TYPE_L2, FrameTable.TYPE_L3, FrameTable.TYPE_L4);

    private WatchedFrames() {}

    /**
     * Puts somebody before a frame table.
     *
     * @param real what it is otherwise
     * @param refuses asked by every thread for each thing
     */
    static FrameTable of(FrameTable real, BooleanSupplier refuses) {
        return (FrameTable) Proxy.newProxyInstance(
                FrameTable.class.getClassLoader(), new Class<?>[] {FrameTable.class}, (self, method, arguments) -> {
                    Object refusal = refusal(method);
                    if (refusal != null && !isOfPageTable(real, arguments) && refuses.getAsBoolean()) {
                        return refusal;
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }

    /** What a method answers that has nothing to give; null for one that gives nothing. */
    private static @Nullable Object refusal(Method method) {
        return switch (method.getName()) {
            case "get", "getPlain", "getType" -> nothing(method.getReturnType());
            case "allocate", "allocateZeroed", "allocateFrom", "allocateShared" -> FrameTable.NONE;
            default -> null;
        };
    }

    /** Of one nothing, or none of several. */
    private static Object nothing(Class<?> type) {
        return type == boolean.class ? false : (Object) 0;
    }

    /** A page that serves as page table is held by nobody but its guest and who just looks at it: there is always one reference more. */
    private static boolean isOfPageTable(FrameTable real, Object[] arguments) {
        return arguments[0] instanceof Long mfn && PAGE_TABLES.contains(real.type(mfn));
    }
}
