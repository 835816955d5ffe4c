package grantlab.hypervisor.operation;

import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Reuse;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.concurrent.locks.ReentrantLock;

/** A table grows: by setup_table, by placing a frame in the physical map, by acquiring it as a resource. */
@MachineScoped
final class TableGrowth {
    private final Reuse reuse;

    @Inject
    TableGrowth(Reuse reuse) {
        this.reuse = reuse;
    }

    /**
     * Grows to at least a number of shared frames. Readers go on meanwhile: frames and records are there before the size
     * says so.
     *
     * @param wanted within the limit of the table
     * @return false: no memory, nothing changed
     */
    boolean grow(Caller caller, Domain domain, int wanted) {
        DomainTable table = domain.grantTable();
        if (wanted <= table.sharedCount()) {
            return true;
        }
        return caller.outside(() -> growLocked(table, wanted));
    }

    private boolean growLocked(DomainTable table, int wanted) {
        ReentrantLock change = table.change();
        change.lock();
        try {
            if (wanted <= table.sharedCount()) {
                return true;
            }
            boolean grown = table.grow(table.inForce().format(), wanted);
            reuse.frameAllocated();
            return grown;
        } finally {
            change.unlock();
        }
    }
}
