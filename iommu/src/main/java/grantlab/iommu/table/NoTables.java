package grantlab.iommu.table;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/** No IOMMU: the bus address is the machine address, and nobody is asked. */
public final class NoTables implements DeviceTables {
    private final MachineMemory memory;

    /**
     * All of RAM.
     *
     * @param memory which frames there are
     */
    public NoTables(MachineMemory memory) {
        this.memory = memory;
    }

    @Override
    public long deviceFrame(long place, long mfn) {
        return mfn;
    }

    @Override
    public long entry(long dfn) {
        return memory.isRam(dfn)
                ? DeviceSpace.entry(dfn, Page.ORDER_4K, Access.READ | Access.WRITE)
                : DeviceSpace.NO_ENTRY;
    }

    @Override
    public int map(long dfn, long mfn, int order, int access) {
        return Status.OKAY;
    }

    @Override
    public int unmap(long dfn, long mfn, int order, int access) {
        return Status.OKAY;
    }

    @Override
    public int downgrade(long dfn, long mfn, int order) {
        return Status.OKAY;
    }

    @Override
    public int sink(long dfn, long mfn, int order, long scratchMfn) {
        return Status.UNSUPPORTED;
    }

    @Override
    public long findNext(long mfn, long from) {
        return mfn >= from && memory.isRam(mfn) ? mfn : DeviceSpace.NONE;
    }

    /** What is reached without a mapping is nothing that was mapped. */
    @Override
    public long next(long from) {
        return DeviceSpace.NONE;
    }

    @Override
    public void clear() {
        // Nothing was ever mapped.
    }
}
