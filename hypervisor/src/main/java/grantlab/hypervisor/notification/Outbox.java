package grantlab.hypervisor.notification;

import grantlab.api.abi.V3RingEntry;
import grantlab.hypervisor.tree.Tree;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one call has to tell: the entry that still grows while its neighbours follow, and the rings whose owners are notified once
 * when the call ends (RING-14, RING-15). One for each vCPU, reused by one thread at a time; it allocates only where one call
 * reaches more rings than any before it.
 */
public final class Outbox {
    private static final int USUAL_RINGS = 4;

    private @Nullable Ring[] rings = new Ring[USUAL_RINGS];
    private int ringCount;

    // The run of leaves whose last use ended.
    private @Nullable Ring ring;
    private int slot;
    private int generation;
    private int order;
    private long cookie;
    private long first;
    private long count;

    /** Nothing to tell. */
    public Outbox() {}

    /** The last use of a leaf ended: it joins the run that it continues, or begins another. */
    void unmapped(Ring to, Tree tree, long key, int leafOrder) {
        long pages = 1L << leafOrder;
        if (to == ring && tree.slot() == slot && tree.generation() == generation && leafOrder == order) {
            if (key == first + count) {
                count += pages;
                return;
            }
            if (key + pages == first) {
                first = key;
                count += pages;
                return;
            }
        }
        publish();
        ring = to;
        slot = tree.slot();
        generation = tree.generation();
        cookie = tree.terms().cookie();
        order = leafOrder;
        first = key;
        count = pages;
    }

    /** An event of a tree that is none of its leaves'. */
    void post(Ring to, int type, Tree tree, long what, int reason, long said) {
        publish();
        to.post(type, tree.slot(), tree.generation(), what, 0, 0, reason, said);
        owe(to);
    }

    /** The run is over: what is published does not change any more. */
    private void publish() {
        Ring to = ring;
        if (to != null) {
            ring = null;
            to.post(V3RingEntry.UNMAPPED, slot, generation, first, count, order, 0, cookie);
            owe(to);
        }
    }

    /** The owner of a ring is to be notified. */
    void owe(Ring to) {
        for (int i = ringCount - 1; i >= 0; i--) {
            if (rings[i] == to) {
                return;
            }
        }
        if (ringCount == rings.length) {
            rings = Arrays.copyOf(rings, 2 * rings.length);
        }
        rings[ringCount++] = to;
    }

    /** The call ends: all is published, and each owner notified once. */
    public void deliver() {
        publish();
        for (int i = 0; i < ringCount; i++) {
            Ring to = rings[i];
            rings[i] = null;
            if (to != null) {
                to.kick();
            }
        }
        ringCount = 0;
    }
}
