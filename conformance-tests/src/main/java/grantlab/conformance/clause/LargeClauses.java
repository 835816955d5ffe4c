package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;

/** Grants of 2 MiB: one entry, one unit of permission and lifetime, however it is mapped. */
@Needs(format = "large-leaves", granter = "translated")
public final class LargeClauses implements ClauseFamily {
    private static final String SOURCE = "grant-v3.md, 10";
    private static final int PAGES = 1 << Page.ORDER_2M;
    private static final int[] SAMPLES = {0, 1, 257, 511};
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    /** An index that is aligned to a block in every format. */
    private static final long FIRST = 0;

    private static final long INDEX = 1 << Page.ORDER_2M;

    /** For ServiceLoader. */
    public LargeClauses() {}

    @Override
    public String prefix() {
        return "LARGE";
    }

    @Override
    public String title() {
        return "Large pages";
    }

    private static long grantBlock(World world, int access) {
        world.step("the granter grants a block of 2 MiB with one entry");
        GuestKernel kernel = world.granter().kernel();
        long block = kernel.allocatePages(Page.ORDER_2M);
        world.table().grant(FIRST, World.GRANTEE, kernel.frameOf(block), Page.ORDER_2M, access);
        return block;
    }

    /** A tree of the clause's own with a block at index 512, whose address is returned by the kernel. */
    private record Block(RawTree tree, long address) {
        static Block of(World world, V3Call creation, long bits) {
            GuestKernel kernel = world.granter().kernel();
            long address = kernel.allocatePages(Page.ORDER_2M);
            RawTree tree = RawTree.of(world.granter(), creation);
            tree.put(2, INDEX, RawTree.leaf(kernel.frameOf(address), bits));
            for (int page : SAMPLES) {
                world.granter().store(pageOf(address, page), 0xb10c_0000L + page);
            }
            return new Block(tree, address);
        }

        static Block of(World world, long bits) {
            return of(world, RawTree.creation(world), bits);
        }

        long ref(int page) {
            return tree.ref(INDEX + page);
        }

        long word() {
            return tree.get(2, INDEX);
        }
    }

    /** To map the block at a hole of 2 MiB. */
    private static V3Call mapping(World world, Block block, long slot, int order) {
        return new TreeDriver(world.grantee())
                .mapping(block.ref(0), 0)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, PAGES)
                .with(V3Map.ORDER_REQ, order);
    }

    private static void expectOrder(int order, V3Answer mapped) {
        Expect.okay(mapped);
        Expect.equal("pages", PAGES, mapped.get(V3Map.DONE));
        Expect.equal("order", order, mapped.get(V3Map.ORDER_GOT));
    }

    private static void expectSamples(Party party, long address) {
        for (int page : SAMPLES) {
            Sight.value(party, pageOf(address, page), 0xb10c_0000L + page);
        }
    }

    private static long pageOf(long address, int page) {
        return address + Page.address(page);
    }

    @Needs(grantee = "large-mappings")
    @Clause(
            id = "LARGE-01",
            promise = "A large grant maps as one mapping, through which every page of the block is reached.",
            source = SOURCE)
    void oneMapping(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long block = grantBlock(world, READ_WRITE);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);

        world.step("the grantee maps it with one call of order 9");
        MappedGrant mapping = new MappedGrant();
        long reference = world.table().reference(FIRST);
        Expect.equal(
                "status of map",
                0,
                grantee.kernel().map(World.GRANTER, reference, slot, Page.ORDER_2M, READ_WRITE, mapping));
        Expect.equal("order of the mapping", Page.ORDER_2M, mapping.order);

        world.step("what the grantee stores in first, middle and last page, the granter loads");
        for (int page : new int[] {0, 257, 511}) {
            grantee.store(pageOf(slot, page), 0xb10c_0000L + page);
            Expect.equal("page " + page, 0xb10c_0000L + page, granter.load(pageOf(block, page)));
        }

        world.step("while it is mapped the entry cannot be ended; after one unmap it can");
        Expect.holds("the entry is in use", !world.table().end(FIRST));
        Expect.equal("status of unmap", 0, grantee.kernel().unmap(mapping));
        Expect.equal("what the last page of the slot reads", -1L, grantee.load(pageOf(slot, 511)));
        Expect.holds("the entry can be ended", world.table().end(FIRST));
    }

    @Clause(
            id = "LARGE-02",
            promise =
                    "A page inside a large grant is mapped alone by its own index, by whoever knows nothing of large pages.",
            source = SOURCE)
    void pageInside(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long block = grantBlock(world, READ_WRITE);
        granter.store(pageOf(block, 300), 0x1234);

        world.step("the grantee maps page 300 of it at a slot of 4 KiB");
        MappedGrant mapping = new MappedGrant();
        long reference = world.table().reference(FIRST) + 300;
        Expect.equal(
                "status of map",
                0,
                grantee.kernel().map(World.GRANTER, reference, grantee.slot(0), Page.ORDER_4K, READ_WRITE, mapping));
        Expect.equal("what the grantee loads", 0x1234, grantee.load(grantee.slot(0)));
        Expect.holds("the entry is in use", world.table().inUse(FIRST));

        world.step("another page of it is copied out meanwhile");
        granter.store(pageOf(block, 7), 0x7777);
        int copied = grantee.kernel()
                .copyFrom(World.GRANTER, world.table().reference(FIRST) + 7, 0, grantee.page(0), Long.BYTES);
        Expect.equal("status of copy", 0, copied);
        Expect.equal("what was copied", 0x7777, grantee.load(grantee.page(0)));

        world.step("the copy has not ended the use by the mapping; the unmap does");
        Expect.holds("the entry is in use", world.table().inUse(FIRST));
        Expect.equal("status of unmap", 0, grantee.kernel().unmap(mapping));
        Expect.holds("the entry can be ended", world.table().end(FIRST));
    }

    @Needs(grantee = "large-mappings")
    @Clause(
            id = "LARGE-03",
            promise = "A grantee that dies with a large mapping leaves the block as it was.",
            source = "grant-v3.md, 15.10")
    void deathWithLargeMapping(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long block = grantBlock(world, READ_WRITE);
        long frame = granter.domain().physicalMap().machineFrame(Page.frame(block));
        long before = world.machine().frames().references(frame);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        MappedGrant mapping = new MappedGrant();
        Expect.equal(
                "status of map",
                0,
                grantee.kernel()
                        .map(World.GRANTER, world.table().reference(FIRST), slot, Page.ORDER_2M, READ_WRITE, mapping));
        Expect.equal(
                "references while mapped", before + 1, world.machine().frames().references(frame));

        world.step("the grantee is destroyed");
        world.destroy(grantee);
        Expect.equal("references afterwards", before, world.machine().frames().references(frame));
        Expect.holds("the entry can be ended", world.table().end(FIRST));
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-04",
            promise =
                    "order_got is true: BEST gets one mapping of 2 MiB where there is a block on both sides, whatever is"
                            + " less gets none unless it may be split.",
            source = "grant-v3.md, LARGE-1, MAP-23, MAP-31")
    void orders(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Block block = Block.of(world, V3Entry.W);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Answer best = grantee.call(mapping(world, block, slot, V3Map.BEST).and(V3Map.WRITE));
        expectOrder(Page.ORDER_2M, best);
        expectSamples(grantee, slot);
        Expect.bits("the leaf", IN_USE, IN_USE, block.word());
        driver.letGo(best);
        Expect.bits("the leaf", IN_USE, 0, block.word());

        V3Call giant = mapping(world, block, slot, Page.ORDER_1G);
        Expect.status(Status.BAD_SIZE, grantee.call(giant));
        V3Answer split = grantee.call(giant.and(V3Map.ALLOW_SPLIT));
        expectOrder(Page.ORDER_2M, split);
        driver.letGo(split);
        V3Answer pages = grantee.call(mapping(world, block, slot, Page.ORDER_4K));
        expectOrder(Page.ORDER_4K, pages);
        expectSamples(grantee, slot);
        driver.letGo(pages);
        Expect.status(
                Status.BAD_SIZE,
                grantee.call(mapping(world, block, slot, V3Map.BEST)
                        .with(V3Map.ORDER_MIN, Page.ORDER_2M)
                        .with(V3Map.COUNT, PAGES - 1)));
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-05",
            promise =
                    "Index and place have to be aligned to the order: else pages are mapped where that is allowed, and"
                            + " nothing where it is not.",
            source = "grant-v3.md, LARGE-1, 7.1")
    void misaligned(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Block block = Block.of(world, 0);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Call aside = mapping(world, block, slot, Page.ORDER_2M)
                .with(V3Map.REF, block.ref(1))
                .with(V3Map.COUNT, PAGES - 1);
        Expect.status(Status.BAD_SIZE, grantee.call(aside));
        V3Answer split = grantee.call(aside.and(V3Map.ALLOW_SPLIT));
        Expect.okay(split);
        Expect.equal("order", Page.ORDER_4K, split.get(V3Map.ORDER_GOT));
        Sight.value(grantee, pageOf(slot, 256), 0xb10c_0000L + 257);
        driver.letGo(split);
        V3Call shifted = mapping(world, block, slot, V3Map.BEST)
                .with(V3Map.DEST, Page.frame(slot) + 1)
                .with(V3Map.COUNT, PAGES - 1);
        V3Answer best = grantee.call(shifted);
        Expect.okay(best);
        Expect.equal("order", Page.ORDER_4K, best.get(V3Map.ORDER_GOT));
        Sight.value(grantee, pageOf(slot, 258), 0xb10c_0000L + 257);
        driver.letGo(best);
        V3Answer whole = grantee.call(mapping(world, block, slot, Page.ORDER_2M));
        expectOrder(Page.ORDER_2M, whole);
        driver.letGo(whole);
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-06",
            promise =
                    "A granter whose own map is shattered grants the same references: they are mapped as pages, and what is"
                            + " mapped as one stays so.",
            source = "grant-v3.md, LARGE-5, MAP-31")
    void shattered(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Block block = Block.of(world, 0);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Answer before = grantee.call(mapping(world, block, slot, Page.ORDER_2M));
        expectOrder(Page.ORDER_2M, before);
        world.step("the granter gives back one page of the block");
        long hole = Page.frame(block.address()) + 300;
        Expect.rc(1, granter.call(ReservationCall.decrease(hole)).rc());
        expectSamples(grantee, slot);
        driver.letGo(before);
        Expect.status(Status.BAD_SIZE, grantee.call(mapping(world, block, slot, Page.ORDER_2M)));
        V3Answer part = grantee.call(mapping(world, block, slot, V3Map.BEST));
        Expect.status(Status.BAD_PAGE, part);
        Expect.equal("pages", 300, part.get(V3Map.DONE));
        Expect.equal("order", Page.ORDER_4K, part.get(V3Map.ORDER_GOT));
        Sight.value(grantee, pageOf(slot, 257), 0xb10c_0000L + 257);
        driver.letGo(part);
        driver.expectMaps(block.ref(511));
        driver.expectRefused(Status.BAD_PAGE, block.ref(300));
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "LARGE-07",
            promise =
                    "In a tree without LARGE_OK a large leaf is a bad size, whatever order is asked for; pages are granted"
                            + " there as everywhere.",
            source = "grant-v3.md, MAP-21")
    void notAllowed(World world) {
        V3Call creation = RawTree.creation(world).with(V3Head.FLAGS, 0);
        Block block = Block.of(world, creation, 0);
        TreeDriver driver = new TreeDriver(world.grantee());
        driver.expectRefused(Status.BAD_SIZE, block.ref(0));
        driver.expectRefused(Status.BAD_SIZE, block.ref(511));
        Expect.bits("the leaf", IN_USE, 0, block.word());
        driver.expectMaps(block.tree().grant(0, 0, 0));
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-08",
            promise = "A large mapping is unmapped as a whole: a part that cuts it is a bad size and takes nothing.",
            source = "grant-v3.md, UNMAP-5")
    void noParts(World world) {
        Party grantee = world.grantee();
        Block block = Block.of(world, 0);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Answer mapped = grantee.call(mapping(world, block, slot, Page.ORDER_2M));
        expectOrder(Page.ORDER_2M, mapped);
        long handle = mapped.get(V3Map.HANDLE);
        for (long[] part : new long[][] {{0, 1}, {511, 1}, {1, 511}, {0, 511}, {100, 100}}) {
            V3Answer refused = grantee.call(TreeDriver.unmapping(handle, part[0], part[1]));
            Expect.status(Status.BAD_SIZE, refused);
            Expect.equal("pages unmapped", 0, refused.get(V3Unmap.DONE));
        }
        expectSamples(grantee, slot);
        new TreeDriver(grantee).letGo(mapped);
        Sight.nothing(grantee, pageOf(slot, 511));
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-09",
            promise =
                    "Large and small mappings of one leaf are one act: the leaf is in use until the last of them is gone.",
            source = "grant-v3.md, LARGE-2, 6, PIN-3")
    void oneAct(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Block block = Block.of(world, RawTree.creation(world).with(V3TreeCreate.MAX_ACTIVE, 1), V3Entry.W);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Answer large = grantee.call(mapping(world, block, slot, Page.ORDER_2M).and(V3Map.WRITE));
        expectOrder(Page.ORDER_2M, large);
        V3Answer small = driver.hold(block.ref(257), 0, 0);
        V3Answer other = driver.hold(block.ref(1), 1, V3Map.WRITE);
        grantee.store(pageOf(slot, 257), 7);
        Sight.value(grantee, grantee.slot(0), 7);
        driver.letGo(large);
        Expect.bits("the leaf", IN_USE, IN_USE, block.word());
        driver.letGo(other);
        Expect.bits("the leaf", IN_USE, V3Entry.MAPPED_R, block.word());
        driver.letGo(small);
        Expect.bits("the leaf", IN_USE, 0, block.word());
    }

    @Needs(format = "layout-tree", grantee = "names-entries")
    @Clause(
            id = "LARGE-10",
            promise =
                    "A PV grantee gets a large leaf page by page, by BEST and by ALLOW_SPLIT, and not by an order of its own.",
            source = "grant-v3.md, LARGE-4")
    void pages(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Block block = Block.of(world, V3Entry.W);
        V3Call run = driver.mapping(block.ref(250), 0).and(V3Map.WRITE).with(V3Map.COUNT, 16);
        Expect.status(Status.BAD_SIZE, grantee.call(run.with(V3Map.ORDER_REQ, Page.ORDER_2M)));
        for (V3Call each : new V3Call[] {
            run,
            run.with(V3Map.ORDER_REQ, V3Map.BEST),
            run.with(V3Map.ORDER_REQ, Page.ORDER_1G).and(V3Map.ALLOW_SPLIT)
        }) {
            V3Answer mapped = grantee.call(each);
            Expect.okay(mapped);
            Expect.equal("pages", 16, mapped.get(V3Map.DONE));
            Expect.equal("order", Page.ORDER_4K, mapped.get(V3Map.ORDER_GOT));
            Sight.value(grantee, grantee.slot(7), 0xb10c_0000L + 257);
            driver.letGo(mapped);
        }
        Expect.bits("the leaf", IN_USE, 0, block.word());
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-11",
            promise = "Adjacent leaves of 4 KiB are never mapped as one, though their frames are a block.",
            source = "grant-v3.md, LARGE-3")
    void adjacent(World world) {
        Party grantee = world.grantee();
        GuestKernel kernel = world.granter().kernel();
        long address = kernel.allocatePages(Page.ORDER_2M);
        RawTree tree = RawTree.of(world);
        for (int page = 0; page < PAGES; page++) {
            tree.put(INDEX + page, RawTree.leaf(kernel.frameOf(address) + page, 0));
        }
        Block block = new Block(tree, address);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        Expect.status(Status.BAD_SIZE, grantee.call(mapping(world, block, slot, Page.ORDER_2M)));
        V3Answer mapped = grantee.call(mapping(world, block, slot, V3Map.BEST));
        expectOrder(Page.ORDER_4K, mapped);
        new TreeDriver(grantee).letGo(mapped);
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-12",
            promise =
                    "A run over a large leaf and small ones takes each block as large as it can; order_got is the smallest.",
            source = "grant-v3.md, 7.1, LARGE-1")
    void mixed(World world) {
        Party grantee = world.grantee();
        Block block = Block.of(world, RawTree.creation(world).with(V3TreeCreate.MAX_MAPPINGS, 3), 0);
        block.tree().put(INDEX + PAGES, RawTree.leaf(world.granter().pageFrame(0), 0));
        block.tree().put(INDEX + PAGES + 1, RawTree.leaf(world.granter().pageFrame(1), 0));
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Call run = mapping(world, block, slot, V3Map.BEST).with(V3Map.COUNT, PAGES + 2);
        V3Answer mapped = grantee.call(run);
        Expect.okay(mapped);
        Expect.equal("pages", PAGES + 2, mapped.get(V3Map.DONE));
        Expect.equal("order", Page.ORDER_4K, mapped.get(V3Map.ORDER_GOT));
        expectSamples(grantee, slot);
        world.step("the small ones go first, the large one as a whole");
        long handle = mapped.get(V3Map.HANDLE);
        Expect.okay(grantee.call(TreeDriver.unmapping(handle, PAGES, 2)));
        expectSamples(grantee, slot);
        Expect.status(Status.BAD_SIZE, grantee.call(TreeDriver.unmapping(handle, 0, PAGES - 1)));
        Expect.okay(grantee.call(TreeDriver.unmapping(handle, 0, PAGES)));
        Expect.bits("the leaf", IN_USE, 0, block.word());
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-13",
            promise =
                    "A block that is mapped as one, and may not be split, costs the grantee no more pages than a page by itself.",
            source = "grant-v3.md, section 6")
    void oneMappingIsItsOwnSet(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Block block = Block.of(world, 0);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Answer page = grantee.call(mapping(world, block, slot, Page.ORDER_4K).with(V3Map.COUNT, 1));
        Expect.okay(page);
        driver.letGo(page);
        int pages = world.machine().charges(grantee.domid()).pages();
        Toolstack.of(world).quota(World.GRANTEE, 0, 0, pages);

        world.step("where there is no page more");
        V3Answer whole = grantee.call(mapping(world, block, slot, Page.ORDER_2M));
        expectOrder(Page.ORDER_2M, whole);
        driver.letGo(whole);
        Expect.status(Status.QUOTA, grantee.call(mapping(world, block, slot, V3Map.BEST)));
        whole = grantee.call(mapping(world, block, slot, V3Map.BEST).with(V3Map.ORDER_MIN, Page.ORDER_2M));
        expectOrder(Page.ORDER_2M, whole);
        driver.letGo(whole);
    }

    @Needs(format = "layout-tree", grantee = "large-mappings")
    @Clause(
            id = "LARGE-14",
            promise =
                    "What is granted page by page is no large leaf, whatever memory it is: nothing maps it as one, though pages may be mapped.",
            source = "grant-v3.md, MAP-23, LARGE-1")
    void smallLeavesOfABlock(World world) {
        Party grantee = world.grantee();
        GuestKernel kernel = world.granter().kernel();
        Block block = Block.of(world, 0);
        long small = INDEX + PAGES;
        for (int page = 0; page < PAGES; page++) {
            block.tree().put(small + page, RawTree.leaf(kernel.frameOf(block.address()) + page, 0));
        }
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        V3Call call = mapping(world, block, slot, Page.ORDER_2M).with(V3Map.REF, block.ref(PAGES));
        V3Answer refused = grantee.call(call);
        Expect.status(Status.BAD_SIZE, refused);
        Expect.equal("pages", 0, refused.get(V3Map.DONE));
        Expect.bits("a small leaf", IN_USE, 0, block.tree().get(small));
        V3Answer split = grantee.call(call.and(V3Map.ALLOW_SPLIT));
        expectOrder(Page.ORDER_4K, split);
        expectSamples(grantee, slot);
        new TreeDriver(grantee).letGo(split);
    }
}
