package grantlab.conformance.clause;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets somebody in before or after a call of the memory or of the map that an address space makes: once, and then never again. What two CPUs
 * would hit once in a million runs happens each time.
 */
final class SpaceHooks {
    /** Of {@link grantlab.api.memory.PhysicalMap}: they may leave all to single calls, and do so while somebody waits to come in. */
    private static final Set<String> TOGETHER = Set.of("setVacant", "clearSame");

    private final List<Hook> hooks = new ArrayList<>();

    private record Hook(boolean before, String method, long first, Runnable intruder) {
        boolean is(boolean early, String called, Object[] arguments) {
            return before == early && method.equals(called) && arguments.length > 0 && arguments[0].equals(first);
        }
    }

    /** Comes in before the next call of a method whose first argument is this number. */
    void before(String method, long first, Runnable intruder) {
        add(new Hook(true, method, first, intruder));
    }

    /** Comes in behind it, before its caller has the answer. */
    void after(String method, long first, Runnable intruder) {
        add(new Hook(false, method, first, intruder));
    }

    private synchronized void add(Hook hook) {
        hooks.add(hook);
    }

    /** Nobody waits any more for a call that did not come. */
    synchronized boolean isEmpty() {
        return hooks.isEmpty();
    }

    /** The same object, with those who come in. */
    <T> T around(Class<T> type, T real) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (!isEmpty() && TOGETHER.contains(method.getName())) {
                        return 0;
                    }
                    run(true, method.getName(), arguments);
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    } finally {
                        run(false, method.getName(), arguments);
                    }
                }));
    }

    private void run(boolean early, String method, Object @Nullable [] arguments) {
        Hook due = arguments == null ? null : take(early, method, arguments);
        if (due != null) {
            due.intruder().run();
        }
    }

    private synchronized @Nullable Hook take(boolean early, String method, Object[] arguments) {
        for (Hook hook : hooks) {
            if (hook.is(early, method, arguments)) {
                hooks.remove(hook);
                return hook;
            }
        }
        return null;
    }
}
