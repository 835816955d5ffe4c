package grantlab.conformance;

import grantlab.api.memory.MachineMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Memory of which somebody is told before each access. */
public final class WatchedMemory {
    private WatchedMemory() {}

    /** Is told of accesses. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * An access is about to happen; it waits for this.
         *
         * @param method of {@link MachineMemory}
         * @param address machine address; of a copy once for the source and once for the destination
         */
        void before(String method, long address);
    }

    /**
     * Memory that is watched.
     *
     * @param memory the real one
     * @param watcher told by every thread that accesses it
     * @return the same bytes
     */
    public static MachineMemory of(MachineMemory memory, Watcher watcher) {
        return (MachineMemory) Proxy.newProxyInstance(
                MachineMemory.class.getClassLoader(),
                new Class<?>[] {MachineMemory.class},
                (self, method, arguments) -> {
                    tell(watcher, method.getName(), arguments);
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }

    private static void tell(Watcher watcher, String method, Object[] arguments) {
        switch (method) {
            case "isRam", "hashCode", "equals", "toString" -> {}
            case "copy" -> {
                watcher.before(method, (long) arguments[0]);
                watcher.before(method, (long) arguments[1]);
            }
            default -> watcher.before(method, (long) arguments[0]);
        }
    }
}
