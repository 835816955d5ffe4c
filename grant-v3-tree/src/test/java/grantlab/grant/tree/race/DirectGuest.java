package grantlab.grant.tree.race;

import grantlab.api.memory.MachineMemory;
import grantlab.grant.tree.guest.BareKernel;

/** A guest whose addresses are machine addresses, so that nothing but its words stands between it and the hypervisor. */
final class DirectGuest extends BareKernel {
    private final MachineMemory memory;
    private long value;

    DirectGuest(MachineMemory memory) {
        this.memory = memory;
    }

    @Override
    public int load(long address, int bytes) {
        value = memory.load64Acquire(address);
        return 0;
    }

    @Override
    public int store(long address, int bytes, long stored) {
        memory.store64Release(address, stored);
        return 0;
    }

    @Override
    public int compareAndExchange(long address, int bytes, long expected, long replacement) {
        value = memory.compareAndExchange64(address, expected, replacement);
        return 0;
    }

    @Override
    public long value() {
        return value;
    }
}
