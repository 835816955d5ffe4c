package grantlab.hypervisor.wiring;

import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Provider;
import com.google.inject.Scope;
import java.util.HashMap;
import java.util.Map;

/**
 * The scope of {@link MachineScoped}: one machine while it is being put together. Injectors are costly, since they read every
 * constructor by reflection; with this scope one injector serves all machines. Threads: any; machines that are put together
 * at the same time know nothing of each other.
 */
public final class MachineScope implements Scope {
    private static final ScopedValue<Map<Key<?>, Object>> PARTS = ScopedValue.newInstance();

    /** What is being put together is known by the thread, not by this object. */
    public MachineScope() {}

    /**
     * Puts a machine together.
     *
     * @param <T> what the whole is
     * @param whole the type of it
     * @param injector with this scope bound to {@link MachineScoped}
     * @param given the parts that exist already, by the types that they are asked for by
     * @return the whole, of the parts that are given and of one new part of each other type
     */
    public static <T> T assemble(Class<T> whole, Injector injector, Map<Class<?>, Object> given) {
        Map<Key<?>, Object> parts = new HashMap<>();
        given.forEach((type, part) -> parts.put(Key.get(type), part));
        return ScopedValue.where(PARTS, parts).call(() -> injector.getInstance(whole));
    }

    /**
     * Stands in for a part that {@link #assemble} has to be given.
     *
     * @param <T> the type that it is asked for by
     * @param type of it
     * @return what is asked only when it was not given
     */
    public static <T> Provider<T> given(Class<T> type) {
        return () -> {
            throw new IllegalStateException("a machine is put together without its " + type.getSimpleName());
        };
    }

    @Override
    public <T> Provider<T> scope(Key<T> key, Provider<T> maker) {
        return () -> {
            Map<Key<?>, Object> parts = PARTS.get();
            @SuppressWarnings("unchecked") // what stands under a key is what was made or given for it
            T part = (T) parts.get(key);
            if (part == null) {
                part = maker.get();
                parts.put(key, part);
            }
            return part;
        };
    }

    @Override
    public String toString() {
        return "one machine";
    }
}
