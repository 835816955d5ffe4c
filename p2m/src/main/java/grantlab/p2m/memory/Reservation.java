package grantlab.p2m.memory;

import java.lang.foreign.MemorySegment;

/**
 * Bytes outside of the Java heap, zero at first, of which the operating system spends memory on what is touched. ({@code Arena.allocate}
 * would write zeroes everywhere first.)
 */
interface Reservation extends AutoCloseable {
    /**
     * The bytes themselves.
     *
     * @return until it is closed
     */
    MemorySegment bytes();

    /** No load or store is under way any more. */
    @Override
    void close();
}
