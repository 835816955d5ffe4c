package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.Domid;
import grantlab.api.abi.VdomidBind;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.vdomid.VirtualDomids;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** vdomid_bind (grant-v3.md, section 11): whom a domain's own number for others stands for. */
@MachineScoped
final class BindVirtualDomid {
    private static final int KNOWN_FLAGS = VdomidBind.AUTO_RESUME | VdomidBind.FORCE;

    private final Domains domains;
    private final Bindings bindings;

    @Inject
    BindVirtualDomid(Domains domains, Bindings bindings) {
        this.domains = domains;
        this.bindings = bindings;
    }

    /** Binds or unbinds. @return zero or a negated errno */
    int perform(Caller caller, GuestArguments arguments) {
        int virtual = arguments.u16(VdomidBind.VDOMID);
        int flags = arguments.u16(VdomidBind.FLAGS);
        boolean clean = arguments.u32(VdomidBind.ZERO_12) == 0 && arguments.u64(VdomidBind.ZERO_16) == 0;
        if (!clean || (flags & ~KNOWN_FLAGS) != 0 || !VirtualDomids.isVirtual(virtual)) {
            return -Errno.EINVAL;
        }
        Domain owner = domains.find(arguments.u16(VdomidBind.OWNER));
        if (owner == null) {
            return -Errno.ESRCH;
        }
        int named = arguments.u16(VdomidBind.REAL);
        int real = named == Domid.INVALID ? VirtualDomids.NOBODY : named;
        boolean autoResume = (flags & VdomidBind.AUTO_RESUME) != 0;
        boolean force = (flags & VdomidBind.FORCE) != 0;
        int result = caller.outside(() -> bindings.bind(owner, virtual, real, autoResume, force));
        if (result == 0) {
            arguments.set32(
                    VdomidBind.EPOCH, owner.virtualDomids().find(virtual).epoch());
        }
        return result;
    }
}
