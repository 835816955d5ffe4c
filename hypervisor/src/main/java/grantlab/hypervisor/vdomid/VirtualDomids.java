package grantlab.hypervisor.vdomid;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The virtual domids of one domain: numbers 0x8000 + n by which it knows others, whoever they are at the moment (grant-v3.md,
 * section 11). Reading takes no lock.
 */
public final class VirtualDomids {
    /** The first virtual domid. */
    public static final int FIRST = 0x8000;

    /** How many there are. */
    public static final int COUNT = 4096;

    /** Nobody. */
    public static final int NOBODY = -1;

    private volatile Map<Integer, Bound> bindings = Map.of();

    /** None is bound. */
    public VirtualDomids() {}

    /**
     * What a virtual domid stands for.
     *
     * @param real a domid, or {@link #NOBODY}
     * @param epoch counts the bindings, 1 at the first
     * @param autoResume whether trees go on without the granter's word
     */
    public record Bound(int real, int epoch, boolean autoResume) {}

    /** Whether a number is a virtual domid. */
    public static boolean isVirtual(int domid) {
        return domid >= FIRST && domid < FIRST + COUNT;
    }

    /**
     * The domain behind a virtual domid.
     *
     * @param virtual any number
     * @return a domid, or {@link #NOBODY}
     */
    public int real(int virtual) {
        Bound bound = bindings.get(virtual);
        return bound == null ? NOBODY : bound.real();
    }

    /**
     * What a virtual domid stands for.
     *
     * @param virtual any number
     * @return null when it never was bound
     */
    public @Nullable Bound find(int virtual) {
        return bindings.get(virtual);
    }

    /** All that ever were bound, by number. */
    public Map<Integer, Bound> all() {
        return bindings;
    }

    /**
     * Another domain, or none, stands behind a virtual domid.
     *
     * @param virtual a virtual domid
     * @param bound what it stands for now
     */
    public synchronized void set(int virtual, Bound bound) {
        Map<Integer, Bound> changed = new TreeMap<>(bindings);
        changed.put(virtual, bound);
        bindings = changed;
    }
}
