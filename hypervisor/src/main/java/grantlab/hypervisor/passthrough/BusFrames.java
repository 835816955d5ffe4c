package grantlab.hypervisor.passthrough;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.FrameWatcher;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;

/**
 * What the devices of a domain that knows machine frames (PV) reach: each frame at its own number.
 *
 * <p>The domain's own memory they reach from its birth on, read and write, but for page tables: a frame loses its entry when it
 * becomes one, before it is validated, and has it again when it is next used as writable (XSA-288). Frames of others they reach as
 * long as a grant is mapped, once for each handle (xen-semantics 3.10).
 */
public final class BusFrames implements FrameWatcher, MapWatcher {
    private static final int OWN = Access.READ | Access.WRITE;

    private final DeviceSpace space;
    private final Invalidations invalidations;
    private volatile boolean ended;

    BusFrames(DeviceSpace space, Invalidations invalidations) {
        this.space = space;
        this.invalidations = invalidations;
    }

    // The domain's own memory

    @Override
    public void gained(long mfn, int order) {
        for (long frame = mfn; frame < mfn + (1L << order) && !ended; frame++) {
            enter(frame, OWN);
        }
    }

    @Override
    public boolean typed(long mfn, int type) {
        boolean reached = space.entry(mfn) != DeviceSpace.NO_ENTRY;
        if (type != FrameTable.TYPE_WRITABLE) {
            if (reached) {
                leave(mfn, OWN);
                invalidations.drain();
            }
            return true;
        }
        return reached || ended || enter(mfn, OWN);
    }

    @Override
    public void lost(long mfn) {
        if (space.entry(mfn) != DeviceSpace.NO_ENTRY) {
            leave(mfn, OWN);
        }
    }

    // Frames of others

    /**
     * A grant of another domain's frame is mapped.
     *
     * @param mfn the frame, under a reference and, to be written, a writable type
     * @param access READ or READ | WRITE
     * @return zero or GENERAL_ERROR
     */
    public int map(long mfn, int access) {
        return enter(mfn, access & OWN) ? Status.OKAY : Status.GENERAL_ERROR;
    }

    /**
     * A grant is mapped no more. Devices may reach the frame until the next flush of the domain's address space.
     *
     * @param mfn the frame
     * @param access as it was mapped
     */
    public void unmap(long mfn, int access) {
        leave(mfn, access & OWN);
    }

    /**
     * A grant that is mapped for writing is mapped for reading from now on. Devices may write until the next flush of the domain's
     * address space.
     *
     * @param mfn the frame
     */
    public void downgrade(long mfn) {
        changed(mfn, space.downgrade(mfn, mfn, Page.ORDER_4K));
    }

    private boolean enter(long mfn, int access) {
        int status = space.map(mfn, mfn, Page.ORDER_4K, access);
        if (status == Status.MODIFIED) {
            // Who remembers that it may only be read would be refused to write.
            invalidations.queue(mfn, Page.ORDER_4K);
            invalidations.drain();
        }
        return status >= Status.OKAY;
    }

    private void leave(long mfn, int access) {
        changed(mfn, space.unmap(mfn, mfn, Page.ORDER_4K, access));
    }

    private void changed(long mfn, int status) {
        if (status == Status.MODIFIED) {
            invalidations.queue(mfn, Page.ORDER_4K);
        } else if (status != Status.OKAY && !ended) {
            throw new IllegalStateException(
                    "frame 0x%x is taken from devices more often than it was given to them: %d".formatted(mfn, status));
        }
    }

    // Following the map, which has no entries that could change

    @Override
    public void changed(long gfn, int order, boolean first) {
        throw new IllegalStateException("a map whose numbers are machine frames has changed at 0x%x".formatted(gfn));
    }

    @Override
    public void forget() {
        invalidations.drain();
    }

    /** The domain dies, and its devices are gone. */
    void end() {
        ended = true;
    }
}
