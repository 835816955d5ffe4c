package grantlab.virtio.queue;

import org.jspecify.annotations.Nullable;

/**
 * Room for indirect tables, one for each buffer that can be in flight (sections 2.7.5.3 and 2.8.7). The device reaches it all for
 * reading.
 */
public final class IndirectTables {
    /** Tables stand in pages of so many bytes. */
    public static final int PAGE_BYTES = 4096;

    private final long[] addresses;
    private final long[] busAddresses;
    private final int elements;
    private final int tablesOfPage;

    /**
     * Over pages.
     *
     * @param addresses of the pages, as the driver sees them
     * @param busAddresses of the same pages, as the device does
     * @param elements most in one table
     */
    public IndirectTables(long[] addresses, long[] busAddresses, int elements) {
        this.addresses = addresses.clone();
        this.busAddresses = busAddresses.clone();
        this.elements = elements;
        this.tablesOfPage = PAGE_BYTES / (elements * Descriptor.SIZE);
        if (addresses.length != busAddresses.length || tablesOfPage < 1) {
            throw new IllegalArgumentException(addresses.length + " and " + busAddresses.length
                    + " pages for tables of " + elements + " elements: as many, and at least one table in each");
        }
    }

    /**
     * How many pages hold tables for a whole queue.
     *
     * @param size of the queue
     * @param elements most in one table
     * @return pages of 4 KiB
     */
    public static int pages(int size, int elements) {
        int tablesOfPage = PAGE_BYTES / (elements * Descriptor.SIZE);
        return (size + tablesOfPage - 1) / tablesOfPage;
    }

    /** Whether a chain gains by one. */
    boolean suits(int count) {
        return count > 1 && count <= elements;
    }

    /** For as many buffers as the queue has entries. */
    static @Nullable IndirectTables enough(@Nullable IndirectTables tables, int size) {
        if (tables != null && tables.addresses.length * tables.tablesOfPage < size) {
            throw new IllegalArgumentException(
                    tables.addresses.length + " pages have no room for " + size + " indirect tables");
        }
        return tables;
    }

    long address(int n) {
        return addresses[n / tablesOfPage] + offset(n);
    }

    long busAddress(int n) {
        return busAddresses[n / tablesOfPage] + offset(n);
    }

    private long offset(int n) {
        return (long) (n % tablesOfPage) * elements * Descriptor.SIZE;
    }
}
