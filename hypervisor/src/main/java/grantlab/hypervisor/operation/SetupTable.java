package grantlab.hypervisor.operation;

import static grantlab.api.abi.SetupTable.DOM;
import static grantlab.api.abi.SetupTable.FRAME_LIST;
import static grantlab.api.abi.SetupTable.NR_FRAMES;
import static grantlab.api.abi.SetupTable.SIZE;
import static grantlab.api.abi.SetupTable.STATUS;

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

/** GNTTABOP_setup_table (xen-semantics 2.3): grows the table and tells where its frames are. It never shrinks. */
@MachineScoped
public final class SetupTable {
    private final Domains domains;
    private final TableGrowth growth;

    @Inject
    SetupTable(Domains domains, TableGrowth growth) {
        this.domains = domains;
        this.growth = growth;
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
        int status = setUp(caller, domains.findAny(arguments.u16(DOM), caller.domain()), wanted, list);
        return arguments.write16(address + STATUS, Answers.checked(status)) ? 0 : -Errno.EFAULT;
    }

    private int setUp(Caller caller, @Nullable Domain domain, long wanted, long list) {
        int status = Administration.of(caller, domain);
        if (domain == null || status != Status.OKAY) {
            return status;
        }
        DomainTable table = domain.grantTable();
        if (wanted > table.maxFrames() || !growth.grow(caller, domain, (int) wanted)) {
            return Status.GENERAL_ERROR;
        }
        return FrameList.write(
                caller.arguments(),
                list,
                (int) wanted,
                n -> domain.addressSpace().nameOf(table.sharedFrame(n)));
    }
}
