package grantlab.hypervisor.operation.tree;

import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.tree.TakenPlaces;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * What becomes of an access of a grantee to a page that was taken from it with FAULT (grant-v3.md, 8.4): its ring is told, and in the
 * mode INJECT its CPU gets an exception. A PV guest has the page fault of its own empty entry in any mode. An HVM guest, whose own tables
 * say that the page is there, gets a general protection fault: a kernel that takes a page fault for settled would try again for ever.
 */
@MachineScoped
public final class FaultDelivery {
    private static final int GENERAL_PROTECTION = 13;

    private final Notices notices;

    @Inject
    FaultDelivery(Notices notices) {
        this.notices = notices;
    }

    /**
     * A vCPU came to an address at which nothing stands.
     *
     * @param caller the vCPU, in its section
     * @param address as the guest says it
     * @param write whether it would write
     * @return the vector of an exception, or 0: what an access to an empty place gives
     */
    public int met(Caller caller, long address, boolean write) {
        Domain grantee = caller.domain();
        TakenPlaces places = grantee.books().takenPlaces();
        if (places.isEmpty()) {
            return 0;
        }
        boolean translated = grantee.translated();
        long place = translated ? Page.frame(address) : grantee.addressSpace().entryAddress(address);
        TakenPlaces.Loss loss = places.met(place);
        if (loss == null) {
            return 0;
        }
        if (loss.told()) {
            notices.faulted(caller.outbox, grantee, loss, Page.frame(address), caller.vcpu(), write);
        }
        return translated && grantee.books().injects() ? GENERAL_PROTECTION : 0;
    }
}
