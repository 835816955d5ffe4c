package grantlab.virtio.device;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.TransportCounts;
import grantlab.virtio.queue.FlatMemory;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Two guests in one memory, and a transport that knows page by page what is exposed. A bus address is no guest address. */
final class FlatTransport {
    static final long BUS = 1L << 40;
    private static final int PAGES = 64;

    final FlatMemory memory = new FlatMemory(PAGES * Page.SIZE);
    final Guest vcpu = new Guest();
    final FlatKernel kernel = new FlatKernel(vcpu);

    /** By page of the bus: with what access. */
    final Map<Long, Integer> exposed = new ConcurrentHashMap<>();

    /** Parts of queues that the device keeps. */
    final AtomicInteger kept = new AtomicInteger();

    /** Accesses of the device to what was not exposed, or not for that. */
    final AtomicInteger refused = new AtomicInteger();

    final DriverSide driverSide = new Driver();
    final DeviceSide deviceSide = new Device();

    FlatTransport() {
        for (long page = 1; page < PAGES; page++) {
            kernel.freePages.add(Page.address(page));
        }
    }

    /** The driver's CPU. */
    final class Guest extends FlatMemory.View implements Vcpu {
        Guest() {
            memory.super();
        }

        @Override
        public int domid() {
            return 1;
        }

        @Override
        public int number() {
            return 0;
        }

        @Override
        public boolean running() {
            return true;
        }

        @Override
        public int faultErrorCode() {
            return 0;
        }

        @Override
        public int compareAndExchange(long address, int bytes, long expected, long replacement) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long hypercall(int number, long a, long b, long c) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long hypercall(int number, long a, long b, long c, long d) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long notifications(int port) {
            return 0;
        }

        @Override
        public void flushTlb() {
            throw new UnsupportedOperationException();
        }
    }

    private final class Driver implements DriverSide {
        @Override
        public long expose(long address, int length, int access) {
            exposed.put(Page.frame(BUS + address), access);
            return BUS + address;
        }

        @Override
        public int withdraw(long busAddress, int length) {
            exposed.remove(Page.frame(busAddress));
            return Status.OKAY;
        }

        @Override
        public int revoke(long busAddress, int length) {
            return withdraw(busAddress, length);
        }

        @Override
        public TransportCounts counts() {
            return new TransportCounts();
        }

        @Override
        public void close() {
            exposed.clear();
        }
    }

    private final class Device extends FlatMemory.View implements DeviceSide {
        Device() {
            memory.super();
        }

        private int judge(long busAddress, int access) {
            Integer granted = exposed.get(Page.frame(busAddress));
            if (granted == null || (access & ~granted) != 0) {
                refused.incrementAndGet();
                return Status.BAD_GNTREF;
            }
            return Status.OKAY;
        }

        @Override
        public int load(long busAddress, int bytes) {
            int status = judge(busAddress, Access.READ);
            return status != 0 ? status : super.load(busAddress - BUS, bytes);
        }

        @Override
        public int store(long busAddress, int bytes, long value) {
            int status = judge(busAddress, Access.WRITE);
            return status != 0 ? status : super.store(busAddress - BUS, bytes, value);
        }

        @Override
        public int loadBytes(long busAddress, MemorySegment into, long at, int length) {
            return super.loadBytes(busAddress, into, at, length);
        }

        @Override
        public int keep(long busAddress, int length, int access) {
            int status = judge(busAddress, access);
            if (status == 0) {
                kept.incrementAndGet();
            }
            return status;
        }

        @Override
        public void drop(long busAddress, int length) {
            kept.decrementAndGet();
        }

        @Override
        public void release() {
            kept.set(0);
        }

        @Override
        public void requestDone() {}

        @Override
        public TransportCounts counts() {
            return new TransportCounts();
        }

        @Override
        public void close() {}
    }
}
