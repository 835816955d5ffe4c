package grantlab.iommu.device;

import grantlab.api.Access;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.iommu.tlb.Iotlb;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A bus master. Each page that it touches is an access of its own: begun, translated, moved, ended. */
final class DmaEngine implements Device {
    private static final VarHandle TARGET;

    static {
        try {
            TARGET = MethodHandles.lookup().findVarHandle(DmaEngine.class, "target", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long NOWHERE = -1;

    private static final int BOTH = Access.READ | Access.WRITE;

    private final int number;
    private final MachineMemory memory;
    private final Iotlb iotlb;
    private final FaultLog faults;
    private final Progress progress = new Progress();

    // Of the access that is under way: written by the device's thread alone.
    private long address;
    private int access;
    private long target = NOWHERE;

    private long witness;

    DmaEngine(int number, MachineMemory memory, Iotlb iotlb, FaultLog faults) {
        this.number = number;
        this.memory = memory;
        this.iotlb = iotlb;
        this.faults = faults;
    }

    @Override
    public int number() {
        return number;
    }

    Progress progress() {
        return progress;
    }

    @Override
    public boolean blocked() {
        return progress.cutOff();
    }

    @Override
    public int read(long deviceAddress, MemorySegment into) {
        return transfer(deviceAddress, into, Access.READ);
    }

    @Override
    public int write(long deviceAddress, MemorySegment from) {
        return transfer(deviceAddress, from, Access.WRITE);
    }

    private int transfer(long deviceAddress, MemorySegment bytes, int wanted) {
        long size = bytes.byteSize();
        long done = 0;
        do {
            int reason = begin(deviceAddress + done, wanted);
            if (reason == 0) {
                int length = (int) Math.min(size - done, Page.SIZE - Page.offset(deviceAddress + done));
                reason = finish(bytes, done, length);
                done += length;
            }
            if (reason != 0) {
                return reason;
            }
        } while (done < size);
        return 0;
    }

    @Override
    public int begin(long deviceAddress, int wanted) {
        if (wanted != Access.READ && wanted != Access.WRITE) {
            throw new IllegalArgumentException("access " + wanted + " is neither READ nor WRITE");
        }
        if (progress.begun()) {
            throw new IllegalStateException("device " + number + " has an access under way");
        }
        return open(deviceAddress, wanted);
    }

    @Override
    public int finish(MemorySegment bytes) {
        if (progress.idle()) {
            throw new IllegalStateException("device " + number + " has no access under way");
        }
        if (bytes.byteSize() > Page.SIZE - Page.offset(address)) {
            throw new IllegalArgumentException(bytes.byteSize() + " bytes at device address 0x"
                    + Long.toHexString(address) + " do not end in its page");
        }
        return finish(bytes, 0, (int) bytes.byteSize());
    }

    private int finish(MemorySegment bytes, long at, int length) {
        if (!progress.move()) {
            return refuse(DeviceFault.BLOCKED);
        }
        try {
            if (access == Access.WRITE) {
                memory.copyIn(target, bytes, at, length);
            } else {
                memory.copyOut(target, bytes, at, length);
            }
        } finally {
            progress.end();
        }
        return 0;
    }

    @Override
    public int compareAndExchange(long deviceAddress, int bytes, long expected, long value) {
        if ((bytes != Integer.BYTES && bytes != Long.BYTES) || (deviceAddress & bytes - 1) != 0) {
            throw new IllegalArgumentException(
                    "no atomic of " + bytes + " bytes at device address 0x" + Long.toHexString(deviceAddress));
        }
        if (progress.begun()) {
            throw new IllegalStateException("device " + number + " has an access under way");
        }
        int reason = open(deviceAddress, BOTH);
        if (reason != 0) {
            return reason;
        }
        if (!progress.move()) {
            return refuse(DeviceFault.BLOCKED);
        }
        try {
            witness = bytes == Long.BYTES
                    ? memory.compareAndExchange64(target, expected, value)
                    : Integer.toUnsignedLong(memory.compareAndExchange32(target, (int) expected, (int) value));
        } finally {
            progress.end();
        }
        return 0;
    }

    @Override
    public long witness() {
        return witness;
    }

    /** From here to the end of the progress the access is under way. */
    private int open(long deviceAddress, int wanted) {
        address = deviceAddress;
        access = wanted;
        TARGET.setOpaque(this, NOWHERE);
        if (!progress.begin()) {
            return refuse(DeviceFault.BLOCKED);
        }
        long entry = iotlb.translate(Page.frame(deviceAddress));
        int reason = refusal(entry, wanted);
        if (reason != 0) {
            progress.giveUp();
            return refuse(reason);
        }
        TARGET.setOpaque(this, Page.address(DeviceSpace.frameOf(entry)) | Page.offset(deviceAddress));
        return 0;
    }

    private static int refusal(long entry, int wanted) {
        int missing = wanted & ~DeviceSpace.accessOf(entry);
        if (missing == 0) {
            return 0;
        }
        if (entry == DeviceSpace.NO_ENTRY) {
            return DeviceFault.NOT_MAPPED;
        }
        return Access.writes(missing) ? DeviceFault.NOT_WRITABLE : DeviceFault.NOT_READABLE;
    }

    private int refuse(int reason) {
        faults.add(number, address, access, reason);
        return reason;
    }

    /** Whether an access is under way to a frame; the device may just be about to find that out. */
    boolean isUnderWayTo(long mfn) {
        return !progress.idle() && !progress.cutOff() && Page.frame((long) TARGET.getOpaque(this)) == mfn;
    }
}
