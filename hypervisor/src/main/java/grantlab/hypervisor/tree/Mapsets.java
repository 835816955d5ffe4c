package grantlab.hypervisor.tree;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one grantee has mapped through trees, by 64-bit handle: slot 32 bits, generation 32 bits, so that a handle of long
 * ago names nothing.
 */
public final class Mapsets {
    private final List<@Nullable Mapset> slots = new ArrayList<>();
    private final List<Integer> generations = new ArrayList<>();

    /** Nothing mapped. */
    public Mapsets() {}

    /**
     * One mapping.
     *
     * @param granter domid of whose tree it is
     * @param tree through which
     * @param key of the leaf
     * @param leafOrder of the leaf
     * @param act its record
     * @param place where it stands
     * @param frame the frame, first of {@code 2^order}
     * @param order as it is mapped
     * @param access as it is mapped
     * @param address what the grantee called the place
     */
    public record Mapset(
            int granter,
            Tree tree,
            long key,
            int leafOrder,
            int act,
            long place,
            long frame,
            int order,
            int access,
            long address) {}

    /**
     * Adds a mapping.
     *
     * @param mapset the mapping
     * @return its handle
     */
    public synchronized long add(Mapset mapset) {
        int slot = slots.indexOf(null);
        if (slot < 0) {
            slot = slots.size();
            slots.add(mapset);
            generations.add(1);
        } else {
            slots.set(slot, mapset);
            generations.set(slot, generations.get(slot) + 1);
        }
        return (long) generations.get(slot) << 32 | slot;
    }

    /**
     * A mapping.
     *
     * @param handle any number
     * @return null when the handle names nothing (any more)
     */
    public synchronized @Nullable Mapset find(long handle) {
        int slot = (int) handle;
        boolean known = slot >= 0 && slot < slots.size() && generations.get(slot) == (int) (handle >>> 32);
        return known ? slots.get(slot) : null;
    }

    /**
     * Takes a mapping out; one caller wins.
     *
     * @param handle any number
     * @return the mapping, or null when somebody was faster
     */
    public synchronized @Nullable Mapset take(long handle) {
        Mapset mapset = find(handle);
        if (mapset != null) {
            slots.set((int) handle, null);
        }
        return mapset;
    }

    /**
     * All mappings.
     *
     * @return a snapshot
     */
    public synchronized List<Mapset> all() {
        List<Mapset> all = new ArrayList<>();
        for (Mapset mapset : slots) {
            if (mapset != null) {
                all.add(mapset);
            }
        }
        return all;
    }
}
