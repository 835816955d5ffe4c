package grantlab.virtio.device;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import java.util.HashMap;
import java.util.Map;

/**
 * How a driver hands memory to its device: for one request, or, in mode POOL, a page when it is first used and from then on until all is
 * taken. By the thread of the driver's kernel.
 */
public final class Buffers {
    private static final int READ_WRITE = Access.READ | Access.WRITE;

    private final DriverSide side;
    private final boolean pool;

    /** In mode POOL: bus address by guest address, of whole pages. */
    private final Map<Long, Long> pooled = new HashMap<>();

    /**
     * Nothing is exposed yet.
     *
     * @param side of the driver
     * @param mode as driver and device agreed
     */
    public Buffers(DriverSide side, Endpoint.Mode mode) {
        this.side = side;
        this.pool = mode == Endpoint.Mode.POOL;
    }

    /**
     * Makes memory reachable for a request.
     *
     * @param address guest address of the first byte
     * @param length in bytes; the range does not cross a page
     * @param deviceWrites whether the device writes it, or reads
     * @return the bus address of the first byte, or {@link DriverSide#NONE} when the transport has no room
     */
    public long expose(long address, int length, boolean deviceWrites) {
        if (!pool) {
            return side.expose(address, length, deviceWrites ? READ_WRITE : Access.READ);
        }
        int offset = Page.offset(address);
        Long known = pooled.get(address - offset);
        if (known == null) {
            known = side.expose(address - offset, Page.SIZE, READ_WRITE);
            if (known == DriverSide.NONE) {
                return DriverSide.NONE;
            }
            pooled.put(address - offset, known);
        }
        return known + offset;
    }

    /**
     * The request is done. What is pooled stays exposed.
     *
     * @param busAddress from {@link #expose}
     * @param length as it was exposed
     * @return whether the device uses none of it any more, or may go on to
     */
    public boolean done(long busAddress, int length) {
        return pool || side.withdraw(busAddress, length) == 0;
    }

    /**
     * The request will never be done. What is pooled stays exposed until {@link #takeAll}.
     *
     * @param busAddress from {@link #expose}
     * @param length as it was exposed
     * @param byForce whether to take it from a device that does not let go
     * @return whether the device uses none of it any more, or it is pooled
     */
    public boolean take(long busAddress, int length, boolean byForce) {
        return pool || takeExposed(busAddress, length, byForce);
    }

    /**
     * Memory that was exposed by the driver itself, for as long as there is a device.
     *
     * @param busAddress from {@link DriverSide#expose}
     * @param length as it was exposed
     * @param byForce whether to take it from a device that does not let go
     * @return whether the device uses none of it any more
     */
    public boolean takeExposed(long busAddress, int length, boolean byForce) {
        return side.withdraw(busAddress, length) == 0 || (byForce && side.revoke(busAddress, length) == 0);
    }

    /**
     * Takes memory by force, in the midst of a request.
     *
     * @param address guest address of a whole page
     * @param busAddress from {@link #expose}
     * @return as {@link DriverSide#revoke}
     */
    public int revoke(long address, long busAddress) {
        int status = side.revoke(busAddress, Page.SIZE);
        if (status == 0) {
            pooled.remove(address);
        }
        return status;
    }

    /**
     * Takes what is pooled.
     *
     * @param byForce whether to take it from a device that does not let go
     * @return whether the device uses none of it any more
     */
    public boolean takeAll(boolean byForce) {
        boolean all = true;
        for (long busAddress : pooled.values()) {
            all &= takeExposed(busAddress, Page.SIZE, byForce);
        }
        pooled.clear();
        return all;
    }
}
