package grantlab.api.transport;

/** A driver's hand on a transport: memory of its guest becomes reachable by a bus address, and private again. */
public interface DriverSide extends AutoCloseable {
    /** No bus address: nothing was exposed. Address 0 is never one either. */
    long NONE = -1;

    /**
     * Makes memory reachable for the device. What a page of it shows beside the buffer is the transport's: one that is made of
     * pages shows whole ones.
     *
     * @param address guest address of the first byte
     * @param length in bytes, at least 1; the range does not cross a page
     * @param access READ: the device reads; READ | WRITE: it writes
     * @return the bus address of the first byte, or {@link #NONE} when the transport has no room
     */
    long expose(long address, int length, int access);

    /**
     * Makes memory private again. When it answers zero the device reaches it no more; with a transport that declares {@link
     * grantlab.api.Capability#LAZY_WITHDRAWAL} it does so for a while.
     *
     * @param busAddress from {@link #expose}
     * @param length as it was exposed
     * @return zero; {@link grantlab.api.Status#EAGAIN} when the device still uses it, and nothing happened; or another status
     */
    int withdraw(long busAddress, int length);

    /**
     * Takes memory back from a device that does not let go of it. When it answers zero the device reaches it no more; what the device
     * still has of it besides stays as it is until it lets go.
     *
     * @param busAddress from {@link #expose}, not withdrawn
     * @param length as it was exposed
     * @return zero; {@link grantlab.api.Status#UNSUPPORTED} where the transport has no way to; or another status, and nothing happened
     */
    int revoke(long busAddress, int length);

    /**
     * What it took so far.
     *
     * @return always the same object, by the same thread
     */
    TransportCounts counts();

    /** Withdraws what can be withdrawn, and gives back what the transport itself needed. */
    @Override
    void close();
}
