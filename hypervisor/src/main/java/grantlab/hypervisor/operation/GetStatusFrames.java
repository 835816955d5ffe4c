package grantlab.hypervisor.operation;

import static grantlab.api.abi.GetStatusFrames.DOM;
import static grantlab.api.abi.GetStatusFrames.FRAME_LIST;
import static grantlab.api.abi.GetStatusFrames.NR_FRAMES;
import static grantlab.api.abi.GetStatusFrames.SIZE;
import static grantlab.api.abi.GetStatusFrames.STATUS;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** GNTTABOP_get_status_frames (xen-semantics 2.10): tells, and never grows anything. */
@MachineScoped
public final class GetStatusFrames {
    private final Domains domains;

    @Inject
    GetStatusFrames(Domains domains) {
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
        long wanted = arguments.u32(NR_FRAMES);
        long list = arguments.u64(FRAME_LIST);
        if (!caller.domain().addressSpace().mayHoldArguments(list, wanted * Long.BYTES)) {
            return -Errno.EFAULT;
        }
        int status = list(caller, domains.findAny(arguments.u16(DOM), caller.domain()), wanted, list);
        return arguments.write16(address + STATUS, Answers.checked(status)) ? 0 : -Errno.EFAULT;
    }

    private static int list(Caller caller, @Nullable Domain domain, long wanted, long list) {
        int status = Administration.of(caller, domain);
        if (domain == null || status != Status.OKAY) {
            return status;
        }
        DomainTable table = domain.grantTable();
        if (wanted > table.statusCount()) {
            return Status.GENERAL_ERROR;
        }
        return FrameList.write(
                caller.arguments(),
                list,
                (int) wanted,
                n -> domain.addressSpace().nameOf(table.statusFrame(n)));
    }
}
