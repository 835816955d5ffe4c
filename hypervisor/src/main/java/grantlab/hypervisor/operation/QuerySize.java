package grantlab.hypervisor.operation;

import static grantlab.api.abi.QuerySize.DOM;
import static grantlab.api.abi.QuerySize.MAX_NR_FRAMES;
import static grantlab.api.abi.QuerySize.NR_FRAMES;
import static grantlab.api.abi.QuerySize.SIZE;
import static grantlab.api.abi.QuerySize.STATUS;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** GNTTABOP_query_size (xen-semantics 2.6): exactly one element. */
@MachineScoped
public final class QuerySize {
    private final Domains domains;

    @Inject
    QuerySize(Domains domains) {
        this.domains = domains;
    }

    /**
     * Answers.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long address, long count) {
        if (count != 1) {
            return -Errno.EINVAL;
        }
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, SIZE)) {
            return -Errno.EFAULT;
        }
        Domain domain = domains.findAny(arguments.u16(DOM), caller.domain());
        int status = Administration.of(caller, domain);
        if (domain != null && status == Status.OKAY) {
            arguments.set32(NR_FRAMES, domain.grantTable().sharedCount());
            arguments.set32(MAX_NR_FRAMES, domain.grantTable().maxFrames());
        }
        arguments.set16(STATUS, status);
        return arguments.writeBack(address, SIZE) ? 0 : -Errno.EFAULT;
    }
}
