package grantlab.conformance.fault;

import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.DeviceSpaceCounts;
import java.util.List;

/** What devices reach, but for what a fault overrides. */
class FaultyDeviceSpace implements DeviceSpace {
    final DeviceSpace real;

    FaultyDeviceSpace(DeviceSpace real) {
        this.real = real;
    }

    @Override
    public boolean followsPhysicalMap() {
        return real.followsPhysicalMap();
    }

    @Override
    public long deviceFrame(long place, long mfn) {
        return real.deviceFrame(place, mfn);
    }

    @Override
    public int map(long dfn, long mfn, int order, int access) {
        return real.map(dfn, mfn, order, access);
    }

    @Override
    public int unmap(long dfn, long mfn, int order, int access) {
        return real.unmap(dfn, mfn, order, access);
    }

    @Override
    public int downgrade(long dfn, long mfn, int order) {
        return real.downgrade(dfn, mfn, order);
    }

    @Override
    public int sink(long dfn, long mfn, int order, long scratchMfn) {
        return real.sink(dfn, mfn, order, scratchMfn);
    }

    @Override
    public void queueInvalidation(long dfn, int order) {
        real.queueInvalidation(dfn, order);
    }

    @Override
    public int drain() {
        return real.drain();
    }

    @Override
    public long entry(long dfn) {
        return real.entry(dfn);
    }

    @Override
    public long uses(long mfn, int access) {
        return real.uses(mfn, access);
    }

    @Override
    public long findNext(long mfn, long from) {
        return real.findNext(mfn, from);
    }

    @Override
    public long next(long from) {
        return real.next(from);
    }

    @Override
    public boolean remembers(long mfn) {
        return real.remembers(mfn);
    }

    @Override
    public Device attach() {
        return real.attach();
    }

    @Override
    public void detach(Device device) {
        real.detach(device);
    }

    @Override
    public List<DeviceFault> faults() {
        return real.faults();
    }

    @Override
    public DeviceSpaceCounts counts() {
        return real.counts();
    }

    @Override
    public void dispose() {
        real.dispose();
    }
}
