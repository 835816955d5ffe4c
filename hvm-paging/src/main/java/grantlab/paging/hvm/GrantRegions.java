package grantlab.paging.hvm;

import grantlab.api.memory.Page;
import java.util.Arrays;

/**
 * Where grants and foreign frames were ever placed, in regions of 2 MiB: the map is too sparse to be searched when the
 * domain dies. Regions are only added; asking for one that is known takes no lock.
 */
final class GrantRegions {
    /** Ascending, each once. Readers see whole arrays only: each is complete before it is published. */
    private volatile long[] regions = {};

    /** Remembers a place by its first guest frame. */
    void add(long gfn) {
        long region = gfn >>> Page.ORDER_2M;
        if (Arrays.binarySearch(regions, region) < 0) {
            addRegion(region);
        }
    }

    /** The regions known now. */
    long[] toArray() {
        return regions;
    }

    /** The first guest frame of a region. */
    static long firstFrame(long region) {
        return region << Page.ORDER_2M;
    }

    private synchronized void addRegion(long region) {
        long[] before = regions;
        int place = Arrays.binarySearch(before, region);
        if (place >= 0) {
            return; // somebody else has added it since
        }
        int lower = ~place;
        long[] more = Arrays.copyOf(before, before.length + 1);
        System.arraycopy(before, lower, more, lower + 1, before.length - lower);
        more[lower] = region;
        regions = more;
    }
}
