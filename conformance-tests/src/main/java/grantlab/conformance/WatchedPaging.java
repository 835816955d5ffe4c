package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.PagingMode;
import grantlab.api.paging.PagingModeProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;

/**
 * A paging mode of which somebody is told when a place was emptied, which TLBs may remember yet, and before they forget it.
 *
 * @param real what it is otherwise
 * @param watcher told by every thread that empties a place, or flushes
 */
record WatchedPaging(PagingModeProvider real, Watcher watcher) implements PagingModeProvider {
    private static final String EMPTYING = "remove";
    private static final Set<String> FLUSHING = Set.of("flush", "flushTlbs");

    /** Is told of places. */
    interface Watcher {
        /**
         * A place is empty, or was already.
         *
         * @param domid whose
         */
        void emptied(int domid);

        /**
         * All TLBs are about to forget everything.
         *
         * @param domid whose
         */
        void flushing(int domid);
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return real.capabilities();
    }

    @Override
    public PagingMode create(Ground ground) {
        PagingMode mode = real.create(ground);
        return (domid, physicalMap) -> watched(domid, mode, physicalMap);
    }

    private AddressSpace watched(int domid, PagingMode mode, PhysicalMap physicalMap) {
        AddressSpace space = mode.open(domid, physicalMap);
        return (AddressSpace) Proxy.newProxyInstance(
                AddressSpace.class.getClassLoader(), new Class<?>[] {AddressSpace.class}, (self, method, arguments) -> {
                    if (FLUSHING.contains(method.getName())) {
                        watcher.flushing(domid);
                    }
                    try {
                        Object result = method.invoke(space, arguments);
                        if (method.getName().equals(EMPTYING)) {
                            watcher.emptied(domid);
                        }
                        return result;
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }
}
