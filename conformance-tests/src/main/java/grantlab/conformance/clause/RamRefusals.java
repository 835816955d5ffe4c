package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongConsumer;

/** Accesses that no room may make. */
final class RamRefusals {
    private static final String SOURCE = "MachineMemory";
    private static final long LETTERS = 0x8192_a3b4_c5d6_e7f8L;

    @Clause(
            id = "RAM-08",
            promise =
                    "An access outside of RAM, a misaligned one, and one that leaves its frame are refused, and change"
                            + " nothing.",
            source = SOURCE)
    void refusals(World world) {
        OwnRam.each(world, ram -> {
            long mfn = ram.frame(OwnRam.OTHER);
            MirroredFrame frame = new MirroredFrame(ram.memory(), mfn);
            for (Verb verb : verbs(ram.memory(), frame.address)) {
                outside(verb);
                for (int off = 1; off < verb.alignment; off++) {
                    long address = frame.at(32 + off);
                    refused(
                            verb.name + " at +" + off,
                            IllegalArgumentException.class,
                            () -> verb.access.accept(address));
                }
            }
            for (Verb range : ranges(ram.memory(), frame.address)) {
                refused(range.name, IllegalArgumentException.class, () -> range.access.accept(frame.at(Page.SIZE - 8)));
            }
            frame.check("all that was refused");
        });
    }

    private static void outside(Verb verb) {
        for (long address : new long[] {
            Page.address(3 * OwnRam.BLOCK),
            Page.address(OwnRam.HIGH),
            Page.address(OwnRam.LAST + 1),
            Page.address(3 * OwnRam.BLOCK + 0x108),
            -Page.SIZE
        }) {
            refused(
                    verb.name + " at 0x" + Long.toHexString(address),
                    IndexOutOfBoundsException.class,
                    () -> verb.access.accept(address));
        }
    }

    /** An access of eight bytes at most. */
    private record Verb(String name, int alignment, LongConsumer access) {}

    private static List<Verb> verbs(MachineMemory memory, long good) {
        long[] words = new long[1];
        MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
        return List.of(
                new Verb("load8", 1, memory::load8),
                new Verb("load16", 2, memory::load16),
                new Verb("load32", 4, memory::load32),
                new Verb("load64", 8, memory::load64),
                new Verb("load64s", 8, at -> memory.load64s(at, words, 1)),
                new Verb("load16Acquire", 2, memory::load16Acquire),
                new Verb("load32Acquire", 4, memory::load32Acquire),
                new Verb("load64Acquire", 8, memory::load64Acquire),
                new Verb("store8", 1, at -> memory.store8(at, (byte) 1)),
                new Verb("store16", 2, at -> memory.store16(at, (short) 1)),
                new Verb("store32", 4, at -> memory.store32(at, 1)),
                new Verb("store64", 8, at -> memory.store64(at, 1)),
                new Verb("store64s", 8, at -> memory.store64s(at, words, 1)),
                new Verb("store16Release", 2, at -> memory.store16Release(at, (short) 1)),
                new Verb("store32Release", 4, at -> memory.store32Release(at, 1)),
                new Verb("store64Release", 8, at -> memory.store64Release(at, 1)),
                new Verb("compareAndExchange32", 4, at -> memory.compareAndExchange32(at, 0, 1)),
                new Verb("compareAndExchange64", 8, at -> memory.compareAndExchange64(at, 0, 1)),
                new Verb("getAndBitwiseOr32", 4, at -> memory.getAndBitwiseOr32(at, -1)),
                new Verb("getAndBitwiseAnd32", 4, at -> memory.getAndBitwiseAnd32(at, 0)),
                new Verb("getAndBitwiseAnd64", 8, at -> memory.getAndBitwiseAnd64(at, 0)),
                new Verb("copy from", 1, at -> memory.copy(at, good, 8)),
                new Verb("copy to", 1, at -> memory.copy(good, at, 8)),
                new Verb("fill", 1, at -> memory.fill(at, 8, (byte) 1)),
                new Verb("copyOut", 1, at -> memory.copyOut(at, bytes, 0, 8)),
                new Verb("copyIn", 1, at -> memory.copyIn(at, bytes, 0, 8)));
    }

    /** Accesses that begin eight bytes before the end of a frame, and are longer; or shorter than nothing. */
    private static List<Verb> ranges(MachineMemory memory, long good) {
        long[] words = new long[2];
        MemorySegment bytes = MemorySegment.ofArray(new byte[16]);
        return List.of(
                new Verb("load64s over the end", 8, at -> memory.load64s(at, words, 2)),
                new Verb("store64s over the end", 8, at -> memory.store64s(at, words, 2)),
                new Verb("copy from over the end", 1, at -> memory.copy(at, good, 9)),
                new Verb("copy to over the end", 1, at -> memory.copy(good, at, 9)),
                new Verb("fill over the end", 1, at -> memory.fill(at, 9, (byte) 1)),
                new Verb("copyOut over the end", 1, at -> memory.copyOut(at, bytes, 0, 9)),
                new Verb("copyIn over the end", 1, at -> memory.copyIn(at, bytes, 0, 9)),
                new Verb("load64s of less than nothing", 8, at -> memory.load64s(at, words, -1)),
                new Verb("store64s of less than nothing", 8, at -> memory.store64s(at, words, -1)),
                new Verb("copy of less than nothing", 1, at -> memory.copy(good, at, -1)),
                new Verb("fill of less than nothing", 1, at -> memory.fill(at, -1, (byte) 1)),
                new Verb("copyOut of less than nothing", 1, at -> memory.copyOut(at, bytes, 0, -1)),
                new Verb("copyIn of less than nothing", 1, at -> memory.copyIn(at, bytes, 0, -1)));
    }

    @Clause(
            id = "RAM-09",
            promise =
                    "The kind of memory that is called checked refuses accesses to frames that nobody holds, the firmware's among"
                            + " them; the hypervisor's frames stay until they are freed.",
            source = "README.md, memory = checked")
    void checked(World world) {
        OwnRam.each(world, ram -> {
            if (ram.kind().equals("checked")) {
                unheld(ram);
            }
        });
    }

    private static void unheld(OwnRam ram) {
        long held = ram.frame(OwnRam.OTHER);
        long shared = ram.frames().allocateShared(OwnRam.OTHER);
        Expect.holds("the reference goes", ram.frames().releaseAllocation(shared));
        ram.memory().store64(Page.address(shared), LETTERS);
        Expect.equal("in the hypervisor's frame", LETTERS, ram.memory().load64(Page.address(shared)));
        for (Verb verb : verbs(ram.memory(), Page.address(held))) {
            for (long free : new long[] {0, held + 2, OwnRam.LAST}) {
                refused(
                        verb.name + " of frame 0x" + Long.toHexString(free),
                        IllegalStateException.class,
                        () -> verb.access.accept(Page.address(free)));
            }
        }
        ram.frames().freeShared(shared);
        refused("a load", IllegalStateException.class, () -> ram.memory().load64(Page.address(shared)));
    }
}
