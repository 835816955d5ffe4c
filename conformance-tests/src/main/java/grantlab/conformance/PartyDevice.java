package grantlab.conformance;

import grantlab.api.Access;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A device of a guest, as a clause makes it act: words that it reads and writes at device addresses. Every access goes into the diary of
 * the run. One thread at a time.
 */
public final class PartyDevice {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String owner;
    private final Device device;
    private final Steps steps;
    private final MemorySegment word = MemorySegment.ofArray(new byte[Long.BYTES]);

    PartyDevice(String owner, Device device, Steps steps) {
        this.owner = owner;
        this.device = device;
        this.steps = steps;
    }

    /**
     * The device itself.
     *
     * @return always the same
     */
    public Device bare() {
        return device;
    }

    /**
     * Reads 8 bytes that it must be allowed to read.
     *
     * @param address device address
     * @return the value
     */
    public long read(long address) {
        int reason = tryRead(address);
        if (reason != 0) {
            throw refused("read", address, reason);
        }
        return value();
    }

    /**
     * Writes 8 bytes where it must be allowed to.
     *
     * @param address device address
     * @param value what
     */
    public void write(long address, long value) {
        int reason = tryWrite(address, value);
        if (reason != 0) {
            throw refused("write", address, reason);
        }
    }

    /**
     * Reads 8 bytes.
     *
     * @param address device address
     * @return zero, and {@link #value} is what it read; or a reason of {@link DeviceFault}
     */
    public int tryRead(long address) {
        int reason = device.read(address, word);
        note("dma_read addr=0x" + Long.toHexString(address), reason, "val=" + Long.toHexString(value()));
        return reason;
    }

    /**
     * What the last read that was allowed found.
     *
     * @return 8 bytes
     */
    public long value() {
        return word.get(LONG, 0);
    }

    /**
     * Writes 8 bytes.
     *
     * @param address device address
     * @param value what
     * @return zero, or a reason of {@link DeviceFault}
     */
    public int tryWrite(long address, long value) {
        word.set(LONG, 0, value);
        int reason = device.write(address, word);
        note("dma_write addr=0x" + Long.toHexString(address) + " val=0x" + Long.toHexString(value), reason, "ok");
        return reason;
    }

    /**
     * The first half of a write that takes its time: it must be allowed, and is under way from now on.
     *
     * @param address device address
     */
    public void beginWrite(long address) {
        int reason = device.begin(address, Access.WRITE);
        note("dma_write addr=0x" + Long.toHexString(address) + " begins", reason, "ok");
        if (reason != 0) {
            throw refused("write", address, reason);
        }
    }

    /**
     * The second half.
     *
     * @param value what is written
     * @return zero; or {@link DeviceFault#BLOCKED}: nothing was written
     */
    public int finishWrite(long value) {
        word.set(LONG, 0, value);
        int reason = device.finish(word);
        note("dma_write val=0x" + Long.toHexString(value) + " ends", reason, "ok");
        return reason;
    }

    private void note(String access, int reason, String result) {
        steps.call(owner + " " + access + " dev=" + device.number() + "  # "
                + (reason == 0 ? result : "fault=" + DeviceFault.name(reason)));
    }

    private ClauseFailure refused(String access, long address, int reason) {
        return new ClauseFailure(
                owner + ": " + access + " of device " + device.number() + " at 0x" + Long.toHexString(address),
                "no fault",
                DeviceFault.name(reason));
    }
}
