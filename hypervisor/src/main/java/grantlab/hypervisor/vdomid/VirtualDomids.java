package grantlab.hypervisor.vdomid;

import java.util.Map;
import java.util.TreeMap;

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
    public record Bound(int real, int epoch, boolean autoResume) {
        /** Never bound. */
        public static final Bound NEVER = new Bound(NOBODY, 0, false);

        /** Nobody stands behind it any more. */
        public Bound ended() {
            return new Bound(NOBODY, epoch, false);
        }

        /** Bound to a domain: another epoch begins, and none is zero. */
        public Bound next(int domid, boolean goesOn) {
            return new Bound(domid, Math.max(1, epoch + 1), goesOn);
        }
    }

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
        return find(virtual).real();
    }

    /**
     * What a virtual domid stands for.
     *
     * @param virtual any number
     * @return {@link Bound#NEVER} when it never was bound
     */
    public Bound find(int virtual) {
        return bindings.getOrDefault(virtual, Bound.NEVER);
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

    /**
     * A domain died: nobody stands behind the numbers that stood for it.
     *
     * @param real its domid
     */
    public synchronized void end(int real) {
        Map<Integer, Bound> changed = new TreeMap<>(bindings);
        changed.replaceAll((virtual, bound) -> bound.real() == real ? bound.ended() : bound);
        bindings = changed;
    }
}
