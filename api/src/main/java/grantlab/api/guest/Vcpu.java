package grantlab.api.guest;

/** One guest CPU as guest software sees it: loads, stores, hypercalls. What stops an access is the vector of a fault. */
public interface Vcpu extends GuestMemory {
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
     * What the last load or compare-exchange found.
     *
     * @return zero extended
     */
    @Override
    long value();

    /**
     * Error code of the last fault.
     *
     * @return as the guest sees it
     */
    int faultErrorCode();

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
     * Enters the hypervisor with four arguments.
     *
     * @param number one of {@link grantlab.api.abi.Hypercall}
     * @param a first argument register
     * @param b second
     * @param c third
     * @param d fourth
     * @return as the other
     */
    long hypercall(int number, long a, long b, long c, long d);

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
