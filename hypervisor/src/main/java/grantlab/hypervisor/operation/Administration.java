package grantlab.hypervisor.operation;

import grantlab.api.Status;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import org.jspecify.annotations.Nullable;

/** Who may look after whose table, without XSM (xen-semantics 0.4). */
final class Administration {
    private Administration() {}

    /** The status of a call about a domain that may not exist. */
    static int of(Caller caller, @Nullable Domain domain) {
        if (domain == null) {
            return Status.BAD_DOMAIN;
        }
        return caller.mayAdminister(domain) ? Status.OKAY : Status.PERMISSION_DENIED;
    }
}
