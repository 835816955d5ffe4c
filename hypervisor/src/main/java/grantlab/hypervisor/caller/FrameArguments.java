package grantlab.hypervisor.caller;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.PlainPage;

/**
 * The argument structs of grants v3: guests name them by frame number, and none crosses a page (grant-v3.md, section 1). A struct
 * is copied here once and looked at only here. While a page is written to, a general and a writable-type reference are held on
 * it, so that it can be no page table and stays the caller's; of a caller whose pages have no types the general one does. One page for the struct of the call and one for its elements or
 * results, which may be the same; they are held until the call ends.
 */
public final class FrameArguments {
    /** Largest struct that fits the copy. */
    public static final int CAPACITY = 128;

    private static final long NOTHING = PlainPage.NONE;

    private final MachineMemory memory;
    private final FrameTable frames;
    private final PhysicalMap map;
    private final int domid;
    private final boolean typed;
    private final long[] copy = new long[CAPACITY / Long.BYTES];
    private long structFrame = NOTHING;
    private long structGfn;
    private long arrayFrame = NOTHING;

    /**
     * Arguments of one vCPU.
     *
     * @param domid of its domain
     * @param map of its domain
     * @param memory the machine's
     * @param frames the machine's
     */
    public FrameArguments(int domid, PhysicalMap map, MachineMemory memory, FrameTable frames) {
        this.domid = domid;
        this.map = map;
        this.memory = memory;
        this.frames = frames;
        this.typed = frames.typed(domid);
    }

    /**
     * Takes hold of the page in which the struct of a call lies.
     *
     * @param address guest-physical byte address
     * @return its machine address; negative when it is not the caller's own plain memory
     */
    public long struct(long address) {
        release();
        structGfn = Page.frame(address);
        structFrame = hold(structGfn);
        return structFrame == NOTHING ? NOTHING : Page.address(structFrame) | Page.offset(address);
    }

    /**
     * Takes hold of the page in which elements lie, or results shall.
     *
     * @param gfn its frame number
     * @return its machine address; negative when it is not the caller's own plain memory
     */
    public long array(long gfn) {
        if (arrayFrame != NOTHING) {
            drop(arrayFrame);
            arrayFrame = NOTHING;
        }
        if (gfn == structGfn && structFrame != NOTHING) {
            return Page.address(structFrame);
        }
        arrayFrame = hold(gfn);
        return arrayFrame == NOTHING ? NOTHING : Page.address(arrayFrame);
    }

    private long hold(long gfn) {
        return typed ? PlainPage.hold(frames, map, domid, gfn) : PlainPage.holdUntyped(frames, map, domid, gfn);
    }

    private void drop(long frame) {
        if (typed) {
            PlainPage.drop(frames, frame);
        } else {
            frames.put(frame, Page.ORDER_4K);
        }
    }

    /** The call ends: nothing is held any more. */
    public void release() {
        if (arrayFrame != NOTHING) {
            drop(arrayFrame);
            arrayFrame = NOTHING;
        }
        if (structFrame != NOTHING) {
            drop(structFrame);
            structFrame = NOTHING;
        }
    }

    /**
     * Copies a struct in, once.
     *
     * @param machine its machine address in a held page, a multiple of 8
     * @param bytes its size, a multiple of 8
     */
    public void read(long machine, int bytes) {
        memory.load64s(machine, copy, bytes >>> 3);
    }

    /**
     * Writes the copy back.
     *
     * @param machine its machine address in a held page
     * @param bytes its size
     */
    public void write(long machine, int bytes) {
        memory.store64s(machine, copy, bytes >>> 3);
    }

    /** Loads 8 bytes of a held page. */
    public long load64(long machine) {
        return memory.load64(machine);
    }

    /** Writes 1 byte of a held page. */
    public void store8(long machine, int value) {
        memory.store8(machine, (byte) value);
    }

    /** Writes 2 bytes of a held page. */
    public void store16(long machine, int value) {
        memory.store16(machine, (short) value);
    }

    /** Writes 8 bytes of a held page. */
    public void store64(long machine, long value) {
        memory.store64(machine, value);
    }

    /**
     * Writes 4 bytes, and nothing else of a struct.
     *
     * @param machine machine address in a held page
     * @param value what
     */
    public void store32(long machine, int value) {
        memory.store32(machine, value);
    }

    /**
     * Whether bytes of a held page are zero.
     *
     * @param machine machine address, a multiple of 8
     * @param bytes how many, within the page
     */
    public boolean isZero(long machine, int bytes) {
        for (int at = 0; at < bytes; at += Long.BYTES) {
            int rest = bytes - at;
            long word = memory.load64(machine + at);
            if ((rest >= Long.BYTES ? word : word & ((1L << (rest * Byte.SIZE)) - 1)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** A field of 1 byte of the copy. */
    public int u8(int offset) {
        return (int) (copy[offset >>> 3] >>> ((offset & 7) * Byte.SIZE)) & 0xff;
    }

    /** A field of 2 bytes of the copy. */
    public int u16(int offset) {
        return (int) (copy[offset >>> 3] >>> ((offset & 7) * Byte.SIZE)) & 0xffff;
    }

    /** A field of 4 bytes of the copy, zero extended. */
    public long u32(int offset) {
        return copy[offset >>> 3] >>> ((offset & 7) * Byte.SIZE) & 0xffff_ffffL;
    }

    /** A field of 8 bytes of the copy. */
    public long u64(int offset) {
        return copy[offset >>> 3];
    }

    /** Changes a field of 1 byte of the copy. */
    public void set8(int offset, int value) {
        set(offset, 0xffL, value);
    }

    /** Changes a field of 2 bytes of the copy. */
    public void set16(int offset, int value) {
        set(offset, 0xffffL, value);
    }

    /** Changes a field of 4 bytes of the copy. */
    public void set32(int offset, long value) {
        set(offset, 0xffff_ffffL, value);
    }

    /** Changes a field of 8 bytes of the copy. */
    public void set64(int offset, long value) {
        copy[offset >>> 3] = value;
    }

    private void set(int offset, long mask, long value) {
        int shift = (offset & 7) * Byte.SIZE;
        copy[offset >>> 3] = (copy[offset >>> 3] & ~(mask << shift)) | ((value & mask) << shift);
    }
}
