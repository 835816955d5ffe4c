package grantlab.hypervisor.notification;

import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.tree.Trees;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rings of one domain. Looking one up takes no lock. Naming one, in a tree or for a granter, and removing it exclude each other.
 */
public final class Rings {
    /** Rings that a domain may have. */
    public static final int MOST = 16;

    /** All ones: no ring. */
    public static final int NONE = -1;

    private final AtomicReferenceArray<@Nullable Ring> rings = new AtomicReferenceArray<>(MOST);

    /** None. */
    public Rings() {}

    /**
     * A ring.
     *
     * @param id any number
     * @return null where there is none
     */
    public @Nullable Ring find(int id) {
        return id >= 1 && id <= MOST ? rings.get(id - 1) : null;
    }

    private int free() {
        int at = 0;
        while (at < MOST && rings.get(at) != null) {
            at++;
        }
        return at;
    }

    /**
     * Adds a ring.
     *
     * @param maker makes it, when it is certain that there may be one more
     * @return what names it, 1..16; or 0 when there may be no more
     */
    public synchronized int add(Supplier<Ring> maker) {
        int at = free();
        if (at == MOST) {
            return 0;
        }
        rings.set(at, maker.get());
        return at + 1;
    }

    /**
     * Does something after which a tree of this domain names a ring; nobody removes it meanwhile.
     *
     * @param id of a ring for the domain's own trees, or any number
     * @param deed what is done
     * @return what the deed answers; null when there is no such ring
     */
    public synchronized <R> @Nullable R naming(int id, Supplier<@Nullable R> deed) {
        return isGranterRing(id) ? deed.get() : null;
    }

    /**
     * Whether a number is a ring on which this domain hears of its own trees.
     *
     * @param id any number
     */
    public boolean isGranterRing(int id) {
        Ring ring = find(id);
        return ring != null && !ring.forGrantee();
    }

    /**
     * The ring on which this domain hears of a granter's trees.
     *
     * @param granter a domid
     * @return null where it chose none
     */
    public @Nullable Ring serving(int granter) {
        for (int at = 0; at < MOST; at++) {
            Ring ring = rings.get(at);
            if (ring != null && ring.granter() == granter) {
                return ring;
            }
        }
        return null;
    }

    /**
     * Whether a ring may serve a granter (FAULT-4, FAULT-5).
     *
     * @param id all ones, which is no ring, or any number
     * @param granter a domid
     * @return a status
     */
    public synchronized int judge(int id, int granter) {
        if (id == NONE) {
            return Status.OKAY;
        }
        Ring ring = find(id);
        if (ring == null || !ring.forGrantee()) {
            return Status.BAD_HANDLE;
        }
        return ring.granter() == granter || ring.granter() == Ring.NOBODY ? Status.OKAY : Status.BUSY;
    }

    /**
     * Chooses the ring on which this domain hears of a granter's trees, instead of the one that it had for that.
     *
     * @param id all ones: none
     * @param granter a domid
     * @return as {@link #judge}
     */
    public synchronized int serve(int id, int granter) {
        int status = judge(id, granter);
        Ring ring = find(id);
        Ring before = serving(granter);
        if (status == Status.OKAY && before != ring) {
            if (before != null) {
                before.serve(Ring.NOBODY);
            }
            if (ring != null) {
                ring.serve(granter);
            }
        }
        return status;
    }

    /**
     * Removes a ring that nobody names (RING-2, RING-3).
     *
     * @param id any number
     * @param trees of this domain
     * @param frames the machine's
     * @return a status
     */
    public synchronized int remove(int id, Trees trees, FrameTable frames) {
        Ring ring = find(id);
        if (ring == null) {
            return Status.BAD_HANDLE;
        }
        boolean named = ring.granter() != Ring.NOBODY
                || ring.hasReserved()
                || (!ring.forGrantee()
                        && trees.all().stream().anyMatch(tree -> tree.terms().ring() == id));
        if (named) {
            return Status.BUSY;
        }
        rings.set(id - 1, null);
        ring.remove(frames);
        return Status.OKAY;
    }

    /** The domain dies: its pages are let go, and nobody writes to them any more. Its vCPUs run no more. */
    public synchronized void dispose(FrameTable frames) {
        for (int at = 0; at < MOST; at++) {
            Ring ring = rings.getAndSet(at, null);
            if (ring != null) {
                ring.remove(frames);
            }
        }
    }
}
