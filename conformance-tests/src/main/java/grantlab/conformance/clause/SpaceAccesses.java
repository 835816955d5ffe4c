package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;

import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Loads, stores and exchanges of a guest where something stands. */
final class SpaceAccesses {
    private static final long VALUE = 0xf1f2_f3f4_f5f6_f7f8L;
    private static final long BESIDE = 0x5a5a_5a5a_5a5a_5a5aL;
    private static final int[] SIZES = {1, 2, 4, 8};

    private static long low(long value, int bytes) {
        return value & (-1L >>> (Long.SIZE - bytes * Byte.SIZE));
    }

    @Clause(
            id = "SPACE-01",
            promise =
                    "Loads and stores of 1, 2, 4 and 8 bytes reach what stands there at every alignment, the lowest byte first, and no"
                            + " byte beside.",
            source = "AddressSpace.load, AddressSpace.store")
    void sizes(World world) {
        SpaceBench.on(world, bench -> {
            long behind = Page.address(bench.frame(0));
            for (int bytes : SIZES) {
                for (int offset = 1; offset < 16; offset++) {
                    bench.memory.fill(behind, 32, (byte) 0x5a);
                    Expect.equal("fault", 0, bench.store(bench.page(0) + offset, bytes, VALUE));
                    for (int at = 0; at < 32; at++) {
                        boolean inside = at >= offset && at < offset + bytes;
                        byte expected = inside ? (byte) (VALUE >>> ((at - offset) * Byte.SIZE)) : (byte) 0x5a;
                        Expect.equal("byte " + at, expected, bench.memory.load8(behind + at));
                    }
                    Expect.equal("fault", 0, bench.load(bench.page(0) + offset, bytes));
                    Expect.equal("what is loaded", low(VALUE, bytes), bench.loaded.value);
                }
            }
        });
    }

    @Clause(
            id = "SPACE-02",
            promise =
                    "An access over the end of a page does its first part there and its second in the page that follows.",
            source = "AddressSpace.load, AddressSpace.store")
    void twoPages(World world) {
        SpaceBench.on(world, bench -> {
            for (int bytes : SIZES) {
                for (int first = 1; first < bytes; first++) {
                    long address = bench.page(1) - first;
                    bench.put(bench.page(1) - 8, BESIDE);
                    bench.put(bench.page(1), BESIDE);
                    Expect.equal("fault", 0, bench.store(address, bytes, VALUE));
                    for (int n = 0; n < bytes; n++) {
                        long at = n < first
                                ? Page.address(bench.frame(0)) + Page.SIZE - first + n
                                : Page.address(bench.frame(1)) + n - first;
                        Expect.equal("byte " + n, (byte) (VALUE >>> (n * Byte.SIZE)), bench.memory.load8(at));
                    }
                    Expect.equal(
                            "the byte behind",
                            (byte) BESIDE,
                            bench.memory.load8(Page.address(bench.frame(1)) + bytes - first));
                    Expect.equal("fault", 0, bench.load(address, bytes));
                    Expect.equal("what is loaded", low(VALUE, bytes), bench.loaded.value);
                }
            }
        });
    }

    @Clause(
            id = "SPACE-03",
            promise = "An access that ends with its page does not touch the next one.",
            source = "AddressSpace.load, AddressSpace.store")
    void lastBytes(World world) {
        SpaceBench.on(world, bench -> {
            long hole = bench.page(SpaceBench.PAGES);
            for (int bytes : SIZES) {
                Expect.equal("fault", 0, bench.store(hole - bytes, bytes, VALUE));
                Expect.equal("fault", 0, bench.load(hole - bytes, bytes));
                Expect.equal("what is loaded", low(VALUE, bytes), bench.loaded.value);
            }
        });
    }

    @Clause(
            id = "SPACE-04",
            promise =
                    "A compare-exchange of 4 or 8 bytes puts the value there if what it expects is there, and tells what was there.",
            source = "AddressSpace.compareAndExchange")
    void exchange(World world) {
        SpaceBench.on(world, bench -> {
            long address = bench.page(0) + 8;
            bench.put(address, 0x8000_0001_ffff_fff0L);
            Expect.equal("fault", 0, exchange(bench, address, 4, 0xffff_fff0L, 0x1_0000_0005L));
            Expect.equal("witness", 0xffff_fff0L, bench.loaded.value);
            bench.expectReads(address, 0x8000_0001_0000_0005L);
            Expect.equal("fault", 0, exchange(bench, address, 8, 5, 6));
            Expect.equal("witness", 0x8000_0001_0000_0005L, bench.loaded.value);
            bench.expectReads(address, 0x8000_0001_0000_0005L);
            Expect.equal("fault", 0, exchange(bench, address, 8, 0x8000_0001_0000_0005L, -2));
            Expect.equal("witness", 0x8000_0001_0000_0005L, bench.loaded.value);
            bench.expectReads(address, -2);
        });
    }

    private static int exchange(SpaceBench bench, long address, int bytes, long expected, long value) {
        return bench.space.compareAndExchange(bench.tlb, address, bytes, expected, value, bench.loaded);
    }

    @Clause(
            id = "SPACE-05",
            promise = "An access of any other size is the caller's mistake, and changes nothing.",
            source = "AddressSpace.load, AddressSpace.store, AddressSpace.compareAndExchange")
    void otherSizes(World world) {
        SpaceBench.on(world, bench -> {
            for (int bytes : new int[] {3, 5, 16}) {
                long address = bench.page(0);
                expectMistake(() -> bench.load(address, bytes));
                expectMistake(() -> bench.store(address, bytes, 1));
                expectMistake(() -> exchange(bench, address, bytes, 0x1000, 1));
                bench.expectReads(address, 0x1000);
            }
        });
    }

    private static void expectMistake(Runnable access) {
        boolean mistaken = false;
        try {
            access.run();
        } catch (IllegalArgumentException e) {
            mistaken = true;
        }
        Expect.holds("the caller is told of its mistake", mistaken);
    }

    @Clause(
            id = "SPACE-06",
            promise =
                    "Many bytes go page after page, from any byte on, to and from a part of a segment, and none beside it.",
            source = "AddressSpace.loadBytes, AddressSpace.storeBytes")
    void manyBytes(World world) {
        SpaceBench.on(world, bench -> {
            byte[] pattern = new byte[2 * Page.SIZE + 64];
            for (int n = 0; n < pattern.length; n++) {
                pattern[n] = (byte) (n * 7 + 1);
            }
            MemorySegment from = MemorySegment.ofArray(pattern);
            for (int offset : new int[] {0, 100}) {
                for (int length : new int[] {0, 1, Page.SIZE - offset, Page.SIZE - offset + 1, 2 * Page.SIZE}) {
                    for (int n = 0; n < 3; n++) {
                        bench.memory.fill(Page.address(bench.frame(n)), Page.SIZE, (byte) 0);
                    }
                    long address = bench.page(0) + offset;
                    Expect.equal("fault", 0, bench.space.storeBytes(bench.tlb, address, from, 8, length, bench.loaded));
                    byte[] expected = new byte[3 * Page.SIZE];
                    System.arraycopy(pattern, 8, expected, offset, length);
                    Expect.equal("bytes stored", -1, Arrays.mismatch(expected, behind(bench)));
                    byte[] got = new byte[pattern.length];
                    Expect.equal(
                            "fault",
                            0,
                            bench.space.loadBytes(
                                    bench.tlb, address, MemorySegment.ofArray(got), 16, length, bench.loaded));
                    byte[] part = new byte[pattern.length];
                    System.arraycopy(pattern, 8, part, 16, length);
                    Expect.equal("bytes loaded", -1, Arrays.mismatch(part, got));
                }
            }
        });
    }

    /** What the frames of the first three pages hold. */
    private static byte[] behind(SpaceBench bench) {
        byte[] bytes = new byte[3 * Page.SIZE];
        MemorySegment all = MemorySegment.ofArray(bytes);
        for (int n = 0; n < 3; n++) {
            bench.memory.copyOut(Page.address(bench.frame(n)), all, (long) n * Page.SIZE, Page.SIZE);
        }
        return bytes;
    }

    @Clause(
            id = "SPACE-07",
            promise =
                    "An argument is looked for where it stands now, with its offset, whatever a vCPU remembers; where nothing stands there"
                            + " is none.",
            source = "AddressSpace.argument")
    void arguments(World world) {
        SpaceBench.on(world, bench -> {
            long there = Page.address(bench.frame(3)) + 0x123;
            Expect.equal("where it is read", there, bench.space.argument(bench.page(3) + 0x123, false));
            Expect.equal("where it is written", there, bench.space.argument(bench.page(3) + 0x123, true));
            long hole = bench.page(SpaceBench.PAGES);
            Expect.equal("where nothing stands", AddressSpace.NO_ARGUMENT, bench.space.argument(hole, false));
            long granted = bench.granted(UNTYPED, 5);
            Expect.equal("status of map", 0, bench.map(bench.slot(0), granted, WRITE));
            bench.read(bench.slot(0));
            Expect.equal("status of unmap", 0, bench.space.unmap(bench.slot(0), 0, 2, granted, WRITE, bench.mapped));
            Expect.equal("where it stood", AddressSpace.NO_ARGUMENT, bench.space.argument(bench.slot(0), false));
            bench.space.flush();
            bench.drop(granted, Page.ORDER_4K, WRITE);
        });
    }

    @Clause(
            id = "SPACE-08",
            promise =
                    "Bytes that are exchanged, loaded or stored through a mapping are those of the frame that is granted.",
            source = "AddressSpace.map")
    void throughAMapping(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            Expect.equal("status of map", 0, bench.map(bench.slot(1), granted, WRITE));
            bench.expectReads(bench.slot(1), 0x20000);
            Expect.equal("fault", 0, exchange(bench, bench.slot(1), 8, 0x20000, 7));
            Expect.equal("in the frame", 7, bench.memory.load64(Page.address(granted)));
            MemorySegment bytes = MemorySegment.ofArray(new byte[Page.SIZE]);
            Expect.equal(
                    "fault", 0, bench.space.loadBytes(bench.tlb, bench.slot(1), bytes, 0, Page.SIZE, bench.loaded));
            Expect.equal("first byte", 7, bytes.get(ValueLayout.JAVA_BYTE, 0));
            Expect.equal("status of unmap", 0, bench.unmap(bench.slot(1), granted, WRITE));
            bench.expectNothing(bench.slot(1));
            Expect.equal("status of map", 0, bench.map(bench.slot(1), granted, READ));
            bench.expectReads(bench.slot(1), 7);
            Expect.equal("status of unmap", 0, bench.unmap(bench.slot(1), granted, READ));
        });
    }
}
