package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.GnttabQuota;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Trees;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** gnt_quota (grant-v3.md, section 6): what a domain may cost the hypervisor, and what one granter's trees may cost it. */
@MachineScoped
final class SetQuota {
    private final Domains domains;

    @Inject
    SetQuota(Domains domains) {
        this.domains = domains;
    }

    /** Sets. @return zero or a negated errno */
    int perform(Caller caller, GuestArguments arguments) {
        long pages = arguments.u64(GnttabQuota.PAGES);
        int trees = arguments.u16(GnttabQuota.TREES);
        long share = arguments.u32(GnttabQuota.SHARE);
        if (pages < 0 || pages > Integer.MAX_VALUE || trees > Trees.MOST) {
            return -Errno.EINVAL;
        }
        Domain domain = domains.find(arguments.u16(GnttabQuota.DOMID));
        if (domain == null) {
            return -Errno.ESRCH;
        }
        domain.books().pool().setQuota((int) pages);
        domain.books().setUsualShare(share == 0 ? Books.UNSHARED : (int) Math.min(share, Books.UNSHARED));
        domain.trees().setQuota(trees == 0 ? Trees.USUAL_QUOTA : trees);
        return 0;
    }
}
