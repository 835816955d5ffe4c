package grantlab.iommu.device;

import grantlab.api.iommu.DeviceFault;
import java.util.ArrayList;
import java.util.List;

/** The last faults of a space; a device that makes many displaces its own, and no memory is spent on it. */
public final class FaultLog {
    /** Faults that are kept. */
    public static final int CAPACITY = 64;

    private final int[] devices = new int[CAPACITY];
    private final long[] addresses = new long[CAPACITY];
    private final int[] accesses = new int[CAPACITY];
    private final int[] reasons = new int[CAPACITY];
    private long count;

    /** None yet. */
    public FaultLog() {}

    synchronized void add(int device, long address, int access, int reason) {
        int at = (int) (count % CAPACITY);
        devices[at] = device;
        addresses[at] = address;
        accesses[at] = access;
        reasons[at] = reason;
        count++;
    }

    /**
     * All that ever were.
     *
     * @return how many
     */
    public synchronized long count() {
        return count;
    }

    /**
     * Those that are kept.
     *
     * @return oldest first
     */
    public synchronized List<DeviceFault> last() {
        List<DeviceFault> faults = new ArrayList<>();
        for (long number = Math.max(0, count - CAPACITY); number < count; number++) {
            int at = (int) (number % CAPACITY);
            faults.add(new DeviceFault(number, devices[at], addresses[at], accesses[at], reasons[at]));
        }
        return List.copyOf(faults);
    }
}
