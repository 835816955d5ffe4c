package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.GnttabPolicy;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** gnt_policy (grant-v3.md, section 8): what a domain's mappings by operation 0 accept. */
@MachineScoped
final class SetPolicy {
    private final Domains domains;

    @Inject
    SetPolicy(Domains domains) {
        this.domains = domains;
    }

    /** Sets. @return zero or a negated errno */
    int perform(Caller caller, GuestArguments arguments) {
        boolean clean = arguments.u16(GnttabPolicy.ZERO_2) == 0 && arguments.u64(GnttabPolicy.ZERO_8) == 0;
        int fates = (int) arguments.u32(GnttabPolicy.FATES);
        if (!clean || (fates & ~Announced.LEGACY_FATES) != 0) {
            return -Errno.EINVAL;
        }
        Domain domain = domains.find(arguments.u16(GnttabPolicy.DOMID));
        if (domain == null) {
            return -Errno.ESRCH;
        }
        domain.books().setLegacyFates(fates);
        return 0;
    }
}
