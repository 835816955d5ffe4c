package grantlab.conformance.script;

import grantlab.api.memory.MachineMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Counts what is done to memory by one way to it. One thread at a time, as lines of a script are executed. */
final class CountedMemory {
    private long writes;
    private long bytesCopied;

    /**
     * The way to it.
     *
     * @param memory the real one
     * @return the same bytes
     */
    MachineMemory over(MachineMemory memory) {
        return (MachineMemory) Proxy.newProxyInstance(
                MachineMemory.class.getClassLoader(),
                new Class<?>[] {MachineMemory.class},
                (self, method, arguments) -> {
                    Object answer = answer(memory, method, arguments);
                    count(method.getName(), arguments, answer);
                    return answer;
                });
    }

    private static Object answer(MachineMemory memory, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(memory, arguments);
        } catch (InvocationTargetException failure) {
            throw failure.getCause();
        }
    }

    private void count(String method, Object[] arguments, Object answer) {
        switch (method) {
            case "copy" -> bytesCopied += (int) arguments[2];
            case "store64s" -> writes += (int) arguments[2];
            case "compareAndExchange32", "compareAndExchange64" -> writes += answer.equals(arguments[1]) ? 1 : 0;
            default -> writes += method.startsWith("store") || method.startsWith("getAnd") ? 1 : 0;
        }
    }

    /** Words that were stored or exchanged; an exchange that did not come about is none. */
    long writes() {
        return writes;
    }

    /** Bytes that went from one place of it to another. */
    long bytesCopied() {
        return bytesCopied;
    }
}
