package grantlab.grant.v2;

import grantlab.api.abi.Gtf;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;

/**
 * What Xen tells the granter of each reference: grant_status_t, 16 bits each, 2048 in a status frame
 * (xen/include/public/grant_table.h). Xen sets and clears GTF_reading and GTF_writing and reads nothing back: the granter
 * may scribble.
 *
 * <p>A neighbour's word shares the 32 bits that can be changed at once, so a bit is set and cleared by a read-modify-write
 * of these, as one step.
 */
final class StatusWords {
    static final int SIZE = 2;
    static final int PER_FRAME = 4096 / SIZE;

    /** All that Xen ever sets. */
    static final int IN_USE = Gtf.READING | Gtf.WRITING;

    private final MachineMemory memory;
    private final TableFrames frames;

    StatusWords(MachineMemory memory, TableFrames frames) {
        this.memory = memory;
        this.frames = frames;
    }

    /** How many status frames a number of shared frames wants. */
    static int frames(int sharedFrames) {
        return (sharedFrames * EntryV2.ENTRIES_PER_FRAME + PER_FRAME - 1) / PER_FRAME;
    }

    private long address(long index) {
        return address(frames, index);
    }

    /** Where the word of a reference is. */
    static long address(TableFrames frames, long index) {
        return Page.address(frames.statusFrame((int) (index / PER_FRAME))) + index % PER_FRAME * SIZE;
    }

    private static long pair(long address) {
        return address & -Integer.BYTES;
    }

    private static int shift(long address) {
        return (int) (address & SIZE) * Byte.SIZE;
    }

    int load(long index) {
        return memory.load16(address(index)) & 0xffff;
    }

    /** For words that nobody uses: the neighbour's may change meanwhile. */
    void store(long index, int word) {
        memory.store16(address(index), (short) word);
    }

    /** What is loaded afterwards is loaded after the granter can see the bits. */
    void set(long index, int bits) {
        long address = address(index);
        memory.getAndBitwiseOr32(pair(address), bits << shift(address));
    }

    void clear(long index, int bits) {
        long address = address(index);
        memory.getAndBitwiseAnd32(pair(address), ~(bits << shift(address)));
    }
}
