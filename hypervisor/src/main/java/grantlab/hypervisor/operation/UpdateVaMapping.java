package grantlab.hypervisor.operation;

import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** do_update_va_mapping: a PV guest changes the entry that maps an address. Flushes as with UVMF_INVLPG for all CPUs. */
@MachineScoped
public final class UpdateVaMapping {
    @Inject
    UpdateVaMapping() {}

    /**
     * Changes the entry.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long address, long entry) {
        return caller.domain().addressSpace().update(address, entry);
    }
}
