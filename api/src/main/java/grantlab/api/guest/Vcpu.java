package grantlab.api.guest;

import java.lang.foreign.MemorySegment;

/** One guest CPU as guest software sees it: loads, stores, hypercalls. One thread at a time. */
public interface Vcpu {
    /** {@link #hypercall}: Xen crashed the domain in this call; it runs no more. */
    long CRASHED = Long.MIN_VALUE;

    /**
     * The domain that it belongs to.
     *
     * @return its domid
     */
    int domid();

    /**
     * Its number within the domain.
     *
     * @return 0, 1, ...
     */
    int number();

    /**
     * Whether its domain still runs.
     *
     * @return false after a crash or the beginning of its destruction
     */
    boolean running();

    /**
     * Loads 1, 2, 4 or 8 bytes at any alignment.
     *
     * @param address guest address
     * @param bytes how many
     * @return zero, and the value in {@link #value()}; or the fault's vector
     */
    int load(long address, int bytes);

    /**
     * What the last load or compare-exchange found.
     *
     * @return zero extended
     */
    long value();

    /**
     * Error code of the last fault.
     *
     * @return as the guest sees it
     */
    int faultErrorCode();

    /**
     * Stores 1, 2, 4 or 8 bytes at any alignment.
     *
     * @param address guest address
     * @param bytes how many
     * @param value its low bytes
     * @return zero, or the fault's vector
     */
    int store(long address, int bytes, long value);

    /**
     * A locked compare-exchange.
     *
     * @param address guest address, aligned
     * @param bytes 4 or 8
     * @param expected what must be there
     * @param replacement what shall be there
     * @return zero, and the witness in {@link #value()}; or the fault's vector
     */
    int compareAndExchange(long address, int bytes, long expected, long replacement);

    /**
     * Enters the hypervisor.
     *
     * @param number one of {@link grantlab.api.abi.Hypercall}
     * @param a first argument register
     * @param b second
     * @param c third
     * @return the result register: zero or a count, or a negated errno; or {@link #CRASHED}
     */
    long hypercall(int number, long a, long b, long c);

    /**
     * Loads bytes.
     *
     * @param address guest address
     * @param into filled entirely, unless a fault stops it
     * @return zero, or the fault's vector
     */
    int loadBytes(long address, MemorySegment into);

    /**
     * Stores bytes.
     *
     * @param address guest address
     * @param from stored entirely, unless a fault stops it
     * @return zero, or the fault's vector
     */
    int storeBytes(long address, MemorySegment from);

    /**
     * How often an event channel of the domain was notified: what an interrupt handler would have counted.
     *
     * @param port any number
     * @return a count that only grows; zero where the port is none
     */
    long notifications(int port);

    /** The guest flushes its own TLB (MMUEXT_TLB_FLUSH_LOCAL, or a write to CR3). */
    void flushTlb();
}
