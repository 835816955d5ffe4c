package grantlab.hypervisor.revocation;

import grantlab.api.Ground;
import grantlab.api.abi.Domid;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * The page of zeros that stands in for what a grantee could only read (grant-v3.md, 8.1, ZERO): one for all, the hypervisor's own, so
 * that no entry of a guest's may ever be writable. It comes into being with the first mapping that may need it, since a revocation takes no
 * memory.
 */
@MachineScoped
public final class ZeroPage {
    private final FrameTable frames;
    private volatile long frame = FrameTable.NONE;

    @Inject
    ZeroPage(Ground ground) {
        this.frames = ground.frames();
    }

    /**
     * Whether it is there, or comes into being.
     *
     * @return false: there is no memory for it
     */
    public boolean isReady() {
        return frame != FrameTable.NONE || create();
    }

    private synchronized boolean create() {
        if (frame == FrameTable.NONE) {
            frames.admit(Domid.XEN, false);
            frame = frames.allocateZeroed(Domid.XEN, Page.ORDER_4K);
        }
        return frame != FrameTable.NONE;
    }

    /** Its machine frame, of {@link Domid#XEN}, once it is ready. */
    public long frame() {
        return frame;
    }
}
