package grantlab.virtio.transport;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.TransportCounts;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device's side that maps what was granted, a page at a time, when it is first used, and for writing only when it is written; or,
 * in mode COPY, has the hypervisor copy all but the queues. The hypervisor asks the table at each map and copy, so that nothing is
 * reached that is not granted then; what is mapped is reached until it is unmapped or taken back.
 */
final class MappingSide implements DeviceSide {
    private final Vcpu vcpu;
    private final GuestKernel kernel;
    private final DriverPages pages;
    private final Endpoint.Mode mode;
    private final TransportCounts counts = new TransportCounts();
    private final Windows windows;

    /** What the request used and no queue keeps. */
    private final List<Window> inRequest = new ArrayList<>();

    /** Guest address of a page between a grant and whoever copies; in mode COPY. */
    private final long between;

    private long value;

    MappingSide(GuestKernel kernel, DriverPages pages, Endpoint.Mode mode) {
        this.vcpu = kernel.vcpu();
        this.kernel = kernel;
        this.pages = pages;
        this.mode = mode;
        this.windows = new Windows(kernel, pages, counts);
        this.between = mode == Endpoint.Mode.COPY ? kernel.allocatePages(Page.ORDER_4K) : 0;
        if (between < 0) {
            throw new IllegalStateException("domain " + vcpu.domid() + " has no page to copy through");
        }
    }

    private long index(long busAddress) {
        return pages.index(busAddress);
    }

    // One page at a time

    private static int within(long busAddress, int length) {
        return Math.min(length, Page.SIZE - Page.offset(busAddress));
    }

    private boolean copies(long index, boolean writes) {
        return mode == Endpoint.Mode.COPY && windows.find(index, writes) == null;
    }

    private @Nullable Window window(long index, boolean writes) {
        Window window = windows.find(index, writes);
        if (window == null && windows.added() > 0) {
            openAnticipated();
            window = windows.find(index, writes);
        }
        if (window == null) {
            window = windows.open(index, writes);
        }
        use(window);
        return window;
    }

    private void use(@Nullable Window window) {
        if (window != null && window.kept == 0 && !window.inRequest) {
            window.inRequest = true;
            inRequest.add(window);
        }
    }

    private void openAnticipated() {
        int count = windows.openAdded();
        for (int n = 0; n < count; n++) {
            use(windows.opened(n));
        }
    }

    /** As much as goes into one call; what cannot be mapped is told to who uses it. */
    @Override
    public void anticipate(long busAddress, long length, boolean writes) {
        if (mode == Endpoint.Mode.COPY) {
            return;
        }
        for (long done = 0; done < length && !windows.full(); ) {
            long index = index(busAddress + done);
            if (index < 0) {
                return;
            }
            boolean known = windows.find(index, writes) != null || windows.isAdded(index, writes);
            if (!known && !windows.add(index, writes)) {
                return;
            }
            done += Page.SIZE - Page.offset(busAddress + done);
        }
    }

    /** A window that faults shows nothing any more: the page was taken back. */
    private static int reached(int fault) {
        return fault == 0 ? Status.OKAY : Status.REVOKED;
    }

    private int copyIn(long index, int offset, int length) {
        countCopy(length);
        return pages.copyFrom(index, offset, between, length);
    }

    private int copyOut(long index, int offset, int length) {
        countCopy(length);
        return pages.copyTo(index, offset, between, length);
    }

    private void countCopy(int length) {
        counts.hypercalls++;
        counts.exits++;
        counts.bytesCopied += length;
    }

    // Words

    @Override
    public int load(long busAddress, int bytes) {
        if (within(busAddress, bytes) < bytes) {
            return loadAcross(busAddress, bytes);
        }
        long index = index(busAddress);
        if (index < 0) {
            return Status.BAD_GNTREF;
        }
        int offset = Page.offset(busAddress);
        if (copies(index, false)) {
            int status = copyIn(index, offset, bytes);
            return status != Status.OKAY ? status : loaded(between, bytes);
        }
        Window window = window(index, false);
        return window == null ? windows.status() : loaded(window.mapping.address + offset, bytes);
    }

    private int loaded(long address, int bytes) {
        int fault = vcpu.load(address, bytes);
        value = vcpu.value();
        return reached(fault);
    }

    private int loadAcross(long busAddress, int bytes) {
        long found = 0;
        for (int n = 0; n < bytes; n++) {
            int status = load(busAddress + n, 1);
            if (status != Status.OKAY) {
                return status;
            }
            found |= value << (n * Byte.SIZE);
        }
        value = found;
        return Status.OKAY;
    }

    @Override
    public long value() {
        return value;
    }

    @Override
    public int store(long busAddress, int bytes, long stored) {
        if (within(busAddress, bytes) < bytes) {
            return storeAcross(busAddress, bytes, stored);
        }
        long index = index(busAddress);
        if (index < 0) {
            return Status.BAD_GNTREF;
        }
        int offset = Page.offset(busAddress);
        if (copies(index, true)) {
            int fault = vcpu.store(between, bytes, stored);
            return fault != 0 ? reached(fault) : copyOut(index, offset, bytes);
        }
        Window window = window(index, true);
        return window == null ? windows.status() : reached(vcpu.store(window.mapping.address + offset, bytes, stored));
    }

    private int storeAcross(long busAddress, int bytes, long stored) {
        for (int n = 0; n < bytes; n++) {
            int status = store(busAddress + n, 1, (stored >>> (n * Byte.SIZE)) & 0xff);
            if (status != Status.OKAY) {
                return status;
            }
        }
        return Status.OKAY;
    }

    // Bytes

    @Override
    public int loadBytes(long busAddress, MemorySegment into, long at, int length) {
        int done = 0;
        while (done < length) {
            int part = within(busAddress + done, length - done);
            int status = loadPart(busAddress + done, into, at + done, part);
            if (status != Status.OKAY) {
                return status;
            }
            done += part;
        }
        return Status.OKAY;
    }

    private int loadPart(long busAddress, MemorySegment into, long at, int length) {
        long index = index(busAddress);
        if (index < 0) {
            return Status.BAD_GNTREF;
        }
        int offset = Page.offset(busAddress);
        if (copies(index, false)) {
            int status = copyIn(index, offset, length);
            return status != Status.OKAY ? status : reached(vcpu.loadBytes(between, into, at, length));
        }
        Window window = window(index, false);
        return window == null
                ? windows.status()
                : reached(vcpu.loadBytes(window.mapping.address + offset, into, at, length));
    }

    @Override
    public int storeBytes(long busAddress, MemorySegment from, long at, int length) {
        int done = 0;
        while (done < length) {
            int part = within(busAddress + done, length - done);
            int status = storePart(busAddress + done, from, at + done, part);
            if (status != Status.OKAY) {
                return status;
            }
            done += part;
        }
        return Status.OKAY;
    }

    private int storePart(long busAddress, MemorySegment from, long at, int length) {
        long index = index(busAddress);
        if (index < 0) {
            return Status.BAD_GNTREF;
        }
        int offset = Page.offset(busAddress);
        if (copies(index, true)) {
            int fault = vcpu.storeBytes(between, from, at, length);
            return fault != 0 ? reached(fault) : copyOut(index, offset, length);
        }
        Window window = window(index, true);
        return window == null
                ? windows.status()
                : reached(vcpu.storeBytes(window.mapping.address + offset, from, at, length));
    }

    // Keeping and letting go

    @Override
    public int keep(long busAddress, int length, int access) {
        boolean writes = Access.writes(access);
        for (int done = 0; done < length; ) {
            int status = keepPage(busAddress + done, writes);
            if (status != Status.OKAY) {
                drop(busAddress, done);
                return status;
            }
            done += within(busAddress + done, length - done);
        }
        return Status.OKAY;
    }

    private int keepPage(long busAddress, boolean writes) {
        long index = index(busAddress);
        if (index < 0) {
            return Status.BAD_GNTREF;
        }
        windows.forgetAdded();
        Window window = windows.find(index, writes);
        if (window == null) {
            window = windows.open(index, writes);
        }
        if (window == null) {
            return windows.status();
        }
        window.kept++;
        return Status.OKAY;
    }

    @Override
    public void drop(long busAddress, int length) {
        for (int done = 0; done < length; ) {
            long index = index(busAddress + done);
            Window window = windows.kept(index);
            if (window != null) {
                drop(window);
            } else if (!pages.takenAway()) {
                throw new IllegalArgumentException("index " + index + " is not kept");
            }
            done += within(busAddress + done, length - done);
        }
    }

    private void drop(Window window) {
        window.kept--;
        if (window.kept == 0 && !window.inRequest) {
            windows.close(window);
        }
    }

    /** Pages were taken away: whatever has them, it reaches them no more. */
    void forget(long firstIndex, long lastIndex) {
        windows.forgetAdded();
        Window window = windows.within(firstIndex, lastIndex);
        while (window != null) {
            inRequest.remove(window);
            windows.closeLater(window);
            window = windows.within(firstIndex, lastIndex);
        }
        windows.closeNow();
    }

    @Override
    public void requestDone() {
        windows.forgetAdded();
        for (int n = inRequest.size() - 1; n >= 0; n--) {
            Window window = inRequest.remove(n);
            window.inRequest = false;
            if (mode != Endpoint.Mode.POOL && window.kept == 0) {
                windows.closeLater(window);
            }
        }
        windows.closeNow();
    }

    @Override
    public void release() {
        inRequest.clear();
        windows.forgetAdded();
        windows.closeAll();
    }

    @Override
    public TransportCounts counts() {
        return counts;
    }

    @Override
    public void close() {
        release();
        if (mode == Endpoint.Mode.COPY) {
            kernel.freePages(between, Page.ORDER_4K);
        }
    }
}
