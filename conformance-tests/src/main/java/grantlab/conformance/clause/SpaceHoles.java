package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.ONES;
import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.TYPED;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.GnttabOp;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Where guests have a map and no tables of ours: holes, what may not be written, and what their own tables leave out. */
@Needs(grantee = "translated")
final class SpaceHoles {
    private static final String EMULATION = "xen/arch/x86/hvm/emulate.c, linear_read and linear_write";
    private static final int PAGE_FAULT = 14;
    private static final int WRITES = 2;

    private static int exchange(SpaceBench bench, long address, int bytes, long expected, long value) {
        return bench.space.compareAndExchange(bench.tlb, address, bytes, expected, value, bench.loaded);
    }

    @Clause(
            id = "SPACE-09",
            promise = "A hole reads as ones of the size that is asked for; stores and exchanges vanish there.",
            source = "PhysicalMap.NONE")
    void ones(World world) {
        SpaceBench.on(world, bench -> {
            for (int bytes : new int[] {1, 2, 4, 8}) {
                Expect.equal("fault", 0, bench.store(bench.slot(0), bytes, 0));
                Expect.equal("fault", 0, bench.load(bench.slot(0) + 1, bytes));
                Expect.equal("what is loaded", ONES >>> (Long.SIZE - bytes * Byte.SIZE), bench.loaded.value);
            }
            Expect.equal("fault", 0, exchange(bench, bench.slot(0), 4, 0xffff_ffffL, 1));
            Expect.equal("witness", 0xffff_ffffL, bench.loaded.value);
            bench.expectReads(bench.slot(0), ONES);
        });
    }

    @Clause(
            id = "SPACE-10",
            promise =
                    "Who asks for it is told of a hole by the address of its page, before anything is done there or, of one access, before"
                            + " it; what may only be read is no hole.",
            source = "AddressSpace.HOLE, Loaded.stopsAtHoles")
    void stops(World world) {
        SpaceBench.on(world, bench -> {
            long hole = bench.page(SpaceBench.PAGES);
            bench.loaded.stopsAtHoles = true;
            expectHole(bench, bench.slot(0) + 8, bench.load(bench.slot(0) + 8, 8));
            expectHole(bench, bench.slot(0), bench.store(bench.slot(0), 4, 1));
            expectHole(bench, bench.slot(0), exchange(bench, bench.slot(0), 8, ONES, 1));
            expectHole(bench, hole, bench.load(hole - 4, 8));
            expectHole(bench, hole, bench.store(hole - 4, 8, ONES));
            bench.expectReads(hole - 8, 0);
            long before = bench.page(0) - 1;
            expectHole(bench, before, bench.load(before, 8));
            expectHole(bench, before, bench.store(before, 8, ONES));
            bench.expectReads(bench.page(0), 0x1000);
            long granted = bench.granted(UNTYPED, 0x20000);
            Expect.equal("status of map", 0, bench.map(bench.slot(1), granted, READ));
            Expect.equal("a store that vanishes", 0, bench.store(bench.slot(1), 8, 1));
            Expect.equal("an exchange that vanishes", 0, exchange(bench, bench.slot(1), 8, 0x20000, 1));
            Expect.equal("witness", 0x20000, bench.loaded.value);
            bench.expectReads(bench.slot(1), 0x20000);
        });
    }

    private static void expectHole(SpaceBench bench, long address, int got) {
        Expect.equal("what the access answers", AddressSpace.HOLE, got);
        Expect.equal("the page of the hole", Page.frame(address), Page.frame(bench.loaded.faultAddress));
        bench.loaded.faultAddress = 0;
    }

    @Clause(
            id = "SPACE-11",
            promise =
                    "Many bytes read ones in the pages that are holes and vanish there; who asks for it is stopped at the hole.",
            source = "AddressSpace.loadBytes, AddressSpace.storeBytes")
    void manyBytes(World world) {
        SpaceBench.on(world, bench -> {
            long start = bench.page(SpaceBench.PAGES - 1) + 100;
            long hole = bench.page(SpaceBench.PAGES);
            int length = Page.SIZE + 50;
            byte[] pattern = new byte[length];
            Arrays.fill(pattern, (byte) 0x5a);
            MemorySegment from = MemorySegment.ofArray(pattern);
            Expect.equal("fault", 0, bench.space.storeBytes(bench.tlb, start, from, 0, length, bench.loaded));
            byte[] got = new byte[length + 8];
            MemorySegment into = MemorySegment.ofArray(got);
            Expect.equal("fault", 0, bench.space.loadBytes(bench.tlb, start, into, 4, length, bench.loaded));
            byte[] expected = new byte[length + 8];
            Arrays.fill(expected, 4, 4 + Page.SIZE - 100, (byte) 0x5a);
            Arrays.fill(expected, 4 + Page.SIZE - 100, 4 + length, (byte) ONES);
            Expect.equal("bytes loaded", -1, Arrays.mismatch(expected, got));
            world.step("with a stop");
            bench.loaded.stopsAtHoles = true;
            Arrays.fill(pattern, (byte) 0x11);
            Arrays.fill(got, (byte) 0);
            expectHole(bench, hole, bench.space.storeBytes(bench.tlb, start, from, 0, length, bench.loaded));
            expectHole(bench, hole, bench.space.loadBytes(bench.tlb, start, into, 4, length, bench.loaded));
            Arrays.fill(expected, (byte) 0);
            Arrays.fill(expected, 4, 4 + Page.SIZE - 100, (byte) 0x11);
            Expect.equal("bytes loaded before the hole", -1, Arrays.mismatch(expected, got));
            Expect.equal("up to the hole", 0, bench.space.storeBytes(bench.tlb, hole - 8, from, 0, 8, bench.loaded));
            Expect.equal("up to the hole", 0, bench.space.loadBytes(bench.tlb, hole - 8, into, 0, 8, bench.loaded));
            expectHole(bench, hole, bench.space.storeBytes(bench.tlb, hole, from, 0, 1, bench.loaded));
            expectHole(bench, hole, bench.space.loadBytes(bench.tlb, hole, into, 0, 1, bench.loaded));
        });
    }

    @Clause(
            id = "SPACE-12",
            promise =
                    "An access over two pages of which one cannot be done by the processor is emulated: holes and grants of others read as"
                            + " ones and swallow stores, memory and the domain's own grants do not.",
            source = EMULATION)
    void emulated(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            long hole = bench.page(SpaceBench.PAGES);
            bench.put(hole - 4, 0x1122_3344_5566_7788L);
            bench.expectReads(hole - 8, 0x5566_7788_0000_0000L);
            bench.expectReads(hole - 4, 0xffff_ffff_5566_7788L);
            bench.put(bench.page(0) - 2, 0x1122_3344_5566_7788L);
            bench.expectReads(bench.page(0), 0x1122_3344_5566L);
            bench.expectReads(bench.page(0) - 2, 0x1122_3344_5566_ffffL);
            world.step("a grant of another's beside a hole");
            Expect.equal("status of map", 0, bench.map(bench.slot(1), granted, WRITE));
            bench.put(bench.slot(1) - 4, 0x0102_0304_0506_0708L);
            bench.expectReads(bench.slot(1), 0x20000);
            bench.expectReads(bench.slot(1) - 4, ONES);
            bench.put(bench.slot(2) - 4, 0x0102_0304_0506_0708L);
            bench.expectReads(bench.slot(2) - 8, 0);
            bench.expectReads(bench.slot(2) - 4, ONES);
            world.step("a grant of one's own beside a hole");
            Expect.equal("status of map", 0, bench.map(bench.slot(4), bench.frame(1), WRITE));
            bench.put(bench.slot(4) - 4, 0x0102_0304_0506_0708L);
            bench.expectReads(bench.slot(4), 0x0102_0304L);
            bench.expectReads(bench.slot(4) - 4, 0x0102_0304_ffff_ffffL);
        });
    }

    @Clause(
            id = "SPACE-13",
            promise =
                    "An access over two pages that the processor can do reaches both, whoever granted them; of a store of which one page"
                            + " may only be read the other part arrives where it is memory.",
            source = EMULATION)
    void overReadOnly(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 0x20000);
            long other = bench.granted(UNTYPED, 0x30000);
            Expect.equal("status of map", 0, bench.map(bench.slot(1), granted, READ));
            Expect.equal("status of map", 0, bench.map(bench.slot(2), other, WRITE));
            bench.expectReads(bench.slot(2) - 4, 0x0003_0000_0000_0000L);
            bench.put(bench.slot(2) - 4, 0x0102_0304_0506_0708L);
            bench.expectReads(bench.slot(2), 0x30000);
            bench.expectReads(bench.slot(2) - 8, 0);
            Expect.equal("status of map", 0, bench.map(bench.page(1), granted, READ));
            bench.put(bench.page(1) - 4, 0x0102_0304_0506_0708L);
            bench.expectReads(bench.page(1), 0x20000);
            bench.expectReads(bench.page(1) - 8, 0x0506_0708_0000_0000L);
            Expect.equal("status of map", 0, bench.map(bench.slot(3), bench.frame(3), READ));
            bench.put(bench.slot(3) + Page.SIZE - 4, ONES);
            bench.expectReads(bench.slot(4) - 8, 0);
        });
    }

    @Clause(
            id = "SPACE-14",
            promise =
                    "What is memory to be read, a grant to be read, or a place of grants v3 to be read swallows stores and exchanges,"
                            + " and reads as it is.",
            source = "PhysicalMap.RAM_RO, GRANT_RO, V3_GRANT_RO")
    void readOnly(World world) {
        SpaceBench.on(world, bench -> {
            bench.map.set(Page.frame(bench.slot(0)), bench.frame(1), Page.ORDER_4K, PhysicalMap.RAM_RO);
            long granted = bench.granted(TYPED, 0x1100);
            Expect.equal("status of map", 0, bench.map(bench.slot(1), granted, READ));
            Expect.equal("status of mapBeside", 0, bench.mapBeside(bench.slot(2), 6, granted, Page.ORDER_4K, READ));
            for (int slot = 0; slot < 3; slot++) {
                bench.put(bench.slot(slot), 5);
                bench.expectReads(bench.slot(slot), 0x1100);
                bench.put(bench.slot(slot), 6);
                Expect.equal("fault", 0, exchange(bench, bench.slot(slot), 8, 0x1100, 7));
                Expect.equal("witness", 0x1100, bench.loaded.value);
                bench.expectReads(bench.slot(slot), 0x1100);
            }
            bench.map.clear(Page.frame(bench.slot(0)), Page.ORDER_4K);
        });
    }

    @Clause(
            id = "SPACE-15",
            promise =
                    "Arguments are followed into memory and foreign frames, and into no grant; a write to what may only be read is"
                            + " discarded. What holds of an argument is counted.",
            source = "AddressSpace.argument, AddressSpace.argumentChanges; __hvm_copy")
    void arguments(World world) {
        SpaceBench.on(world, bench -> {
            long granted = bench.granted(UNTYPED, 1);
            Expect.equal("status of map", 0, bench.map(bench.slot(0), granted, WRITE));
            Expect.equal("into a grant", AddressSpace.NO_ARGUMENT, bench.space.argument(bench.slot(0), false));
            Expect.equal("status of mapBeside", 0, bench.mapBeside(bench.slot(3), 2, granted, Page.ORDER_4K, WRITE));
            Expect.equal("into a grant", AddressSpace.NO_ARGUMENT, bench.space.argument(bench.slot(3), true));
            long foreign = bench.granted(TYPED, 1);
            Expect.equal("error of mapForeign", 0, bench.mapForeign(bench.slot(1), foreign, WRITE));
            Expect.equal("into a foreign frame", Page.address(foreign), bench.space.argument(bench.slot(1), true));
            long gfn = Page.frame(bench.slot(2));
            long before = changes(bench);
            bench.map.set(gfn, bench.frame(1), Page.ORDER_4K, PhysicalMap.RAM_RO);
            Expect.holds("a change is counted", changes(bench) != before || before < 0);
            Expect.equal("to be read", Page.address(bench.frame(1)), bench.space.argument(bench.slot(2), false));
            Expect.equal("to be written", AddressSpace.DISCARDED, bench.space.argument(bench.slot(2), true));
            bench.map.clear(gfn, Page.ORDER_4K);
        });
    }

    private static long changes(SpaceBench bench) {
        var counted = bench.space.argumentChanges();
        return counted == null ? -1 : counted.count();
    }

    @Clause(
            id = "SPACE-16",
            promise =
                    "Once a guest's own tables cover a range, an access elsewhere is a page fault of a page that is not present, in each"
                            + " part of it, and arguments are not found there; further ranges add to it, and what is covered is what it was.",
            source = "AddressSpace.cover")
    void covered(World world) {
        SpaceBench.on(world, bench -> {
            bench.expectReads(bench.page(3), 0x1300);
            bench.space.cover(bench.page(0), 2 * Page.SIZE);
            long end = bench.page(2);
            Expect.equal("fault at the last byte", 0, bench.load(end - 1, 1));
            bench.expectReads(end - 8, 0);
            bench.expectReads(bench.page(0), 0x1000);
            bench.expectFault(bench.load(end, 8), end, PAGE_FAULT, 0);
            bench.expectFault(bench.store(end, 8, 1), end, PAGE_FAULT, WRITES);
            bench.expectFault(bench.load(bench.page(3), 8), bench.page(3), PAGE_FAULT, 0);
            bench.expectFault(bench.load(end - 4, 8), end, PAGE_FAULT, 0);
            bench.expectFault(bench.store(end - 4, 8, -1), end, PAGE_FAULT, WRITES);
            bench.expectReads(end - 8, 0);
            long before = bench.page(0) - 4;
            bench.expectFault(bench.load(before, 8), before, PAGE_FAULT, 0);
            bench.expectFault(bench.store(before, 8, -1), before, PAGE_FAULT, WRITES);
            bench.expectFault(exchange(bench, end, 8, 0x1200, 1), end, PAGE_FAULT, WRITES);
            Expect.equal("argument", AddressSpace.NO_ARGUMENT, bench.space.argument(end, false));
            Expect.equal("argument", Page.address(bench.frame(1)), bench.space.argument(bench.page(1), false));
            bench.space.cover(bench.slot(0), Page.SIZE);
            bench.expectReads(bench.slot(0), ONES);
            bench.expectReads(bench.page(0), 0x1000);
            bench.expectFault(bench.load(bench.slot(1), 8), bench.slot(1), PAGE_FAULT, 0);
        });
    }

    @Clause(
            id = "SPACE-17",
            promise = "Many bytes end with the page fault where the guest's own tables end, and are done before it.",
            source = "AddressSpace.cover, AddressSpace.loadBytes, AddressSpace.storeBytes")
    void manyBytesUncovered(World world) {
        SpaceBench.on(world, bench -> {
            bench.space.cover(bench.page(0), Page.SIZE);
            byte[] pattern = new byte[Page.SIZE];
            Arrays.fill(pattern, (byte) 0x5a);
            MemorySegment bytes = MemorySegment.ofArray(pattern);
            long start = bench.page(0) + 8;
            bench.expectFault(
                    bench.space.storeBytes(bench.tlb, start, bytes, 0, Page.SIZE, bench.loaded),
                    bench.page(1),
                    PAGE_FAULT,
                    WRITES);
            Expect.equal("in the page", 0x5a, bench.memory.load8(Page.address(bench.frame(0)) + Page.SIZE - 1));
            Expect.equal("behind it", 0x1100, bench.memory.load64(Page.address(bench.frame(1))));
            Arrays.fill(pattern, (byte) 0);
            bench.expectFault(
                    bench.space.loadBytes(bench.tlb, start, bytes, 0, Page.SIZE, bench.loaded),
                    bench.page(1),
                    PAGE_FAULT,
                    0);
            Expect.equal("what is loaded", 0x5a, pattern[Page.SIZE - 9]);
            Expect.equal("behind it", 0, pattern[Page.SIZE - 8]);
        });
    }

    @Clause(
            id = "SPACE-18",
            promise =
                    "A guest whose page tables are its own business has all but the operations on them; it has no entries of ours, and may"
                            + " hold arguments anywhere.",
            source = "AddressSpace.operations, update, entryAddress, enter; hvm_grant_table_op")
    void offers(World world) {
        SpaceBench.on(world, bench -> {
            long all = (1L << (GnttabOp.CACHE_FLUSH + 1)) - 1;
            long without = 1L << GnttabOp.UNMAP_AND_REPLACE
                    | 1L << GnttabOp.DUMP_TABLE
                    | 1L << GnttabOp.TRANSFER
                    | 1L << GnttabOp.GET_STATUS_FRAMES
                    | 1L << GnttabOp.CACHE_FLUSH;
            Expect.equal("operations", all & ~without, bench.space.operations());
            Expect.holds("unknown operations come first", bench.space.checksOperationFirst());
            Expect.holds("arguments", bench.space.mayHoldArguments(0xffff_8300_0000_0000L, 8));
            for (int flag : new int[] {1, 8, 16}) {
                Expect.status("status of flag " + flag, Status.GENERAL_ERROR, bench.space.admits(2 | flag));
            }
            Expect.status("status of other flags", 0, bench.space.admits(6 | 0xffff_ffe0));
            Expect.equal("error of update", -Errno.ENOSYS, bench.space.update(bench.page(0), 0));
            Expect.equal("entry", -1, bench.space.entryAddress(bench.page(0)));
            Expect.equal("error of enter", 0, bench.space.enter(5));
        });
    }
}
