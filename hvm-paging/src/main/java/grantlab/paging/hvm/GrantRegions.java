package grantlab.paging.hvm;

import grantlab.api.memory.Page;
import java.util.Arrays;

/**
 * Where grants and foreign frames were ever placed, in regions of 2 MiB: the map is too sparse to be searched when the
 * domain dies. Regions are only added; asking for one that is known takes no lock.
 */
final class GrantRegions {
    private static final long FREE = -1;
    private static final int FIRST_CAPACITY = 64;
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    /** Open addressing; a power of two, never more than half full. Slots change from FREE once. */
    private volatile long[] slots = emptySlots(FIRST_CAPACITY);

    private int known;

    /** Remembers a place by its first guest frame. */
    void add(long gfn) {
        long region = gfn >>> Page.ORDER_2M;
        if (!contains(slots, region)) {
            addRegion(region);
        }
    }

    /** The regions known now. */
    long[] toArray() {
        return Arrays.stream(slots).filter(region -> region != FREE).toArray();
    }

    /** The first guest frame of a region. */
    static long firstFrame(long region) {
        return region << Page.ORDER_2M;
    }

    private synchronized void addRegion(long region) {
        long[] current = slots;
        if (contains(current, region)) {
            return;
        }
        long[] target = emptySlots(known * 2 < current.length ? current.length : current.length * 2);
        for (long old : current) {
            if (old != FREE) {
                put(target, old);
            }
        }
        put(target, region);
        known++;
        slots = target;
    }

    /** Readers see whole arrays only: each is complete before it is published. */
    private static boolean contains(long[] slots, long region) {
        for (int index = indexOf(slots, region); slots[index] != FREE; index = index + 1 & slots.length - 1) {
            if (slots[index] == region) {
                return true;
            }
        }
        return false;
    }

    private static void put(long[] slots, long region) {
        int index = indexOf(slots, region);
        while (slots[index] != FREE) {
            index = index + 1 & slots.length - 1;
        }
        slots[index] = region;
    }

    private static int indexOf(long[] slots, long region) {
        return (int) ((region * SPREAD) >>> 32) & slots.length - 1;
    }

    private static long[] emptySlots(int capacity) {
        long[] slots = new long[capacity];
        Arrays.fill(slots, FREE);
        return slots;
    }
}
