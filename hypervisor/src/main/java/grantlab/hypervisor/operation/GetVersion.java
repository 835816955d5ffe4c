package grantlab.hypervisor.operation;

import static grantlab.api.abi.GetVersion.DOM;
import static grantlab.api.abi.GetVersion.SIZE;
import static grantlab.api.abi.GetVersion.VERSION;

import grantlab.api.Errno;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** GNTTABOP_get_version (xen-semantics 2.6): no status field, count is ignored, nothing is written on failure. */
@MachineScoped
public final class GetVersion {
    private final Domains domains;

    @Inject
    GetVersion(Domains domains) {
        this.domains = domains;
    }

    /**
     * Answers.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, SIZE)) {
            return -Errno.EFAULT;
        }
        Domain domain = domains.findAny(arguments.u16(DOM), caller.domain());
        if (domain == null) {
            return -Errno.ESRCH;
        }
        if (!caller.mayAdminister(domain)) {
            return -Errno.EPERM;
        }
        int version = domain.grantTable().enter(caller.section()).format().version();
        return arguments.write32(address + VERSION, version) ? 0 : -Errno.EFAULT;
    }
}
