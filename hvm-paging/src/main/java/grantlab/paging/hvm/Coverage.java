package grantlab.paging.hvm;

import java.util.Arrays;

/**
 * What the guest's own page tables map, one to one: everything until the first range is given. An access elsewhere is a
 * page fault inside the guest, and the physical map is never asked.
 */
final class Coverage {
    static final Coverage EVERYTHING = new Coverage(new long[0]);

    /** One range that ends before it begins. */
    static final Coverage NOTHING = new Coverage(new long[] {-1, 0});

    /** First and last address of each range, both inside. */
    private final long[] bounds;

    private Coverage(long[] bounds) {
        this.bounds = bounds;
    }

    /** This and one more range; the first range instead of everything. */
    Coverage with(long firstAddress, long bytes) {
        long[] more = Arrays.copyOf(bounds, bounds.length + 2);
        more[bounds.length] = firstAddress;
        more[bounds.length + 1] = firstAddress + bytes - 1;
        return new Coverage(more);
    }

    boolean contains(long address) {
        if (bounds.length == 0) {
            return true;
        }
        for (int index = 0; index < bounds.length; index += 2) {
            if (Long.compareUnsigned(address, bounds[index]) >= 0
                    && Long.compareUnsigned(address, bounds[index + 1]) <= 0) {
                return true;
            }
        }
        return false;
    }
}
