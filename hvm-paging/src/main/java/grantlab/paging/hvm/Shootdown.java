package grantlab.paging.hvm;

import grantlab.api.memory.MapWatcher;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The TLBs of all vCPUs of an address space, and how all of them are made to forget; and devices with them. */
final class Shootdown {
    private final @Nullable MapWatcher watcher;
    private volatile VcpuTlb[] tlbs = {};

    /** @param watcher who follows the physical map and has to forget with the TLBs */
    Shootdown(@Nullable MapWatcher watcher) {
        this.watcher = watcher;
    }

    synchronized VcpuTlb attach() {
        VcpuTlb[] old = tlbs;
        VcpuTlb[] grown = Arrays.copyOf(old, old.length + 1);
        VcpuTlb tlb = new VcpuTlb();
        grown[old.length] = tlb;
        tlbs = grown;
        return tlb;
    }

    synchronized void detach(VcpuTlb leaving) {
        tlbs = Arrays.stream(tlbs).filter(tlb -> tlb != leaving).toArray(VcpuTlb[]::new);
    }

    /** Whether a TLB leads to a frame. */
    boolean remembers(long mfn) {
        for (VcpuTlb tlb : tlbs) {
            if (tlb.leadsTo(mfn)) {
                return true;
            }
        }
        return false;
    }

    /** No access that begins later, and none that is still under way on return, uses an old line. */
    void flushAll() {
        flushTlbs();
        if (watcher != null) {
            watcher.forget();
        }
    }

    /** The same, of vCPUs alone. */
    void flushTlbs() {
        VcpuTlb[] all = tlbs;
        for (VcpuTlb tlb : all) {
            tlb.condemn();
        }
        for (VcpuTlb tlb : all) {
            tlb.awaitAccess();
        }
    }
}
