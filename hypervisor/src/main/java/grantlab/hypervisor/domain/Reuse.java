package grantlab.hypervisor.domain;

import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * A frame that was somebody's becomes somebody else's. Whoever dropped it need not have flushed (Xen's PV mappings do not);
 * so all TLBs forget before the new owner uses it, as Xen does at allocation. Devices were made to forget it before it was free.
 */
@MachineScoped
public final class Reuse {
    private final Domains domains;

    @Inject
    Reuse(Domains domains) {
        this.domains = domains;
    }

    /** Call after an allocation, before the frame is used. Not on the path of map, unmap and copy. */
    public void frameAllocated() {
        for (Domain domain : domains.all()) {
            domain.addressSpace().flushTlbs();
        }
    }
}
