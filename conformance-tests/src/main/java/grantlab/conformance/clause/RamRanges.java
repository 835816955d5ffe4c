package grantlab.conformance.clause;

import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;

/** Bytes that are copied, filled, and moved out of the machine and into it. */
final class RamRanges {
    private static final String SOURCE = "MachineMemory";

    @Clause(
            id = "RAM-05",
            promise = "Bytes are copied from any place to any, as if through a buffer; with no bytes nothing is asked.",
            source = SOURCE)
    void copies(World world) {
        OwnRam.each(world, ram -> {
            long[] mfns = ram.sorts(OwnRam.OTHER);
            MirroredFrame one = new MirroredFrame(ram.memory(), mfns[0]);
            MirroredFrame two = new MirroredFrame(ram.memory(), mfns[1]);
            for (int length : new int[] {1, 7, 8, 9, 16, 17, 33}) {
                for (int from = 0; from < 20; from += 3) {
                    for (int to = 0; to < 20; to += 2) {
                        copied(one, from, one, to, length);
                        copied(one, Page.SIZE - length - from, two, Page.SIZE - length - to, length);
                    }
                }
            }
            copied(one, 0, one, 8, Page.SIZE - 8);
            copied(one, 8, one, 0, Page.SIZE - 8);
            copied(one, 0, two, 0, Page.SIZE);
            ram.memory().copy(-1, Long.MIN_VALUE, 0);
        });
    }

    private static void copied(MirroredFrame source, int from, MirroredFrame destination, int to, int length) {
        source.memory.copy(source.at(from), destination.at(to), length);
        byte[] buffer = new byte[length];
        for (int n = 0; n < length; n++) {
            buffer[n] = source.get(from + n);
        }
        for (int n = 0; n < length; n++) {
            destination.expect(to + n, buffer[n]);
        }
        destination.check("a copy of " + length + " bytes from " + from + " to " + to, to, length);
        source.check("a copy of " + length + " bytes from here", from, length);
    }

    @Clause(
            id = "RAM-06",
            promise = "A range is filled from its first byte to its last; memory that nobody touched is zero.",
            source = "MachineMemory; MemoryProvider: zeroed memory")
    void fills(World world) {
        OwnRam.each(world, ram -> {
            long untouched = ram.frame(OwnRam.OTHER, OwnRam.HIGH);
            ram.memory().fill(Page.address(untouched), Page.SIZE, (byte) 0);
            Expect.equal("memory that nobody touched", 0, ram.memory().load64(Page.address(untouched) + 8));
            for (long mfn : ram.sorts(OwnRam.OTHER)) {
                MirroredFrame frame = new MirroredFrame(ram.memory(), mfn);
                for (int length : new int[] {1, 7, 8, 9, 23, 24, 64}) {
                    for (int at = 0; at < 17; at++) {
                        filled(frame, at, length, (byte) (0x80 + at));
                        filled(frame, Page.SIZE - length - at, length, (byte) 0);
                    }
                }
                filled(frame, 0, Page.SIZE, (byte) 0x7e);
                filled(frame, 0, Page.SIZE, (byte) 0);
            }
            ram.memory().fill(-1, 0, (byte) 1);
        });
    }

    private static void filled(MirroredFrame frame, int at, int length, byte value) {
        frame.memory.fill(frame.at(at), length, value);
        for (int n = 0; n < length; n++) {
            frame.expect(at + n, value);
        }
        frame.check("a fill of " + length + " bytes at " + at, at, length);
    }

    @Clause(
            id = "RAM-07",
            promise = "Bytes go out of the machine and into it, from and to the places that are named.",
            source = SOURCE)
    void outAndIn(World world) {
        OwnRam.each(world, ram -> {
            for (long mfn : ram.sorts(OwnRam.OTHER)) {
                MirroredFrame frame = new MirroredFrame(ram.memory(), mfn);
                for (int length : new int[] {0, 1, 7, 8, 9, 24, 31}) {
                    for (int at = 0; at < 9; at++) {
                        moved(frame, at, length, 3);
                        moved(frame, Page.SIZE - 1 - length - at, length, 0);
                    }
                }
                moved(frame, 0, Page.SIZE, 0);
                byte[] all = new byte[Page.SIZE];
                ram.memory().copyOut(frame.address, MemorySegment.ofArray(all));
                Expect.equal("a whole frame", frame.get(Page.SIZE - 1), all[Page.SIZE - 1]);
                ram.memory().copyIn(frame.address, MemorySegment.ofArray(new byte[] {1, 2}));
                frame.expect(0, 2, 0x0201);
                frame.check("two bytes", 0, 2);
            }
            ram.memory().copyOut(-1, MemorySegment.ofArray(new byte[0]));
            ram.memory().copyIn(-1, MemorySegment.ofArray(new byte[0]));
        });
    }

    private static void moved(MirroredFrame frame, int at, int length, int within) {
        byte[] outside = new byte[length + 2 * within];
        frame.memory.copyOut(frame.at(at), MemorySegment.ofArray(outside), within, length);
        for (int n = 0; n < outside.length; n++) {
            boolean inside = n >= within && n < within + length;
            Expect.equal("byte " + n + " of what came out", inside ? frame.get(at + n - within) : 0, outside[n]);
            outside[n] = (byte) (outside[n] * 3 + n + 1);
        }
        frame.memory.copyIn(frame.at(at), MemorySegment.ofArray(outside), within, length);
        for (int n = 0; n < length; n++) {
            frame.expect(at + n, outside[n + within]);
        }
        frame.check("bytes that came in", at, length);
    }
}
