package grantlab.p2m.memory;

import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import java.util.List;

/**
 * Where a machine address lies in one dense store: the extents of RAM follow each other there without the holes. Machine
 * frames of 40 bits fit in no reservation of an operating system; what is backed does.
 */
public final class Extents {
    /** No RAM at all. */
    static final Extents NOWHERE = new Extents();

    private final long[] firstMfn;
    private final long[] frames;

    /** What to subtract from a machine address in each extent. */
    private final long[] bias;

    private final long totalBytes;

    /** The first extent once more, without the loop: nearly every access is there. */
    private final long lowFirst;

    private final long lowBytes;

    private Extents() {
        firstMfn = new long[0];
        frames = new long[0];
        bias = new long[0];
        totalBytes = 0;
        lowFirst = 0;
        lowBytes = 0;
    }

    /**
     * Lines the extents up.
     *
     * @param layout where RAM is
     */
    public Extents(RamLayout layout) {
        List<RamLayout.Extent> extents = layout.extents();
        firstMfn = new long[extents.size()];
        frames = new long[extents.size()];
        bias = new long[extents.size()];
        long offset = 0;
        for (int i = 0; i < firstMfn.length; i++) {
            firstMfn[i] = extents.get(i).firstMfn();
            frames[i] = extents.get(i).frames();
            bias[i] = Page.address(firstMfn[i]) - offset;
            offset += Page.address(frames[i]);
        }
        totalBytes = offset;
        lowFirst = bias[0];
        lowBytes = Page.address(frames[0]);
    }

    /**
     * The size of the store.
     *
     * @return bytes of all extents together
     */
    public long totalBytes() {
        return totalBytes;
    }

    /**
     * Whether a frame is backed.
     *
     * @param mfn any number
     * @return false in holes
     */
    public boolean contains(long mfn) {
        return extentOf(mfn) >= 0;
    }

    /**
     * Where a byte lies in the store.
     *
     * @param address machine address
     * @return its offset
     * @throws IndexOutOfBoundsException when no RAM is there
     */
    public long offset(long address) {
        long low = address - lowFirst;
        return Long.compareUnsigned(low, lowBytes) < 0 ? low : offsetAbove(address);
    }

    /**
     * Where a range lies in the store.
     *
     * @param address machine address
     * @param length bytes from there
     * @return the offset of its first byte
     * @throws IndexOutOfBoundsException when no RAM is there
     * @throws IllegalArgumentException when the range leaves its frame
     */
    public long offset(long address, long length) {
        if (length < 0 || Page.offset(address) + length > Page.SIZE) {
            throw new IllegalArgumentException("a range of " + length + " bytes at machine address 0x"
                    + Long.toHexString(address) + " is not within one frame");
        }
        return offset(address);
    }

    private long offsetAbove(long address) {
        long mfn = Page.frame(address);
        int extent = extentOf(mfn);
        if (extent < 0) {
            throw new IndexOutOfBoundsException("no RAM at machine address 0x" + Long.toHexString(address) + ": mfn 0x"
                    + Long.toHexString(mfn) + " is not backed");
        }
        return address - bias[extent];
    }

    private int extentOf(long mfn) {
        for (int i = 0; i < firstMfn.length; i++) {
            if (Long.compareUnsigned(mfn - firstMfn[i], frames[i]) < 0) {
                return i;
            }
        }
        return -1;
    }
}
