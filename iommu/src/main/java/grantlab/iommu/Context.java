package grantlab.iommu;

import grantlab.api.Clock;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.DeviceSpaceCounts;
import grantlab.api.memory.MachineMemory;
import grantlab.iommu.device.Devices;
import grantlab.iommu.device.FaultLog;
import grantlab.iommu.table.DeviceTables;
import grantlab.iommu.tlb.InvalidationQueue;
import grantlab.iommu.tlb.Iotlb;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** One domain's device space: a table of some kind, and what is the same for all kinds. */
final class Context implements DeviceSpace {
    private final DeviceTables tables;
    private final Iotlb iotlb;
    private final InvalidationQueue queue;
    private final FaultLog faults = new FaultLog();
    private final Devices devices;
    private final AtomicLong drains = new AtomicLong();

    Context(DeviceTables tables, MachineMemory memory, Clock clock) {
        this.tables = tables;
        this.iotlb = new Iotlb(tables);
        this.queue = new InvalidationQueue(iotlb);
        this.devices = new Devices(memory, iotlb, faults, clock);
    }

    // The table

    @Override
    public boolean followsPhysicalMap() {
        return tables.followsPhysicalMap();
    }

    @Override
    public long deviceFrame(long place, long mfn) {
        return tables.deviceFrame(place, mfn);
    }

    @Override
    public int map(long dfn, long mfn, int order, int access) {
        return tables.map(dfn, mfn, order, access);
    }

    @Override
    public int unmap(long dfn, long mfn, int order, int access) {
        return tables.unmap(dfn, mfn, order, access);
    }

    @Override
    public int downgrade(long dfn, long mfn, int order) {
        return tables.downgrade(dfn, mfn, order);
    }

    @Override
    public int sink(long dfn, long mfn, int order, long scratchMfn) {
        return tables.sink(dfn, mfn, order, scratchMfn);
    }

    @Override
    public long entry(long dfn) {
        return tables.entry(dfn);
    }

    @Override
    public long uses(long mfn, int access) {
        return tables.uses(mfn, access);
    }

    @Override
    public long findNext(long mfn, long from) {
        return tables.findNext(mfn, from);
    }

    @Override
    public long next(long from) {
        return tables.next(from);
    }

    // What is remembered of it

    @Override
    public void queueInvalidation(long dfn, int order) {
        queue.add(dfn, order);
    }

    @Override
    public int drain() {
        drains.getAndIncrement();
        queue.perform();
        return devices.drain();
    }

    @Override
    public boolean remembers(long mfn) {
        return iotlb.leadsTo(mfn) || devices.areUnderWayTo(mfn);
    }

    // Devices

    @Override
    public Device attach() {
        return devices.attach();
    }

    @Override
    public void detach(Device device) {
        devices.detach(device);
    }

    @Override
    public List<DeviceFault> faults() {
        return faults.last();
    }

    @Override
    public DeviceSpaceCounts counts() {
        return new DeviceSpaceCounts(
                queue.invalidations(),
                queue.globalInvalidations(),
                drains.get(),
                devices.quarantined(),
                faults.count());
    }

    @Override
    public void dispose() {
        devices.close();
        tables.clear();
        iotlb.forgetAll();
    }
}
