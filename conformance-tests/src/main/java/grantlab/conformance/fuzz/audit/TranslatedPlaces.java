package grantlab.conformance.fuzz.audit;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.guest.GuestLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The guest-physical map of a translated domain. An entry that holds a grant or another domain's frame holds a reference, and
 * one that holds a writable grant a use of the writable type where the page's owner is typed or is this domain, but not as part
 * of a block; the domain's own memory is held by its allocation alone. Looked at are the numbers of the laboratory's guests, and
 * all others at which something was ever mapped.
 */
final class TranslatedPlaces implements Places {
    private final int domid;
    private final PhysicalMap map;
    private final FrameTable frames;
    private final Set<Long> known = new HashSet<>();
    private final Set<Long> named = new HashSet<>();
    private final Set<Long> inBlocks = new HashSet<>();
    private long[] gfns;
    private long[] entries;
    private boolean[] typed;

    TranslatedPlaces(int domid, PhysicalMap map, FrameTable frames) {
        this.domid = domid;
        this.map = map;
        this.frames = frames;
        GuestLayout layout = GuestLayout.LABORATORY;
        int count = layout.slotIndex() + GuestLayout.NAMES;
        gfns = new long[count];
        for (int n = 0; n < count; n++) {
            gfns[n] = Page.frame(layout.base()) + n;
            known.add(gfns[n]);
        }
        entries = new long[count];
        Arrays.fill(entries, PhysicalMap.INVALID);
        typed = new boolean[count];
    }

    private void used(long gfn) {
        if (known.add(gfn)) {
            int count = gfns.length;
            gfns = Arrays.copyOf(gfns, count + 1);
            gfns[count] = gfn;
            entries = Arrays.copyOf(entries, count + 1);
            entries[count] = PhysicalMap.INVALID;
            typed = Arrays.copyOf(typed, count + 1);
        }
    }

    /** Nobody has said yet where mappings are. */
    void forgetNames() {
        named.clear();
        inBlocks.clear();
    }

    /** A handle or a record says that a mapping is there, of a page or of a block. */
    void name(long gfn, int order) {
        for (long page = gfn; page < gfn + (1L << order); page++) {
            named.add(page);
            if (order != Page.ORDER_4K) {
                inBlocks.add(page);
            }
            used(page);
        }
    }

    /** The first number at which a grant is mapped that nobody named; or -1. */
    long nameless() {
        for (int n = 0; n < gfns.length; n++) {
            if (isGrant(entries[n]) && !named.contains(gfns[n])) {
                return gfns[n];
            }
        }
        return PhysicalMap.INVALID;
    }

    private static boolean isGrant(long entry) {
        return entry != PhysicalMap.INVALID && PhysicalMap.isGrant(PhysicalMap.typeOf(entry));
    }

    @Override
    public void refresh(Holdings holdings, LongConsumer changed) {
        for (int n = 0; n < gfns.length; n++) {
            long entry = map.entry(gfns[n]);
            if (entry != entries[n]) {
                drop(n, holdings, changed);
                entries[n] = entry;
                take(n, holdings, changed);
            }
        }
    }

    private void drop(int n, Holdings holdings, LongConsumer changed) {
        if (holds(entries[n])) {
            long mfn = PhysicalMap.frameOf(entries[n]);
            holdings.add(mfn, -1, typed[n] ? -1 : 0);
            changed.accept(mfn);
        }
    }

    private void take(int n, Holdings holdings, LongConsumer changed) {
        if (holds(entries[n])) {
            long mfn = PhysicalMap.frameOf(entries[n]);
            typed[n] = PhysicalMap.isWritableGrant(PhysicalMap.typeOf(entries[n]))
                    && !inBlocks.contains(gfns[n])
                    && isTyped(mfn);
            holdings.add(mfn, 1, typed[n] ? 1 : 0);
            changed.accept(mfn);
        }
    }

    private static boolean holds(long entry) {
        return isGrant(entry) || (entry != PhysicalMap.INVALID && PhysicalMap.typeOf(entry) == PhysicalMap.FOREIGN);
    }

    private boolean isTyped(long mfn) {
        int owner = frames.owner(mfn);
        return owner == domid || (owner != FrameTable.NO_OWNER && frames.typed(owner));
    }

    /** The first number at which something is mapped that holds a frame, though nobody was ever told of it; or -1. */
    long hidden() {
        for (long gfn = map.next(0); gfn != PhysicalMap.INVALID; gfn = map.next(gfn + 1)) {
            if (holds(map.entry(gfn)) && !known.contains(gfn)) {
                return gfn;
            }
        }
        return PhysicalMap.INVALID;
    }

    @Override
    public int left() {
        int left = 0;
        for (int n = 0; n < gfns.length; n++) {
            left += holds(map.entry(gfns[n])) ? 1 : 0;
        }
        return left;
    }
}
