package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.Domctl;
import grantlab.api.abi.GnttabDomctl;
import grantlab.api.abi.GnttabPolicy;
import grantlab.api.abi.GnttabQuota;
import grantlab.api.abi.VdomidBind;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** The toolstack's calls of grants v3, each a domctl of the control domain (grant-v3.md, section 1). */
@MachineScoped
public final class ToolstackOperations {
    private final TreeFormats formats;
    private final Operation bind;
    private final Operation quota;
    private final Operation policy;

    /** What one call does with the struct in the caller's arguments. */
    @FunctionalInterface
    private interface Deed {
        int perform(Caller caller, GuestArguments arguments);
    }

    /** One call, and the size of its struct. */
    private record Operation(int size, Deed deed) {}

    @Inject
    ToolstackOperations(TreeFormats formats, BindVirtualDomid bind, SetQuota quota, SetPolicy policy) {
        this.formats = formats;
        this.bind = new Operation(VdomidBind.SIZE, bind::perform);
        this.quota = new Operation(GnttabQuota.SIZE, quota::perform);
        this.policy = new Operation(GnttabPolicy.SIZE, policy::perform);
    }

    /**
     * One call.
     *
     * @param address guest address of a xen_domctl
     * @return zero or a negated errno
     */
    public long call(Caller caller, long address) {
        if (!formats.installed()) {
            return -Errno.ENOSYS;
        }
        if (!caller.domain().config().privileged()) {
            return -Errno.EPERM;
        }
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, Domctl.PAYLOAD)) {
            return -Errno.EFAULT;
        }
        Operation operation = operation((int) arguments.u32(Domctl.CMD));
        return operation == null ? -Errno.ENOSYS : perform(caller, address + Domctl.PAYLOAD, operation);
    }

    private @Nullable Operation operation(int command) {
        return switch (command) {
            case GnttabDomctl.VDOMID_BIND -> bind;
            case GnttabDomctl.GNT_QUOTA -> quota;
            case GnttabDomctl.GNT_POLICY -> policy;
            default -> null;
        };
    }

    private static long perform(Caller caller, long payload, Operation operation) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(payload, operation.size())) {
            return -Errno.EFAULT;
        }
        int result = operation.deed().perform(caller, arguments);
        return result == 0 && !arguments.writeBack(payload, operation.size()) ? -Errno.EFAULT : result;
    }
}
