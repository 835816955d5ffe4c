package grantlab.hypervisor.operation;

import static grantlab.api.abi.SetVersion.SIZE;
import static grantlab.api.abi.SetVersion.VERSION;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.table.FlatFormats;
import grantlab.hypervisor.table.InForce;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.concurrent.locks.ReentrantLock;

/**
 * GNTTABOP_set_version (xen-semantics 2.9), on the caller's own table. The version in force is written back whatever the
 * result is. References 0 to 7 are carried over, the others must be unused and are wiped.
 */
@MachineScoped
public final class SetVersion {
    private static final int OLDEST = 1;
    private static final int NEWEST = 2;

    private final FlatFormats formats;
    private final Quiescence quiescence;

    @Inject
    SetVersion(FlatFormats formats, Quiescence quiescence) {
        this.formats = formats;
        this.quiescence = quiescence;
    }

    /**
     * Switches.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long address) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, SIZE)) {
            return -Errno.EFAULT;
        }
        DomainTable table = caller.domain().grantTable();
        int result = set(caller, table, arguments.u32(VERSION));
        if (result == Status.CRASH_CALLER) {
            caller.domain().crash();
            return 0;
        }
        int inForce = table.enter(caller.section()).format().version();
        return arguments.write32(address + VERSION, inForce) ? result : -Errno.EFAULT;
    }

    private int set(Caller caller, DomainTable table, long version) {
        if (version < OLDEST || version > NEWEST) {
            return -Errno.EINVAL;
        }
        if (version > table.maxVersion()) {
            return -Errno.ENOSYS;
        }
        FlatFormat wanted = formats.find((int) version);
        if (wanted == null) {
            // Xen has both formats: what it refuses before it needs the new one is refused so here too.
            return usedBeyondReserved(table.enter(caller.section())) ? -Errno.EBUSY : -Errno.ENOSYS;
        }
        if (table.enter(caller.section()).format().version() == version) {
            return 0;
        }
        return caller.outside(() -> change(caller.domain(), table, wanted));
    }

    private int change(Domain domain, DomainTable table, FlatFormat wanted) {
        ReentrantLock lock = table.change();
        lock.lock();
        try {
            InForce old = table.inForce();
            if (old.format().version() == wanted.version()) {
                return 0;
            }
            table.unpublish(quiescence);
            int result = carryOver(domain, table, old, wanted);
            table.publish(result == 0 ? wanted : old.format());
            return result;
        } finally {
            lock.unlock();
        }
    }

    private int carryOver(Domain domain, DomainTable table, InForce old, FlatFormat wanted) {
        if (usedBeyondReserved(old)) {
            return -Errno.EBUSY;
        }
        if (table.hopsUnderWay() || copiesNarrowly(old)) {
            return -Errno.EAGAIN;
        }
        if (!table.growStatus(wanted, table.sharedCount())) {
            return -Errno.ENOMEM;
        }
        FlatTable successor = wanted.open(table);
        FlatTable.Carried[] carried = new FlatTable.Carried[DomainTable.RESERVED_ENTRIES];
        for (int index = 0; index < carried.length; index++) {
            carried[index] = new FlatTable.Carried();
            old.table().carryOut(index, carried[index]);
            int accepted = successor.accepts(carried[index]);
            if (accepted != Status.OKAY) {
                return accepted;
            }
        }
        int withdrawn = table.withdrawStatus(wanted, domain.addressSpace());
        if (withdrawn != Status.OKAY) {
            return withdrawn;
        }
        successor.wipe();
        for (int index = 0; index < carried.length; index++) {
            successor.carryIn(index, carried[index]);
        }
        return 0;
    }

    /** A copy that is under way knows the window of its reference, which the format to come has no word for (XSA-501). */
    private static boolean copiesNarrowly(InForce inForce) {
        for (int act = 0; act < DomainTable.RESERVED_ENTRIES; act++) {
            if (inForce.grants().acts().narrowNow(act)) {
                return true;
            }
        }
        return false;
    }

    private static boolean usedBeyondReserved(InForce inForce) {
        long size = inForce.table().size();
        for (int act = DomainTable.RESERVED_ENTRIES; act < size; act++) {
            if (inForce.grants().acts().pinsNow(act) != 0) {
                return true;
            }
        }
        return false;
    }
}
