package grantlab.virtio.transport;

import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.TransportCounts;
import java.lang.foreign.MemorySegment;

/** A device's side that takes turns with an IOMMU: while it is within an access nothing is taken away. */
final class LockedSide implements DeviceSide {
    private final MappingSide side;
    private final Object lock;

    LockedSide(MappingSide side, Object lock) {
        this.side = side;
        this.lock = lock;
    }

    @Override
    public int load(long address, int bytes) {
        synchronized (lock) {
            return side.load(address, bytes);
        }
    }

    @Override
    public long value() {
        return side.value();
    }

    @Override
    public int store(long address, int bytes, long value) {
        synchronized (lock) {
            return side.store(address, bytes, value);
        }
    }

    @Override
    public int loadBytes(long address, MemorySegment into, long at, int length) {
        synchronized (lock) {
            return side.loadBytes(address, into, at, length);
        }
    }

    @Override
    public int storeBytes(long address, MemorySegment from, long at, int length) {
        synchronized (lock) {
            return side.storeBytes(address, from, at, length);
        }
    }

    @Override
    public int keep(long busAddress, int length, int access) {
        synchronized (lock) {
            return side.keep(busAddress, length, access);
        }
    }

    @Override
    public void drop(long busAddress, int length) {
        synchronized (lock) {
            side.drop(busAddress, length);
        }
    }

    @Override
    public void release() {
        synchronized (lock) {
            side.release();
        }
    }

    @Override
    public void anticipate(long busAddress, long length, boolean writes) {
        synchronized (lock) {
            side.anticipate(busAddress, length, writes);
        }
    }

    @Override
    public void requestDone() {
        synchronized (lock) {
            side.requestDone();
        }
    }

    @Override
    public TransportCounts counts() {
        return side.counts();
    }

    @Override
    public void close() {
        synchronized (lock) {
            side.close();
        }
    }
}
