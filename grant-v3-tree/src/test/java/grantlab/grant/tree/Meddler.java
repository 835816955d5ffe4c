package grantlab.grant.tree;

import grantlab.api.memory.MachineMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** Memory that somebody else writes to in the middle of what is tested: after a load, or before a compare-exchange. */
final class Meddler {
    /** Addresses of the 64-bit loads, in their order. */
    final List<Long> loads = new ArrayList<>();

    /** Compare-exchanges that were tried. */
    int exchanges;

    /** What happens after each 64-bit load of an address. */
    Meddling afterLoad = (address, value) -> {};

    /** What happens before each 64-bit compare-exchange. */
    Meddling beforeExchange = (address, expected) -> {};

    final MachineMemory memory;

    /** Done at an address. */
    interface Meddling {
        void at(long address, long value);
    }

    Meddler(MachineMemory real) {
        memory = (MachineMemory) Proxy.newProxyInstance(
                MachineMemory.class.getClassLoader(), new Class<?>[] {MachineMemory.class}, (proxy, method, args) -> {
                    if (method.getName().equals("compareAndExchange64")) {
                        exchanges++;
                        beforeExchange.at((long) args[0], (long) args[1]);
                    }
                    Object result;
                    try {
                        result = method.invoke(real, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (method.getName().equals("load64s")) {
                        for (int n = 0; n < (int) args[2]; n++) {
                            loaded((long) args[0] + (long) n * Long.BYTES, ((long[]) args[1])[n]);
                        }
                    } else if (method.getName().startsWith("load64")) {
                        loaded((long) args[0], (long) result);
                    }
                    return result;
                });
    }

    private void loaded(long address, long value) {
        loads.add(address);
        afterLoad.at(address, value);
    }
}
