package grantlab.hypervisor.operation.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3SetAccess;
import grantlab.hypervisor.caller.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Operations that are specified, are not there, and are not announced: whatever is asked for is unsupported (ABI-7). */
@Singleton
public final class Unannounced {
    private static final StructForm SET_ACCESS = new StructForm(V3SetAccess.SIZE, V3SetAccess.STATUS, 0);

    @Inject
    Unannounced() {}

    /** v3_set_access. @return zero or a negated errno */
    public long setAccess(Caller caller, long address) {
        return SET_ACCESS.refuse(caller, address, Status.UNSUPPORTED);
    }
}
