package grantlab.conformance.clause;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.api.memory.RamLayout.Extent;
import grantlab.api.memory.SharedExtent;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.OnceFor;
import grantlab.conformance.World;
import grantlab.hypervisor.Installed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What each kind of memory that is installed owes by its contract. */
@OnceFor(Member.GRANTER)
public final class RamClauses implements ClauseFamily {
    private static final String SOURCE = "MachineMemory";
    private static final long LETTERS = 0x8192_a3b4_c5d6_e7f8L;
    private static final int[] WIDTHS = {1, 2, 4, 8};
    private static final int LAST_BYTES = Page.SIZE - 16;

    /** Frames that are to be had of a small machine, behind those of the firmware. */
    private static final int SMALL = 40;

    private static final RamLayout SMALL_LAYOUT = new RamLayout(List.of(new Extent(0, 256 + SMALL)));

    /** Pages: 2 MiB and more. */
    private static final int MUCH = 600;

    /** Machines at a time. */
    private static final int SEVERAL = 6;

    /** For ServiceLoader. */
    public RamClauses() {}

    @Override
    public String prefix() {
        return "RAM";
    }

    @Override
    public String title() {
        return "What memory owes by its contract";
    }

    @Override
    public List<Object> parts() {
        return List.of(new RamRanges(), new RamRefusals());
    }

    @Clause(
            id = "RAM-01",
            promise = "RAM is where its layout says, frame for frame, and nowhere else.",
            source = SOURCE)
    void extents(World world) {
        OwnRam.each(world, ram -> {
            MachineMemory memory = ram.memory();
            for (Extent extent : OwnRam.LAYOUT.extents()) {
                long end = extent.firstMfn() + extent.frames();
                Expect.holds("the first frame of " + extent, memory.isRam(extent.firstMfn()));
                Expect.holds("the last frame of " + extent, memory.isRam(end - 1));
                Expect.holdsNot("the frame before " + extent, memory.isRam(extent.firstMfn() - 1));
                Expect.holdsNot("the frame behind " + extent, memory.isRam(end));
            }
            for (long none : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, OwnRam.HIGH}) {
                Expect.holdsNot("frame 0x" + Long.toHexString(none), memory.isRam(none));
            }
        });
    }

    @Clause(
            id = "RAM-02",
            promise =
                    "What is stored is loaded again with every width, the least byte first; nothing beside it changes.",
            source = SOURCE)
    void widths(World world) {
        OwnRam.each(world, ram -> {
            for (long mfn : ram.sorts(OwnRam.OTHER)) {
                MirroredFrame frame = new MirroredFrame(ram.memory(), mfn);
                for (int from : new int[] {0, LAST_BYTES}) {
                    for (int width : WIDTHS) {
                        for (int at = from; at < from + 16; at += width) {
                            stored(frame, at, width);
                        }
                    }
                }
                frame.check("all");
            }
        });
    }

    private static void stored(MirroredFrame frame, int at, int width) {
        for (long value : new long[] {LETTERS, 0, -1, LETTERS >>> 4}) {
            for (boolean release : new boolean[] {false, true}) {
                long before = frame.get(at, width);
                store(frame.memory, frame.at(at), width, ~before, release);
                frame.expect(at, width, ~before);
                frame.check("a store of " + width + " bytes at " + at, at, width);
                store(frame.memory, frame.at(at), width, value, release);
                frame.expect(at, width, value);
                frame.check("a store of " + width + " bytes at " + at, at, width);
                loaded(frame, at & -Long.BYTES);
            }
        }
    }

    private static void store(MachineMemory memory, long address, int width, long value, boolean release) {
        switch (width) {
            case 1 -> memory.store8(address, (byte) value);
            case 2 -> {
                if (release) {
                    memory.store16Release(address, (short) value);
                } else {
                    memory.store16(address, (short) value);
                }
            }
            case 4 -> {
                if (release) {
                    memory.store32Release(address, (int) value);
                } else {
                    memory.store32(address, (int) value);
                }
            }
            default -> {
                if (release) {
                    memory.store64Release(address, value);
                } else {
                    memory.store64(address, value);
                }
            }
        }
    }

    /** Eight bytes, in every way. */
    private static void loaded(MirroredFrame frame, int from) {
        MachineMemory memory = frame.memory;
        for (int at = from; at < from + Long.BYTES; at += 2) {
            short expected = (short) frame.get(at, 2);
            Expect.equal("2 bytes at " + at, expected, memory.load16(frame.at(at)));
            Expect.equal("2 bytes at " + at + ", acquire", expected, memory.load16Acquire(frame.at(at)));
        }
        for (int at = from; at < from + Long.BYTES; at += 4) {
            int expected = (int) frame.get(at, 4);
            Expect.equal("4 bytes at " + at, expected, memory.load32(frame.at(at)));
            Expect.equal("4 bytes at " + at + ", acquire", expected, memory.load32Acquire(frame.at(at)));
        }
        Expect.equal("8 bytes at " + from, frame.get(from, 8), memory.load64(frame.at(from)));
        Expect.equal("8 bytes at " + from + ", acquire", frame.get(from, 8), memory.load64Acquire(frame.at(from)));
    }

    @Clause(
            id = "RAM-03",
            promise = "Several words are loaded and stored as one after the other, up to the end of their frame and no"
                    + " others.",
            source = SOURCE)
    void words(World world) {
        OwnRam.each(world, ram -> {
            for (long mfn : ram.sorts(OwnRam.OTHER)) {
                MirroredFrame frame = new MirroredFrame(ram.memory(), mfn);
                for (int count = 0; count <= 19; count++) {
                    severalWords(frame, 64, count);
                    severalWords(frame, Page.SIZE - count * Long.BYTES, count);
                }
                severalWords(frame, 0, Page.SIZE / Long.BYTES);
            }
        });
    }

    private static void severalWords(MirroredFrame frame, int at, int count) {
        if (at == Page.SIZE) {
            return;
        }
        long[] words = new long[count + 1];
        words[count] = LETTERS;
        frame.memory.load64s(frame.at(at), words, count);
        for (int n = 0; n < count; n++) {
            Expect.equal("word " + n + " of " + count, frame.get(at + n * Long.BYTES, Long.BYTES), words[n]);
            words[n] = LETTERS + n * 0x1_0001L + at;
        }
        Expect.equal("behind the last word", LETTERS, words[count]);
        frame.memory.store64s(frame.at(at), words, count);
        for (int n = 0; n < count; n++) {
            frame.expect(at + n * Long.BYTES, Long.BYTES, words[n]);
        }
        frame.check("a store of " + count + " words", at, count * Long.BYTES);
    }

    @Clause(
            id = "RAM-04",
            promise =
                    "An atomic answers what was there, changes what it names, and nothing when it is not as expected.",
            source = SOURCE)
    void atomics(World world) {
        OwnRam.each(world, ram -> {
            for (long mfn : ram.sorts(OwnRam.OTHER)) {
                MirroredFrame frame = new MirroredFrame(ram.memory(), mfn);
                for (int at : new int[] {0, 4, 8, 12, Page.SIZE - 8, Page.SIZE - 4}) {
                    atomics32(frame, at);
                }
                for (int at : new int[] {0, 8, Page.SIZE - 8}) {
                    atomics64(frame, at);
                }
            }
        });
    }

    private static void atomics32(MirroredFrame frame, int at) {
        MachineMemory memory = frame.memory;
        long address = frame.at(at);
        int before = (int) frame.get(at, 4);
        for (int wrong : new int[] {before ^ 1, before ^ 1 << 31}) {
            Expect.equal("witness", before, memory.compareAndExchange32(address, wrong, 0));
            frame.check("an exchange that expected something else", at, 4);
        }
        Expect.equal("witness", before, memory.compareAndExchange32(address, before, 0x8765_4321));
        frame.expect(at, 4, 0x8765_4321);
        frame.check("an exchange", at, 4);
        Expect.equal("before bits are set", 0x8765_4321, memory.getAndBitwiseOr32(address, 0xf0f0_0000));
        frame.expect(at, 4, 0xf7f5_4321);
        frame.check("bits that are set", at, 4);
        Expect.equal("before bits are kept", 0xf7f5_4321, memory.getAndBitwiseAnd32(address, 0x8fff_ff0f));
        frame.expect(at, 4, 0x87f5_4301);
        frame.check("bits that are kept", at, 4);
    }

    private static void atomics64(MirroredFrame frame, int at) {
        MachineMemory memory = frame.memory;
        long address = frame.at(at);
        long before = frame.get(at, 8);
        for (long wrong : new long[] {before ^ 1, before ^ 1L << 63}) {
            Expect.equal("witness", before, memory.compareAndExchange64(address, wrong, 0));
            frame.check("an exchange that expected something else", at, 8);
        }
        Expect.equal("witness", before, memory.compareAndExchange64(address, before, LETTERS));
        frame.expect(at, 8, LETTERS);
        frame.check("an exchange", at, 8);
        Expect.equal("before bits are kept", LETTERS, memory.getAndBitwiseAnd64(address, -1L << 60 | 0xff0));
        frame.expect(at, 8, 0x8000_0000_0000_07f0L);
        frame.check("bits that are kept", at, 8);
    }

    @Clause(
            id = "RAM-10",
            promise =
                    "Memory that other processes can have lies in the file as it lies in the machine: all of RAM, ascending.",
            source = "MachineRam, sharedExtents; SharedExtent")
    void sharedWithProcesses(World world) {
        OwnRam.each(world, ram -> {
            List<SharedExtent> shared = ram.ram().sharedExtents();
            if (shared.isEmpty()) {
                return;
            }
            List<Extent> extents = OwnRam.LAYOUT.extents();
            Expect.equal("extents", extents.size(), shared.size());
            for (int n = 0; n < shared.size(); n++) {
                Extent extent = extents.get(n);
                Expect.equal(
                        "where it begins",
                        Page.address(extent.firstMfn()),
                        shared.get(n).address());
                Expect.equal(
                        "how large it is",
                        Page.address(extent.frames()),
                        shared.get(n).bytes());
                long last = Page.address(extent.firstMfn() + extent.frames()) - Long.BYTES;
                ram.memory().store64(last, LETTERS + n);
                Expect.equal("what the file has", LETTERS + n, inFile(shared.get(n), last));
            }
        });
    }

    @Clause(
            id = "RAM-11",
            promise =
                    "Memory that other processes can have goes with the machine: its file is closed, and nothing of it is mapped.",
            source = "MachineRam, close")
    void givenBack(World world) {
        OwnRam.each(world, ram -> {
            List<SharedExtent> shared = ram.ram().sharedExtents();
            if (shared.isEmpty()) {
                return;
            }
            Path file = Path.of("/proc/self/fd/" + shared.getFirst().descriptor());
            String inode = inode(file);
            Expect.holds("it is mapped", isMapped(inode));
            ram.close();
            Expect.holdsNot(
                    "its file is open", Files.exists(file) && inode(file).equals(inode));
            Expect.holdsNot("it is mapped", isMapped(inode));
        });
    }

    @Clause(
            id = "RAM-12",
            promise = "Each kind of memory is found by its name, which is that of no other.",
            source = "MemoryProvider: name")
    void names(World world) {
        Installed installed = world.machine().installed();
        Set<String> names = new HashSet<>();
        for (MemoryProvider kind : installed.memories()) {
            Expect.holds("a new name: " + kind.name(), !kind.name().isBlank() && names.add(kind.name()));
            Expect.equal("who is found by it", kind, installed.memory(kind.name()));
        }
    }

    @Clause(
            id = "RAM-13",
            promise =
                    "A machine begins with zeros everywhere, whatever machines of the same size before it wrote, and wherever: little, much, or"
                            + " several machines at a time.",
            source = "MemoryProvider: create")
    void zerosAtTheBeginning(World world) {
        for (int pages : new int[] {1, SMALL, 3, 0, 2, 0}) {
            OwnRam.each(world, SMALL_LAYOUT, ram -> expectZerosAndWrite(ram, SMALL, pages));
        }
        for (int round = 0; round < 2; round++) {
            OwnRam.each(world, ram -> expectZerosAndWrite(ram, MUCH, MUCH));
            List<OwnRam> several = new ArrayList<>();
            for (int n = 0; n < SEVERAL; n++) {
                OwnRam ram = OwnRam.of(world, SMALL_LAYOUT);
                several.add(ram);
                expectZerosAndWrite(ram, SMALL, n);
            }
            several.forEach(OwnRam::close);
        }
    }

    /** Of the first frames that are to be had some are filled, and in others there is a word here and there. */
    private static void expectZerosAndWrite(OwnRam ram, int frames, int filled) {
        MachineMemory memory = ram.memory();
        long[] words = new long[Page.SIZE / Long.BYTES];
        for (int n = 0; n < frames; n++) {
            long mfn = ram.frame(OwnRam.TRANSLATED);
            memory.load64s(Page.address(mfn), words, words.length);
            Expect.equal("what is in frame 0x" + Long.toHexString(mfn), 0, any(words));
            if (n < filled) {
                memory.fill(Page.address(mfn), Page.SIZE, (byte) 0xa5);
            } else if (filled != 0 && n % 17 == 0) {
                memory.store64(Page.address(mfn) + Page.SIZE - Long.BYTES, LETTERS);
            }
        }
    }

    /** One or the other. */
    private static long any(long[] words) {
        long any = 0;
        for (long word : words) {
            any |= word;
        }
        return any;
    }

    private static String inode(Path file) {
        try {
            return String.valueOf(Files.getAttribute(file, "unix:ino"));
        } catch (NoSuchFileException e) {
            return "none";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isMapped(String inode) {
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            return mappings.anyMatch(mapping -> mapping.contains(" " + inode + " "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long inFile(SharedExtent extent, long address) {
        Path file = Path.of("/proc/self/fd/" + extent.descriptor());
        ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file)) {
            channel.read(word, extent.offset() + address - extent.address());
            return word.getLong(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
