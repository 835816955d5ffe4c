package grantlab.conformance.clause;

import static grantlab.conformance.clause.SpaceBench.BLOCKS;
import static grantlab.conformance.clause.SpaceBench.GUEST;
import static grantlab.conformance.clause.SpaceBench.READ;
import static grantlab.conformance.clause.SpaceBench.UNTYPED;
import static grantlab.conformance.clause.SpaceBench.WRITE;
import static grantlab.conformance.clause.SpaceBench.flags;

import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Mappings of 2 MiB and 1 GiB: each is one place. */
@Needs(grantee = {"translated", "large-mappings"})
final class SpaceBlocks {
    private static final int ORDER = Page.ORDER_2M;
    private static final int PAGES = 1 << ORDER;
    private static final long BYTES = Page.address(PAGES);
    private static final int[] SAMPLES = {0, 257, PAGES - 1};
    private static final String MAP = "AddressSpace.map; grant-v3.md, 10";

    private static int map(SpaceBench bench, long address, long mfn, int order, int access) {
        return bench.map(address, flags(access), mfn, order, access);
    }

    private static int unmap(SpaceBench bench, long address, long mfn, int order, int access) {
        return bench.unmap(address, 0, flags(access), mfn, order, access);
    }

    /** A block of another's, each page with something of its own in it. */
    private static long block(SpaceBench bench, int owner, int order) {
        long block = bench.frames.allocate(owner, order);
        for (long page = 0; page < 1L << order; page += 1L << (order - ORDER)) {
            bench.memory.store64(Page.address(block + page), 0xb000 + page);
        }
        bench.memory.store64(Page.address(block + (1L << order) - 1), 0xe0d);
        return block;
    }

    @Clause(
            id = "SPACE-36",
            promise =
                    "A block is mapped as one place of its order, is reached in all of its pages, and goes as a whole: a page in the midst of"
                            + " it cannot be taken out, nor anything mapped there.",
            source = MAP)
    void onePlace(World world) {
        SpaceBench.withLargeBlocks(world, bench -> {
            long granted = bench.granted(UNTYPED, 1);
            for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
                long block = block(bench, UNTYPED, order);
                long last = (1L << order) - 1;
                bench.mapped.displacedMfn = 0;
                Expect.status("status", 0, map(bench, BLOCKS, block, order, WRITE));
                Expect.equal("place", Page.frame(BLOCKS), bench.mapped.place);
                Expect.equal("order", order, bench.mapped.orderGot);
                Expect.equal("displaced", FrameTable.NONE, bench.mapped.displacedMfn);
                Expect.equal("references of the last page", 2, bench.frames.references(block + last));
                bench.expectReads(BLOCKS, 0xb000);
                bench.expectReads(BLOCKS + Page.address(last), 0xe0d);
                bench.put(BLOCKS + Page.address(last - 1), 5);
                Expect.equal("in the frame", 5, bench.memory.load64(Page.address(block + last - 1)));
                expectError(unmapBlind(bench, BLOCKS + Page.SIZE, block + 1));
                expectError(unmapBlind(bench, BLOCKS + Page.address(last), block + last));
                expectError(unmapBlind(bench, BLOCKS, block + 1));
                Expect.status("over a part", Status.CRASH_CALLER, bench.map(BLOCKS + Page.SIZE, granted, WRITE));
                Expect.status("over it", Status.CRASH_CALLER, map(bench, BLOCKS, block, order, WRITE));
                Expect.equal("found", Page.frame(BLOCKS), bench.space.findNext(block, order, 0));
                Expect.status("status", 0, unmap(bench, BLOCKS, block, order, WRITE));
                Expect.equal("place", Page.frame(BLOCKS), bench.mapped.place);
                Expect.equal("order", order, bench.mapped.orderGot);
                bench.expectNothing(BLOCKS);
                bench.expectNothing(BLOCKS + Page.address(last));
                bench.expectHeld(block + last, 1, 0);
                expectError(unmapBlind(bench, BLOCKS, block));
            }
        });
    }

    private static int unmapBlind(SpaceBench bench, long address, long mfn) {
        return bench.space.unmap(address, 0, flags(WRITE), mfn, WRITE, bench.mapped);
    }

    private static void expectError(int status) {
        Expect.status("status", Status.GENERAL_ERROR, status);
    }

    @Clause(
            id = "SPACE-37",
            promise =
                    "A block whose address or frame is not aligned to its order, or whose order is another, is a bad size.",
            source = MAP)
    void aligned(World world) {
        SpaceBench.on(world, bench -> {
            long block = bench.frames.allocate(UNTYPED, ORDER);
            for (int order : new int[] {1, 8, 10, Page.ORDER_1G + 1}) {
                expectBadSize(bench, BLOCKS, block, order);
            }
            expectBadSize(bench, BLOCKS + Page.SIZE, block, ORDER);
            expectBadSize(bench, BLOCKS + BYTES / 2, block, ORDER);
            expectBadSize(bench, BLOCKS, block + 1, ORDER);
            expectBadSize(bench, BLOCKS, block + PAGES / 2, ORDER);
            expectBadSize(bench, BLOCKS + BYTES, 0, Page.ORDER_1G);
            expectBadSize(bench, BLOCKS, PAGES, Page.ORDER_1G);
            bench.expectNothing(BLOCKS);
        });
    }

    private static void expectBadSize(SpaceBench bench, long address, long mfn, int order) {
        Expect.status("map", Status.BAD_SIZE, bench.space.map(address, flags(WRITE), mfn, order, WRITE, bench.mapped));
        Expect.status(
                "mapBeside",
                Status.BAD_SIZE,
                bench.space.mapBeside(address, flags(WRITE), mfn, order, WRITE, bench.mapped));
    }

    @Clause(
            id = "SPACE-38",
            promise =
                    "A block over memory of the guest's takes the place of all of it, at once: its pages are found nowhere and stay"
                            + " allocated; over a grant, wherever in the block, it crashes the caller and changes nothing.",
            source = MAP)
    void overWhatStandsThere(World world) {
        SpaceBench.on(world, bench -> {
            long block = block(bench, UNTYPED, ORDER);
            long granted = bench.granted(UNTYPED, 1);
            long start = bench.page(0) & -BYTES;
            for (int page : SAMPLES) {
                Expect.status("status", 0, bench.map(start + Page.address(page), granted, READ));
                Expect.status("over a grant", Status.CRASH_CALLER, map(bench, start, block, ORDER, WRITE));
                Expect.status("over a grant", Status.CRASH_CALLER, mapBeside(bench, start, block, READ));
                bench.expectReads(bench.page(0), 0x1000);
                Expect.equal("name of a page", Page.frame(bench.page(0)), bench.space.nameOf(bench.frame(0)));
                Expect.status("status", 0, bench.unmap(start + Page.address(page), granted, READ));
            }
            long[] ends = {bench.frames.allocate(GUEST, 0), bench.frames.allocate(GUEST, 0)};
            bench.map.populate(Page.frame(start), ends[0]);
            bench.map.populate(Page.frame(start) + PAGES - 1, ends[1]);
            bench.expectReads(bench.page(1), 0x1100);
            Expect.status("status", 0, map(bench, start, block, ORDER, WRITE));
            Expect.equal("displaced", ends[0], bench.mapped.displacedMfn);
            bench.expectReads(bench.page(1), 0xb000 + Page.frame(bench.page(1) - start));
            bench.expectReads(start + Page.address(257), 0xb000 + 257);
            for (long mfn : new long[] {ends[0], ends[1], bench.frame(0), bench.frame(1), bench.frame(3)}) {
                Expect.equal("name of a page that is mapped over", -1, bench.space.nameOf(mfn));
                bench.expectHeld(mfn, 1, 0);
            }
            Expect.status("status", 0, unmap(bench, start, block, ORDER, WRITE));
            bench.expectNothing(bench.page(1));
            world.step("memory in the midst of a block, and neighbours that it does not concern");
            bench.map.populate(Page.frame(BLOCKS) + 257, ends[0]);
            bench.map.populate(Page.frame(BLOCKS) + PAGES, ends[1]);
            bench.expectReads(BLOCKS + Page.address(257), 0);
            Expect.status("status", 0, map(bench, BLOCKS, block, ORDER, WRITE));
            bench.expectReads(BLOCKS + Page.address(257), 0xb000 + 257);
            Expect.equal("name of the page behind", Page.frame(BLOCKS) + PAGES, bench.space.nameOf(ends[1]));
            Expect.status("status", 0, unmap(bench, BLOCKS, block, ORDER, WRITE));
            bench.map.populate(Page.frame(BLOCKS) + 257, ends[0]);
            bench.map.clear(Page.frame(BLOCKS) + PAGES, Page.ORDER_4K);
            Expect.status("status", 0, bench.map(BLOCKS + BYTES, granted, READ));
            Expect.status("before a grant", 0, map(bench, BLOCKS, block, ORDER, WRITE));
            Expect.status("status", 0, unmap(bench, BLOCKS, block, ORDER, WRITE));
        });
    }

    private static int mapBeside(SpaceBench bench, long address, long mfn, int access) {
        return bench.mapBeside(address, flags(access), mfn, ORDER, access);
    }

    @Clause(
            id = "SPACE-39",
            promise =
                    "A block of the guest's own that it maps through a grant moves there from wherever its pages are, at once; a page that is"
                            + " said to be nowhere leaves no place.",
            source = MAP)
    void ownBlockMoves(World world) {
        SpaceBench.on(world, bench -> {
            long block = populated(bench, BLOCKS);
            long behind = BLOCKS + 2 * BYTES;
            bench.map.populate(Page.frame(behind), neighbour(bench, block));
            bench.frames.setMachineToPhysical(block + 7, FrameTable.NONE);
            bench.expectReads(BLOCKS + Page.address(257), 0xb000 + 257);
            Expect.status("status", 0, map(bench, BLOCKS + 4 * BYTES, block, ORDER, WRITE));
            for (int page : SAMPLES) {
                bench.expectNothing(BLOCKS + Page.address(page));
                Expect.equal("name of a page", -1, bench.space.nameOf(block + page));
            }
            bench.expectReads(BLOCKS + 4 * BYTES + Page.address(257), 0xb000 + 257);
            bench.expectReads(BLOCKS + Page.address(7), 0xb000 + 7);
            Expect.status("status", 0, unmap(bench, BLOCKS + 4 * BYTES, block, ORDER, WRITE));
            bench.map.clear(Page.frame(BLOCKS) + 7, Page.ORDER_4K);
            bench.expectHeld(block + 257, 1, 0);
            Expect.holds(
                    "the frame behind the block stays", bench.map.entry(Page.frame(behind)) != PhysicalMap.INVALID);
        });
    }

    /** The frame behind a block, if there is one to be had; else another of the guest's. */
    private static long neighbour(SpaceBench bench, long block) {
        long behind = bench.frames.allocateFrom(GUEST, Page.ORDER_4K, block + PAGES);
        return behind == FrameTable.NONE ? bench.frames.allocate(GUEST, Page.ORDER_4K) : behind;
    }

    private static long populated(SpaceBench bench, long address) {
        long block = block(bench, GUEST, ORDER);
        for (int page = 0; page < PAGES; page++) {
            bench.map.populate(Page.frame(address) + page, block + page);
        }
        return block;
    }

    @Clause(
            id = "SPACE-40",
            promise =
                    "A block of the guest's own that grants v3 map stands at both places, and goes from the new one by remove alone, as a"
                            + " whole.",
            source = "AddressSpace.mapBeside")
    void ownBlockBeside(World world) {
        SpaceBench.on(world, bench -> {
            long block = populated(bench, BLOCKS);
            long beside = BLOCKS + 4 * BYTES;
            Expect.status("status", 0, mapBeside(bench, beside, block, WRITE));
            Expect.equal("order", ORDER, bench.mapped.orderGot);
            for (int page : SAMPLES) {
                bench.put(beside + Page.address(page), page);
                bench.expectReads(BLOCKS + Page.address(page), page);
                Expect.equal("name of a page", Page.frame(BLOCKS) + page, bench.space.nameOf(block + page));
            }
            expectError(unmapBlind(bench, beside, block));
            Expect.status(
                    "a part", Status.GONE, bench.space.remove(Page.frame(beside) + 1, 0, block + 1, bench.mapped));
            Expect.status("status", 0, bench.remove(Page.frame(beside), ORDER, block, WRITE));
            Expect.equal("right", WRITE, bench.mapped.access);
            bench.expectNothing(beside);
            bench.expectNothing(beside + BYTES - Page.SIZE);
            bench.expectReads(BLOCKS + BYTES - Page.SIZE, PAGES - 1);
        });
    }

    @Clause(
            id = "SPACE-41",
            promise =
                    "Replace and remove take a place with its order: a page where a block is named, or a block where a page is, is gone.",
            source = "AddressSpace.replace, AddressSpace.remove")
    void orders(World world) {
        SpaceBench.on(world, bench -> {
            long block = block(bench, UNTYPED, ORDER);
            long other = block(bench, UNTYPED, ORDER);
            long place = Page.frame(BLOCKS);
            Expect.status("status", 0, bench.map(BLOCKS, block, WRITE));
            Expect.status("a page", Status.GONE, bench.space.remove(place, ORDER, block, bench.mapped));
            Expect.status("a page", Status.GONE, bench.replace(place, ORDER, block, 0, other, READ));
            bench.expectReads(BLOCKS, 0xb000);
            Expect.status("status", 0, bench.unmap(BLOCKS, block, WRITE));
            Expect.status("status", 0, map(bench, BLOCKS, block, ORDER, WRITE));
            Expect.status("a block", Status.GONE, bench.space.remove(place, 0, block, bench.mapped));
            Expect.status("a block", Status.GONE, bench.space.remove(place + 1, 0, block + 1, bench.mapped));
            Expect.status("in its midst", Status.GONE, bench.space.remove(place + 1, ORDER, block + 1, bench.mapped));
            Expect.status("a block", Status.GONE, bench.replace(place, 0, block, 0, other, READ));
            int[] rights = {7};
            bench.space.remove(new long[] {place}, new long[] {block}, 0, 1, bench.mapped, rights);
            Expect.equal("right of a block among pages", 0, rights[0]);
            bench.expectReads(BLOCKS + BYTES - Page.SIZE, 0xe0d);
            Expect.status("status", 0, bench.replace(place, ORDER, block, WRITE, other, READ));
            Expect.equal("right that was there", WRITE, bench.mapped.access);
            bench.put(BLOCKS + BYTES - Page.SIZE, 1);
            bench.expectReads(BLOCKS + BYTES - Page.SIZE, 0xe0d);
            bench.expectHeld(block, 1, 0);
            Expect.status("status", 0, bench.remove(place, ORDER, other, READ));
            Expect.equal("right that was there", READ, bench.mapped.access);
            bench.expectNothing(BLOCKS + BYTES - Page.SIZE);
        });
    }

    @Clause(
            id = "SPACE-42",
            promise =
                    "A block beyond the map is an error, which is found last: an own block has lost its old place by then, at once; what"
                            + " stands elsewhere stays.",
            source = "AddressSpace.map; p2m_add_page")
    void beyond(World world) {
        SpaceBench.on(world, bench -> {
            long beyond = Page.address(bench.map.limit());
            long others = block(bench, UNTYPED, ORDER);
            expectError(map(bench, beyond, others, ORDER, WRITE));
            bench.expectHeld(others, 1, 0);
            long block = populated(bench, BLOCKS);
            bench.expectReads(BLOCKS, 0xb000);
            expectError(map(bench, beyond, block, ORDER, WRITE));
            bench.expectNothing(BLOCKS);
            bench.expectHeld(block, 1, 0);
            bench.expectReads(bench.page(0), 0x1000);
        });
    }

    @Clause(
            id = "SPACE-43",
            promise =
                    "A domain that dies gives back blocks wherever they stand, also where single pages of them stood before in many places,"
                            + " and its memory stays in its map.",
            source = "AddressSpace.dispose")
    void dies(World world) {
        SpaceBench.withLargeBlocks(world, bench -> {
            long granted = bench.granted(UNTYPED, 1);
            long huge = bench.frames.allocate(UNTYPED, Page.ORDER_1G);
            long block = block(bench, UNTYPED, ORDER);
            for (int region = 1; region < 150; region++) {
                Expect.status("status", 0, bench.map(BLOCKS + region * BYTES + Page.SIZE, granted, READ));
                Expect.status("status", 0, bench.unmap(BLOCKS + region * BYTES + Page.SIZE, granted, READ));
            }
            Expect.status("status", 0, map(bench, BLOCKS, huge, Page.ORDER_1G, WRITE));
            Expect.status("status", 0, map(bench, 2 * BLOCKS, block, ORDER, READ));
            for (int region = 1; region < 150; region++) {
                Expect.status("status", 0, bench.map(3 * BLOCKS + region * BYTES + Page.SIZE, granted, READ));
            }
            long before = bench.frames.references(granted);
            Expect.equal("references", 150, before);
            bench.die();
            Expect.equal("the block", PhysicalMap.INVALID, bench.map.entry(Page.frame(BLOCKS)));
            Expect.equal("memory", bench.frame(1), bench.map.machineFrame(Page.frame(bench.page(1))));
        });
    }
}
