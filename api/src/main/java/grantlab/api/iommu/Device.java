package grantlab.api.iommu;

import java.lang.foreign.MemorySegment;

/**
 * A bus master: what it reads and writes goes through the device space that it is attached to, page after page. Each page is
 * translated, then moved; in between the access is <em>under way</em>, whatever becomes of the entry meanwhile, and {@link
 * DeviceSpace#drain} waits for it.
 *
 * <p>A fault stops an access at the start of a page: what was moved before stays moved. Every fault is recorded ({@link
 * DeviceSpace#faults}). Reads and writes of no bytes ask for the right and move nothing (grant-v3.md REVOKE-hw-1).
 *
 * <p>Used by one thread at a time; the devices of a space run in parallel with each other and with vCPUs. Bytes of one page move
 * in no order.
 */
public interface Device {
    /**
     * Which of its space's devices it is, for faults.
     *
     * @return the first one attached is 0
     */
    int number();

    /**
     * The device reads memory.
     *
     * @param deviceAddress any 64-bit number
     * @param into filled entirely, unless a fault stops it
     * @return zero, or a reason of {@link DeviceFault}
     */
    int read(long deviceAddress, MemorySegment into);

    /**
     * The device writes memory.
     *
     * @param deviceAddress any 64-bit number
     * @param from written entirely, unless a fault stops it
     * @return zero, or a reason of {@link DeviceFault}
     */
    int write(long deviceAddress, MemorySegment from);

    /**
     * An atomic of the bus: needs both rights.
     *
     * @param deviceAddress aligned to the size
     * @param bytes 4 or 8
     * @param expected what must be there
     * @param value what shall be there
     * @return zero, and {@link #witness} has what was there; or a reason of {@link DeviceFault}
     * @throws IllegalArgumentException when there is no such size, or the address is not aligned to it
     * @throws IllegalStateException while an access is under way
     */
    int compareAndExchange(long deviceAddress, int bytes, long expected, long value);

    /**
     * What the last {@link #compareAndExchange} that was no fault found: the exchange happened iff it equals what was expected.
     *
     * @return the value, zero extended
     */
    long witness();

    /**
     * The first half of an access that takes its time: the request is translated and is under way until {@link #finish}. A device
     * that never finishes is one that hangs.
     *
     * @param deviceAddress any 64-bit number
     * @param access READ for a read of memory, WRITE for a write
     * @return zero, or a reason of {@link DeviceFault}: then nothing is under way
     * @throws IllegalStateException while an access is under way already
     * @throws IllegalArgumentException when the access is neither
     */
    int begin(long deviceAddress, int access);

    /**
     * The second half.
     *
     * @param bytes what to read into or write from; they end in the page in which the access began
     * @return zero; or {@link DeviceFault#BLOCKED}: the device was cut off meanwhile, and nothing was moved
     * @throws IllegalStateException when no access is under way
     * @throws IllegalArgumentException when they do not end there; the access is under way still
     */
    int finish(MemorySegment bytes);

    /**
     * Whether it was cut off. All that it does from then on is refused. Any thread.
     *
     * @return true once detached, or when it had not drained in time
     */
    boolean blocked();
}
