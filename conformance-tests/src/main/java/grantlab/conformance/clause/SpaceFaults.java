package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.entry;

import grantlab.api.abi.GnttabOp;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Where guests have page tables: which fault an access ends with, and where. */
@Needs(grantee = "names-entries")
final class SpaceFaults {
    private static final String WALK = "Intel SDM volume 3, 4.7; xen/arch/x86/traps.c";
    private static final int PROTECTION = 13;
    private static final int PAGE_FAULT = 14;
    private static final int PRESENT = 1;
    private static final int WRITES = 2;

    /** Ends of the halves that a guest has, and of Xen's range between them. */
    private static final long LOW_END = 0x0000_8000_0000_0000L;

    private static final long XEN_START = 0xffff_8000_0000_0000L;
    private static final long XEN_END = 0xffff_8800_0000_0000L;

    private static int exchange(SpaceBench bench, long address, long expected, long value) {
        return bench.space.compareAndExchange(bench.tlb, address, 8, expected, value, bench.loaded);
    }

    @Clause(
            id = "SPACE-19",
            promise = "Where an entry of any level is missing an access is a page fault of a page that is not present.",
            source = WALK)
    void missing(World world) {
        SpaceBench.on(world, bench -> {
            long base = bench.page(0) & -(1L << 30);
            for (long address : new long[] {
                0x300_0000_0000L,
                base + (1L << 30),
                base + (1L << 21),
                bench.page(SpaceBench.PAGES),
                LOW_END - 8,
                XEN_END,
                -8
            }) {
                bench.expectFault(bench.load(address, 8), address, PAGE_FAULT, 0);
                bench.expectFault(bench.store(address, 8, 1), address, PAGE_FAULT, WRITES);
                bench.expectFault(exchange(bench, address, 0, 1), address, PAGE_FAULT, WRITES);
                Expect.equal("argument", AddressSpace.NO_ARGUMENT, bench.space.argument(address, false));
            }
        });
    }

    @Clause(
            id = "SPACE-20",
            promise =
                    "Xen's range is present for Xen alone; an address that is not canonical is a general protection fault without an error"
                            + " code. Neither is an argument, nor may an array start there.",
            source = WALK + "; __addr_ok")
    void bounds(World world) {
        SpaceBench.on(world, bench -> {
            for (long address : new long[] {XEN_START, 0xffff_8300_0000_0000L, XEN_END - 8}) {
                bench.expectFault(bench.load(address, 8), address, PAGE_FAULT, PRESENT);
                bench.expectFault(bench.store(address, 8, 1), address, PAGE_FAULT, PRESENT | WRITES);
                expectNoArguments(bench, address);
            }
            for (long address : new long[] {LOW_END, XEN_START - 8, 0x4000_0000_4001_0000L}) {
                bench.expectFault(bench.load(address, 8), address, PROTECTION, 0);
                bench.expectFault(bench.store(address, 8, 1), address, PROTECTION, 0);
                expectNoArguments(bench, address);
            }
            for (long address : new long[] {0, LOW_END - 1, XEN_END, -1}) {
                Expect.holds("an array may start there", bench.space.mayHoldArguments(address, 1 << 20));
            }
        });
    }

    private static void expectNoArguments(SpaceBench bench, long address) {
        Expect.equal("argument", AddressSpace.NO_ARGUMENT, bench.space.argument(address, false));
        Expect.holdsNot("an array may start there", bench.space.mayHoldArguments(address, 8));
        Expect.equal("entry", -1, bench.space.entryAddress(address));
    }

    @Clause(
            id = "SPACE-21",
            promise =
                    "A write needs the writable bit of every level; where one lacks it, a read is done and a write is a page fault of a page"
                            + " that is present.",
            source = WALK)
    void everyLevel(World world) {
        for (int level = 0; level < 4; level++) {
            int readOnly = level;
            SpaceBench.beforeEntry(world, bench -> {
                long table = bench.table(readOnly);
                for (int index = 0; index < 17; index++) {
                    long word = bench.word(table, index);
                    bench.write(table, index, word & ~2L);
                }
                Expect.equal("what enter answers", 0, bench.space.enter(bench.root()));
                long address = bench.page(0);
                bench.expectReads(address, 0x1000);
                bench.expectFault(bench.store(address, 8, 1), address, PAGE_FAULT, PRESENT | WRITES);
                bench.expectFault(exchange(bench, address, 0x1000, 1), address, PAGE_FAULT, PRESENT | WRITES);
                bench.expectReads(address, 0x1000);
                Expect.equal("written", AddressSpace.NO_ARGUMENT, bench.space.argument(address, true));
                Expect.equal("read", Page.address(bench.frame(0)), bench.space.argument(address, false));
            });
        }
    }

    @Clause(
            id = "SPACE-22",
            promise = "An access over two pages that faults in one of them says which, and does nothing in the other.",
            source = "AddressSpace.load, AddressSpace.store")
    void twoPages(World world) {
        SpaceBench.on(world, bench -> {
            long hole = bench.page(SpaceBench.PAGES);
            bench.expectFault(bench.load(hole - 4, 8), hole, PAGE_FAULT, 0);
            bench.expectFault(bench.store(hole - 4, 8, -1), hole, PAGE_FAULT, WRITES);
            bench.expectReads(hole - 8, 0);
            long before = bench.page(0) - 4;
            bench.expectFault(bench.load(before, 8), before, PAGE_FAULT, 0);
            bench.expectFault(bench.store(before, 8, -1), before, PAGE_FAULT, WRITES);
            bench.expectReads(bench.page(0), 0x1000);
            Expect.equal("update", 0, bench.space.update(bench.page(1), entry(bench.frame(1), false)));
            long second = bench.page(1);
            bench.expectReads(second - 4, 0x1100L << 32);
            bench.expectFault(bench.store(second - 4, 8, -1), second, PAGE_FAULT, PRESENT | WRITES);
            bench.expectReads(second - 8, 0);
            bench.expectFault(bench.store(bench.page(2) - 4, 8, -1), bench.page(2) - 4, PAGE_FAULT, PRESENT | WRITES);
            bench.expectReads(bench.page(2), 0x1200);
        });
    }

    @Clause(
            id = "SPACE-23",
            promise = "Many bytes end with the fault of the page that they come to, and are done before it.",
            source = "AddressSpace.loadBytes, AddressSpace.storeBytes")
    void manyBytes(World world) {
        SpaceBench.on(world, bench -> {
            long start = bench.page(SpaceBench.PAGES - 1) + 8;
            long hole = bench.page(SpaceBench.PAGES);
            long last = Page.address(bench.frame(SpaceBench.PAGES - 1)) + Page.SIZE - 1;
            byte[] pattern = new byte[Page.SIZE];
            Arrays.fill(pattern, (byte) 0x5a);
            MemorySegment bytes = MemorySegment.ofArray(pattern);
            int stored = bench.space.storeBytes(bench.tlb, start, bytes, 0, Page.SIZE, bench.loaded);
            bench.expectFault(stored, hole, PAGE_FAULT, WRITES);
            Expect.equal("the last byte of the page", 0x5a, bench.memory.load8(last));
            Arrays.fill(pattern, (byte) 0);
            int loaded = bench.space.loadBytes(bench.tlb, start, bytes, 0, Page.SIZE, bench.loaded);
            bench.expectFault(loaded, hole, PAGE_FAULT, 0);
            Expect.equal("the last byte loaded", 0x5a, pattern[Page.SIZE - 9]);
            Expect.equal("the byte behind", 0, pattern[Page.SIZE - 8]);
            Expect.equal("up to the hole", 0, bench.space.storeBytes(bench.tlb, hole - 8, bytes, 0, 8, bench.loaded));
            Expect.equal("up to the hole", 0, bench.space.loadBytes(bench.tlb, hole - 8, bytes, 0, 8, bench.loaded));
        });
    }

    @Clause(
            id = "SPACE-24",
            promise =
                    "A remembered entry that permits reading alone is walked anew by a write; what an entry says of executing is nothing to"
                            + " loads and stores.",
            source = WALK)
    void walksAnew(World world) {
        SpaceBench.on(world, bench -> {
            long slot = bench.slot(0);
            Expect.equal("update", 0, bench.space.update(slot, entry(bench.frame(0), false)));
            bench.expectReads(slot, 0x1000);
            Expect.equal("map", 0, bench.map(slot, bench.frame(0), SpaceBench.WRITE));
            bench.put(slot, 9);
            bench.expectReads(bench.page(0), 9);
            Expect.equal("map", 0, bench.map(bench.slot(1), bench.frame(1), READ));
            bench.expectReads(bench.slot(1), 0x1100);
            Expect.bits("no-execute of a grant", Long.MIN_VALUE, Long.MIN_VALUE, word(bench, bench.slot(1)));
        });
    }

    private static long word(SpaceBench bench, long address) {
        return bench.memory.load64(bench.space.entryAddress(address));
    }

    @Clause(
            id = "SPACE-25",
            promise =
                    "A guest whose page tables are ours has every operation but the dump, looks at arguments before it looks whether there is"
                            + " such an operation, and may use every flag.",
            source = "AddressSpace.operations, checksOperationFirst, admits; do_grant_table_op")
    void offers(World world) {
        SpaceBench.on(world, bench -> {
            long all = (1L << (GnttabOp.CACHE_FLUSH + 1)) - 1;
            Expect.equal("operations", all & ~(1L << GnttabOp.DUMP_TABLE), bench.space.operations());
            Expect.holdsNot("unknown operations come first", bench.space.checksOperationFirst());
            Expect.status("status of all flags", 0, bench.space.admits(-1));
            bench.space.cover(bench.page(0), Page.SIZE);
            bench.expectReads(bench.page(1), 0x1100);
        });
    }
}
