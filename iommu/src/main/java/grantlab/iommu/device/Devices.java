package grantlab.iommu.device;

import grantlab.api.Clock;
import grantlab.api.Status;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.MachineMemory;
import grantlab.iommu.tlb.Iotlb;
import grantlab.iommu.tlb.Pause;
import java.util.Arrays;

/** The devices of one space, and how it is waited for what they do. */
public final class Devices {
    private final MachineMemory memory;
    private final Iotlb iotlb;
    private final FaultLog faults;
    private final Clock clock;

    private volatile DmaEngine[] attached = {};
    private int next;
    private boolean closed;
    private long quarantined;

    /**
     * None yet.
     *
     * @param memory what they move bytes of
     * @param iotlb what they look into
     * @param faults where it is told what was refused to them
     * @param clock for those that do not answer
     */
    public Devices(MachineMemory memory, Iotlb iotlb, FaultLog faults, Clock clock) {
        this.memory = memory;
        this.iotlb = iotlb;
        this.faults = faults;
        this.clock = clock;
    }

    /** See {@link DeviceSpace#attach}. */
    public synchronized Device attach() {
        if (closed) {
            throw new IllegalStateException("the device space was disposed: its domain is gone");
        }
        DmaEngine device = new DmaEngine(next++, memory, iotlb, faults);
        DmaEngine[] grown = Arrays.copyOf(attached, attached.length + 1);
        grown[attached.length] = device;
        attached = grown;
        return device;
    }

    /** See {@link DeviceSpace#detach}. */
    public synchronized void detach(Device device) {
        DmaEngine leaving = (DmaEngine) device;
        leaving.progress().cutOffNow();
        attached = Arrays.stream(attached).filter(each -> each != leaving).toArray(DmaEngine[]::new);
    }

    /** All devices leave, and none comes any more. */
    public synchronized void close() {
        closed = true;
        for (DmaEngine device : attached) {
            device.progress().cutOffNow();
        }
        attached = new DmaEngine[0];
    }

    /**
     * Waits until each access has ended that may have begun before.
     *
     * @return zero, or QUARANTINED when a device had to be cut off
     */
    public int drain() {
        int status = Status.OKAY;
        DmaEngine[] all = attached;
        long start = 0;
        for (int at = 0, waits = 0; at < all.length; at++) {
            Progress progress = all[at].progress();
            long then = progress.word();
            for (; !progress.hasPassed(then); waits++) {
                if (waits == 0) {
                    start = clock.nanos();
                }
                if (clock.nanos() - start >= DeviceSpace.DRAIN_NANOS && progress.cutOffAt(then)) {
                    countQuarantined();
                    status = Status.QUARANTINED;
                }
                Pause.once(waits);
            }
        }
        return status;
    }

    private synchronized void countQuarantined() {
        quarantined++;
    }

    /**
     * Devices that did not drain.
     *
     * @return how many so far
     */
    public synchronized long quarantined() {
        return quarantined;
    }

    /**
     * Whether an access to a frame is under way.
     *
     * @param mfn a machine frame
     * @return exact while no device works
     */
    public boolean areUnderWayTo(long mfn) {
        for (DmaEngine device : attached) {
            if (device.isUnderWayTo(mfn)) {
                return true;
            }
        }
        return false;
    }
}
