package grantlab.virtio.iommu;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** A domain of virtio-iommu: what virtual addresses stand for, and which endpoints see it (section 5.13.6). */
final class AddressSpace {
    /** Nothing is there. */
    static final long NOWHERE = -1;

    final boolean bypass;
    int endpoints;

    /** By first virtual address. */
    private final TreeMap<Long, Mapping> mappings = new TreeMap<>();

    private record Mapping(long last, long physical, int flags) {}

    AddressSpace(boolean bypass) {
        this.bypass = bypass;
    }

    int size() {
        return mappings.size();
    }

    boolean overlaps(long first, long last) {
        Map.Entry<Long, Mapping> below = mappings.floorEntry(last);
        return below != null && below.getValue().last >= first;
    }

    void map(long first, long last, long physical, int flags) {
        mappings.put(first, new Mapping(last, physical, flags));
    }

    /**
     * Removes all mappings of a range, or none.
     *
     * @return false: the range cuts a mapping
     */
    boolean unmap(long first, long last) {
        Map.Entry<Long, Mapping> below = mappings.lowerEntry(first);
        Map.Entry<Long, Mapping> highest = mappings.floorEntry(last);
        boolean cutsBelow = below != null && below.getValue().last >= first;
        boolean cutsAbove = highest != null && highest.getValue().last > last;
        if (cutsBelow || cutsAbove) {
            return false;
        }
        Iterator<Long> inside =
                mappings.subMap(first, true, last, true).keySet().iterator();
        while (inside.hasNext()) {
            inside.next();
            inside.remove();
        }
        return true;
    }

    /**
     * What a virtual address stands for.
     *
     * @param flags that the access needs
     * @return physical address, or NOWHERE
     */
    long translate(long address, int flags) {
        if (bypass) {
            return address;
        }
        Map.Entry<Long, Mapping> entry = mappings.floorEntry(address);
        if (entry == null || address > entry.getValue().last || (flags & ~entry.getValue().flags) != 0) {
            return NOWHERE;
        }
        return entry.getValue().physical + (address - entry.getKey());
    }
}
