package grantlab.conformance.fault;

import grantlab.api.memory.Changes;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.PhysicalMap;
import org.jspecify.annotations.Nullable;

/** A guest-physical map that is the real one, but for what a fault overrides. */
class FaultyPhysicalMap implements PhysicalMap {
    final PhysicalMap real;

    FaultyPhysicalMap(PhysicalMap real) {
        this.real = real;
    }

    @Override
    public long frameToGrant(long gfn) {
        return real.frameToGrant(gfn);
    }

    @Override
    public long getFrameToGrant(long gfn) {
        return real.getFrameToGrant(gfn);
    }

    @Override
    public long machineFrame(long gfn) {
        return real.machineFrame(gfn);
    }

    @Override
    public long entry(long gfn) {
        return real.entry(gfn);
    }

    @Override
    public Changes memoryChanges() {
        return real.memoryChanges();
    }

    @Override
    public long limit() {
        return real.limit();
    }

    @Override
    public long adopt(long gfn, long mfn) {
        return real.adopt(gfn, mfn);
    }

    @Override
    public long set(long gfn, long mfn, int order, int type) {
        return real.set(gfn, mfn, order, type);
    }

    @Override
    public long clear(long gfn, int order) {
        return real.clear(gfn, order);
    }

    @Override
    public int decrease(long gfn, PhysicalMap.Removed removed) {
        return real.decrease(gfn, removed);
    }

    @Override
    public long populate(long gfn, long mfn) {
        return real.populate(gfn, mfn);
    }

    @Override
    public int remove(long gfn) {
        return real.remove(gfn);
    }

    @Override
    public long findNext(long mfn, long from) {
        return real.findNext(mfn, from);
    }

    @Override
    public boolean isVacant(long gfn, int order) {
        return real.isVacant(gfn, order);
    }

    @Override
    public long next(long from) {
        return real.next(from);
    }

    @Override
    public void watch(MapWatcher watcher) {
        real.watch(watcher);
    }

    @Override
    public @Nullable MapWatcher watcher() {
        return real.watcher();
    }
}
