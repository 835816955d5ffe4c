package grantlab.hypervisor.caller;

import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import org.jspecify.annotations.Nullable;

/**
 * Guest memory as the source and target of hypercall arguments. A struct is copied here once and looked at only here: the
 * guest may change its memory at any moment. Nothing is translated ahead: each access goes by the guest's map of that
 * moment, as in Xen, while a reference keeps the frame in use from being freed under it.
 */
public final class GuestArguments {
    /** Largest struct that fits the copy. */
    public static final int CAPACITY = 128;

    private static final long NOTHING = -1;
    private static final int ATTEMPTS = 4;

    private final AddressSpace space;
    private final MachineMemory memory;
    private final FrameTable frames;
    private final long[] copy = new long[CAPACITY / Long.BYTES];
    private long heldFrame = NOTHING;

    /** Of where arguments are; null when nobody counts. */
    private final @Nullable Changes changes;

    /** The page of the guest that was found in the held frame; when, and whether for writing too. */
    private long heldPage = NOTHING;

    private long heldSince;
    private boolean heldForWriting;

    /**
     * Arguments of one vCPU.
     *
     * @param space of its domain
     * @param memory the machine's
     * @param frames the machine's
     */
    public GuestArguments(AddressSpace space, MachineMemory memory, FrameTable frames) {
        this.space = space;
        this.changes = space.argumentChanges();
        this.memory = memory;
        this.frames = frames;
    }

    /**
     * Copies a struct in, once.
     *
     * @param address guest address
     * @param bytes its size, a multiple of 4
     * @return false: -EFAULT
     */
    public boolean read(long address, int bytes) {
        if (!simple(address, bytes)) {
            return readBytes(address, bytes);
        }
        long machine = isKnown(address, false) ? known(address) : translate(address, false);
        if (machine < 0) {
            return false;
        }
        int words = bytes >>> 3;
        memory.load64s(machine, copy, words);
        int at = words * Long.BYTES;
        if (at < bytes) {
            copy[words] = memory.load32(machine + at) & 0xffff_ffffL;
        }
        return true;
    }

    /** Within one page, and its words aligned. */
    private static boolean simple(long address, int bytes) {
        return (address & Long.BYTES - 1) == 0 && Page.offset(address) + bytes <= Page.SIZE;
    }

    private boolean readBytes(long address, int bytes) {
        for (int at = 0; at < bytes; at++) {
            long machine = machine(address + at, false);
            if (machine < 0) {
                return false;
            }
            int shift = (at & 7) * Byte.SIZE;
            copy[at >>> 3] = (copy[at >>> 3] & ~(0xffL << shift)) | (memory.load8(machine) & 0xffL) << shift;
        }
        return true;
    }

    /**
     * A field of the copy.
     *
     * @param offset of 2 bytes
     * @return zero extended
     */
    public int u16(int offset) {
        return (int) (copy[offset >>> 3] >>> ((offset & 7) * Byte.SIZE)) & 0xffff;
    }

    /**
     * A field of the copy.
     *
     * @param offset of 4 bytes
     * @return zero extended
     */
    public long u32(int offset) {
        return copy[offset >>> 3] >>> ((offset & 7) * Byte.SIZE) & 0xffff_ffffL;
    }

    /**
     * A field of the copy.
     *
     * @param offset of 8 bytes
     * @return the value
     */
    public long u64(int offset) {
        return copy[offset >>> 3];
    }

    /**
     * Changes a field of the copy.
     *
     * @param offset of 2 bytes
     * @param value its low bytes
     */
    public void set16(int offset, int value) {
        set(offset, 0xffffL, value);
    }

    /**
     * Changes a field of the copy.
     *
     * @param offset of 4 bytes
     * @param value its low bytes
     */
    public void set32(int offset, long value) {
        set(offset, 0xffff_ffffL, value);
    }

    /**
     * Changes a field of the copy.
     *
     * @param offset of 8 bytes
     * @param value the value
     */
    public void set64(int offset, long value) {
        copy[offset >>> 3] = value;
    }

    private void set(int offset, long mask, long value) {
        int shift = (offset & 7) * Byte.SIZE;
        copy[offset >>> 3] = (copy[offset >>> 3] & ~(mask << shift)) | (value & mask) << shift;
    }

    /**
     * Writes the whole copy back.
     *
     * @param address guest address
     * @param bytes size of the struct, a multiple of 4
     * @return false: -EFAULT
     */
    public boolean writeBack(long address, int bytes) {
        if (!simple(address, bytes)) {
            for (int at = 0; at < bytes; at += Integer.BYTES) {
                if (!write(address + at, u32(at), Integer.BYTES)) {
                    return false;
                }
            }
            return true;
        }
        long machine = isKnown(address, true) ? known(address) : translate(address, true);
        if (machine < 0) {
            return machine == AddressSpace.DISCARDED;
        }
        int words = bytes >>> 3;
        memory.store64s(machine, copy, words);
        int at = words * Long.BYTES;
        if (at < bytes) {
            memory.store32(machine + at, (int) copy[words]);
        }
        return true;
    }

    /**
     * Writes 2 bytes.
     *
     * @param address guest address
     * @param value what
     * @return false: -EFAULT
     */
    public boolean write16(long address, int value) {
        return write(address, value, Short.BYTES);
    }

    /**
     * Writes 4 bytes.
     *
     * @param address guest address
     * @param value what
     * @return false: -EFAULT
     */
    public boolean write32(long address, long value) {
        return write(address, value, Integer.BYTES);
    }

    /**
     * Writes 8 bytes.
     *
     * @param address guest address
     * @param value what
     * @return false: -EFAULT
     */
    public boolean write64(long address, long value) {
        return write(address, value, Long.BYTES);
    }

    private boolean write(long address, long value, int bytes) {
        if ((address & bytes - 1) != 0) {
            return writeBytes(address, value, bytes);
        }
        long machine = isKnown(address, true) ? known(address) : translate(address, true);
        if (machine < 0) {
            return machine == AddressSpace.DISCARDED;
        }
        switch (bytes) {
            case Short.BYTES -> memory.store16(machine, (short) value);
            case Integer.BYTES -> memory.store32(machine, (int) value);
            default -> memory.store64(machine, value);
        }
        return true;
    }

    private boolean writeBytes(long address, long value, int bytes) {
        for (int at = 0; at < bytes; at++) {
            long machine = machine(address + at, true);
            if (machine == AddressSpace.NO_ARGUMENT) {
                return false;
            }
            if (machine >= 0) {
                memory.store8(machine, (byte) (value >>> (at * Byte.SIZE)));
            }
        }
        return true;
    }

    /** Byte by byte. */
    private long machine(long address, boolean write) {
        return isKnown(address, write) ? known(address) : translate(address, write);
    }

    /** Whether nothing has changed since the same page was found last: then it need not be walked to. */
    private boolean isKnown(long address, boolean write) {
        return Page.frame(address) == heldPage
                && changes != null
                && changes.count() == heldSince
                && (heldForWriting || !write);
    }

    private long known(long address) {
        return Page.address(heldFrame) | Page.offset(address);
    }

    /** What may be written may be read: mostly one walk serves the read of an element and the write of its status. */
    private long translate(long address, boolean write) {
        long machine = translateFor(true, address);
        return machine >= 0 || write ? machine : translateFor(false, address);
    }

    private long translateFor(boolean write, long address) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long since = changes == null ? 0 : changes.count();
            long machine = space.argument(address, write);
            if (machine < 0) {
                return machine;
            }
            boolean held = Page.frame(machine) == heldFrame;
            if (held || (hold(Page.frame(machine)) && isStillThere(address, write, machine, since))) {
                heldPage = Page.frame(address);
                heldSince = since;
                heldForWriting = write;
                return machine;
            }
        }
        return AddressSpace.NO_ARGUMENT;
    }

    /** The frame is held now; but is it still the one? */
    private boolean isStillThere(long address, boolean write, long machine, long since) {
        boolean steady = changes != null && changes.count() == since;
        return steady || space.argument(address, write) == machine;
    }

    private boolean hold(long frame) {
        if (!frames.get(frame, Page.ORDER_4K, FrameTable.NO_OWNER)) {
            return false;
        }
        release();
        heldFrame = frame;
        return true;
    }

    /** The hypercall ends: nothing of the guest's memory is held any more. */
    public void release() {
        if (heldFrame != NOTHING) {
            frames.put(heldFrame, Page.ORDER_4K);
            heldFrame = NOTHING;
            heldPage = NOTHING;
        }
    }
}
