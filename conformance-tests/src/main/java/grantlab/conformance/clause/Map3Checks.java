package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** v3_map: each check in its order, and that a refused map leaves nothing. */
@Needs(format = "layout-tree")
final class Map3Checks {
    private static final int INDEX = 5;
    private static final int NOBODY = 77;
    private static final long MOST_PAGES = 1 << 18;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int LAST_ENTRIES = 510;

    @Clause(
            id = "MAP3-01",
            promise = "What is wrong with an element is found in the order of the rules; without fault it maps.",
            source = "grant-v3.md, MAP-1 to MAP-12, MAP-20")
    void order(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call sound = new TreeDriver(grantee).mapping(tree.grant(INDEX, 0, 0), 0);
        Faults faults = new Faults()
                .then(Status.UNSUPPORTED, call -> call.and(V3Map.MERGE))
                .then(Status.INVAL, V3Map.ZERO_22, 1)
                .then(Status.INVAL, V3Map.FLAGS, 0)
                .then(Status.BAD_SIZE, V3Map.COUNT, 0);
        if (!grantee.translated()) {
            faults.then(Status.INVAL, call -> call.with(V3Map.DEST, call.get(V3Map.DEST) | 4));
        }
        faults.then(Status.INVAL, call -> call.with(V3Map.REF, call.get(V3Map.REF) | 1L << 56))
                .then(Status.BAD_DOMAIN, V3Map.PEER, NOBODY)
                .then(Status.BAD_TREE, call -> call.with(V3Map.REF, call.get(V3Map.REF) | 0xfffL << 36))
                .then(Status.STALE, V3Map.EPOCH, 1)
                .then(Status.BAD_GNTREF, call -> call.with(V3Map.REF, call.get(V3Map.REF) + 1))
                .then(Status.PERMISSION_DENIED, call -> call.and(V3Map.WRITE))
                .tryEach(grantee, sound);
    }

    @Clause(
            id = "MAP3-02",
            promise =
                    "A mapping is for the CPU or for devices or both; a PV guest names the entry of each mapping for the"
                            + " CPU, nobody else has entries to name.",
            source = "grant-v3.md, MAP-3")
    void parts(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call sound = new TreeDriver(grantee).mapping(tree.grant(INDEX, 0, V3Entry.DEV), 0);
        boolean typed = !grantee.translated();
        for (int flags : new int[] {0, V3Map.WRITE, V3Map.DEST_PTE, V3Map.ALLOW_SPLIT}) {
            Expect.status(Status.INVAL, grantee.call(sound.with(V3Map.FLAGS, flags)));
        }
        V3Call other = sound.with(V3Map.FLAGS, typed ? V3Map.HOST : V3Map.HOST | V3Map.DEST_PTE);
        Expect.status(Status.INVAL, grantee.call(other));
        Expect.okay(grantee.call(sound));
    }

    @Needs(grantee = {"names-entries", "device-mappings"})
    @Clause(
            id = "MAP3-03",
            promise =
                    "A PV grantee's mapping for devices alone has no place: dest is 0, dev_addr tells the machine address.",
            source = "grant-v3.md, MAP-3, 7.1")
    void devicesAlone(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, V3Entry.DEV | V3Entry.W);
        V3Call sound = driver.mapping(ref, 0)
                .with(V3Map.FLAGS, V3Map.DEVICE | V3Map.WRITE)
                .with(V3Map.DEST, 0);
        Expect.status(Status.INVAL, grantee.call(sound.with(V3Map.DEST, driver.place(0))));
        Expect.status(Status.INVAL, grantee.call(sound.and(V3Map.DEST_PTE)));
        V3Answer mapped = grantee.call(sound);
        Expect.okay(mapped);
        long frame = world.granter().machineFrame(0);
        Expect.equal("address for devices", Page.address(frame), mapped.get(V3Map.DEV_ADDR));
        Expect.equal("type", FrameTable.TYPE_WRITABLE, world.machine().frames().type(frame));
        Expect.bits("the leaf", IN_USE, IN_USE, tree.get(INDEX));
        driver.letGo(mapped);
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
    }

    @Clause(
            id = "MAP3-04",
            promise = "A run has 1 to 2^18 pages; orders are 0, 9, 18 or BEST, the least none above the largest.",
            source = "grant-v3.md, MAP-4")
    void sizes(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call sound = new TreeDriver(grantee).mapping(tree.grant(INDEX, 0, 0), 0);
        for (long count : new long[] {0, MOST_PAGES + 1, 0xffff_ffffL, 1L << 31}) {
            Expect.status(Status.BAD_SIZE, grantee.call(sound.with(V3Map.COUNT, count)));
        }
        for (int order : new int[] {1, 8, 10, 17, 19, 0xfe}) {
            Expect.status(Status.BAD_SIZE, grantee.call(sound.with(V3Map.ORDER_REQ, order)));
            Expect.status(
                    Status.BAD_SIZE,
                    grantee.call(sound.with(V3Map.ORDER_REQ, V3Map.BEST).with(V3Map.ORDER_MIN, order)));
        }
        Expect.status(Status.BAD_SIZE, grantee.call(sound.with(V3Map.ORDER_MIN, Page.ORDER_2M)));
        Expect.status(
                Status.BAD_SIZE,
                grantee.call(sound.with(V3Map.ORDER_REQ, Page.ORDER_2M).with(V3Map.ORDER_MIN, Page.ORDER_1G)));
        Expect.status(
                Status.BAD_SIZE,
                grantee.call(sound.with(V3Map.ORDER_REQ, V3Map.BEST).with(V3Map.ORDER_MIN, V3Map.BEST)));
        V3Answer mapped = grantee.call(sound.with(V3Map.ORDER_REQ, V3Map.BEST));
        Expect.okay(mapped);
        Expect.equal("order", Page.ORDER_4K, mapped.get(V3Map.ORDER_GOT));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "MAP3-05",
            promise = "An entry is named by a multiple of 8, and a run of entries ends with its page table.",
            source = "grant-v3.md, MAP-5, MAP-6")
    void entries(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 3; n++) {
            tree.grant(INDEX + n, n, 0);
        }
        V3Call one = driver.mapping(tree.ref(INDEX), 0);
        for (int offset : new int[] {1, 2, 4, 7}) {
            Expect.status(Status.INVAL, grantee.call(one.with(V3Map.DEST, driver.place(0) + offset)));
        }
        long table = driver.place(0) & -Page.SIZE;
        V3Call last = one.with(V3Map.DEST, table + LAST_ENTRIES * 8L);
        Expect.status(Status.BAD_SIZE, grantee.call(last.with(V3Map.COUNT, 3)));
        V3Answer mapped = grantee.call(last.with(V3Map.COUNT, 2));
        Expect.okay(mapped);
        driver.letGo(mapped);
    }

    @Clause(
            id = "MAP3-06",
            promise = "A reference has nothing above its generation; one of the flat table has nothing above 32 bits.",
            source = "grant-v3.md, MAP-7, COEX-2")
    void references(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        long ref = tree.grant(INDEX, 0, 0);
        for (int bit = 56; bit < 64; bit++) {
            driver.expectRefused(Status.INVAL, ref | 1L << bit);
            driver.expectRefused(Status.INVAL, 1L << bit);
        }
        for (int bit : new int[] {32, 33, 34, 35, 48, 55}) {
            driver.expectRefused(Status.INVAL, 8 | 1L << bit);
        }
        driver.expectMaps(ref);
    }

    @Clause(
            id = "MAP3-07",
            promise = "The granter is a domain that exists: its number, never one of those that are kept.",
            source = "grant-v3.md, MAP-8")
    void peer(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call sound = new TreeDriver(grantee).mapping(tree.grant(INDEX, 0, 0), 0);
        for (int peer : new int[] {NOBODY, Domid.SELF, Domid.FIRST_RESERVED, 0x7fff, 0x8000, 0x8fff, 0x9000, 0xffff}) {
            Expect.status(Status.BAD_DOMAIN, grantee.call(sound.with(V3Map.PEER, peer)));
        }
        Expect.okay(grantee.call(sound));
    }

    @Clause(
            id = "MAP3-08",
            promise = "A reference of another generation, and an epoch that a real domid does not have, are stale.",
            source = "grant-v3.md, MAP-10, I10")
    void stale(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, 0);
        for (int bit = 48; bit < 56; bit++) {
            driver.expectRefused(Status.STALE, ref ^ 1L << bit);
        }
        for (int bit = 0; bit < 32; bit++) {
            Expect.status(Status.STALE, grantee.call(driver.mapping(ref, 0).with(V3Map.EPOCH, 1L << bit)));
        }
        driver.expectMaps(ref);
    }

    @Clause(
            id = "MAP3-09",
            promise =
                    "What a leaf allows decides: writing needs W, and COPY_ONLY is for copies alone; what is refused leaves"
                            + " the leaf as it was.",
            source = "grant-v3.md, MAP-22")
    void rights(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        for (int n = 0; n < 16; n++) {
            long bits = (n & 1) != 0 ? V3Entry.W : 0;
            bits |= (n & 2) != 0 ? V3Entry.DEV : 0;
            bits |= (n & 4) != 0 ? V3Entry.COPY_ONLY : 0;
            bits |= (n & 8) != 0 ? V3Entry.NOTIFY : 0;
            long ref = tree.grant(INDEX, 0, bits);
            long word = tree.get(INDEX);
            boolean mappable = (bits & V3Entry.COPY_ONLY) == 0;
            expectAllowed(driver, mappable, ref, 0);
            expectAllowed(driver, mappable && (bits & V3Entry.W) != 0, ref, V3Map.WRITE);
            Expect.bits("the leaf", ~V3Entry.W_SEEN, word, tree.get(INDEX));
        }
    }

    private static void expectAllowed(TreeDriver driver, boolean allowed, long ref, int flags) {
        if (allowed) {
            driver.letGo(driver.hold(ref, 0, flags));
        } else {
            Expect.status(Status.PERMISSION_DENIED, driver.map(ref, 0, flags));
        }
    }

    @Needs(grantee = "device-mappings")
    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "MAP3-10",
            promise = "A mapping for devices needs DEV in the leaf and in every table entry above.",
            source = "grant-v3.md, MAP-22, WALK-5")
    void devices(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        expectAllowed(driver, false, tree.grant(INDEX, 0, V3Entry.W), V3Map.DEVICE);
        long ref = tree.grant(INDEX, 0, V3Entry.DEV);
        expectAllowed(driver, true, ref, V3Map.DEVICE);
        expectAllowed(driver, false, ref, V3Map.DEVICE | V3Map.WRITE);
        expectAllowed(driver, true, tree.grant(INDEX, 0, V3Entry.DEV | V3Entry.W), V3Map.DEVICE | V3Map.WRITE);
        for (int level = 2; level <= tree.levels(); level++) {
            long table = tree.get(level, INDEX);
            tree.put(level, INDEX, table & ~V3Entry.DEV);
            Expect.okay(world.granter().call(tree.naming(V3Form.INVALIDATE).with(V3Invalidate.LEVEL, level)));
            expectAllowed(driver, false, ref, V3Map.DEVICE);
            tree.put(level, INDEX, table);
            Expect.okay(world.granter().call(tree.naming(V3Form.INVALIDATE).with(V3Invalidate.LEVEL, level)));
        }
        expectAllowed(driver, true, ref, V3Map.DEVICE);
    }

    @Clause(
            id = "MAP3-11",
            promise = "A mapping marks the leaf: MAPPED_R for each use, MAPPED_W and W_SEEN for those that write.",
            source = "grant-v3.md, MAP-29, 3.2")
    void marks(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        long marks = IN_USE | V3Entry.W_SEEN;
        long ref = tree.grant(INDEX, 0, V3Entry.W | V3Entry.SW_MASK);
        long word = tree.get(INDEX);
        V3Answer reader = driver.hold(ref, 0, 0);
        Expect.equal("the leaf with a reader", word | V3Entry.MAPPED_R, tree.get(INDEX));
        V3Answer writer = driver.hold(ref, 1, V3Map.WRITE);
        Expect.equal("the leaf with a writer", word | marks, tree.get(INDEX));
        V3Answer another = driver.hold(ref, 2, V3Map.WRITE);
        driver.letGo(writer);
        Expect.equal("the leaf with another writer", word | marks, tree.get(INDEX));
        driver.letGo(another);
        Expect.equal("the leaf with a reader again", word | V3Entry.MAPPED_R | V3Entry.W_SEEN, tree.get(INDEX));
        driver.letGo(reader);
        Expect.equal("the leaf with nobody", word | V3Entry.W_SEEN, tree.get(INDEX));
    }

    @Clause(
            id = "MAP3-12",
            promise =
                    "A leaf names plain memory of the granter: a hole, a number beyond memory and somebody else's page map"
                            + " nothing and leave no mark.",
            source = "grant-v3.md, MAP-30")
    void memory(World world) {
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        long foreign = world.third().machineFrame(3);
        for (long frame : new long[] {Page.frame(granter.slot(7)), foreign, (1L << 40) - 1}) {
            tree.put(INDEX, RawTree.leaf(frame, V3Entry.W));
            driver.expectRefused(Status.BAD_PAGE, tree.ref(INDEX));
            Expect.status(Status.BAD_PAGE, driver.map(tree.ref(INDEX), 0, V3Map.WRITE));
            Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        }
        driver.expectMaps(tree.grant(INDEX, 0, V3Entry.W));
    }

    @Clause(
            id = "MAP3-13",
            promise = "What a domain has through a grant it does not grant on.",
            source = "grant-v3.md, MAP-30, SEC-18")
    void noGrantOfAGrant(World world) {
        Party granter = world.granter();
        Party third = world.third();
        world.step("the third party grants a page to the granter, which maps it");
        RawTree theirs = RawTree.of(third, RawTree.creation(world).with(V3TreeCreate.PEER, World.GRANTER));
        V3Answer got = granter.call(new TreeDriver(granter)
                .mapping(theirs.grant(INDEX, 0, V3Entry.W), 7)
                .with(V3Map.PEER, World.THIRD));
        Expect.okay(got);
        long frame = granter.translated() ? Page.frame(granter.slot(7)) : third.machineFrame(0);
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.put(INDEX, RawTree.leaf(frame, 0));
        driver.expectRefused(Status.BAD_PAGE, tree.ref(INDEX));
        driver.expectMaps(tree.grant(INDEX, 0, 0));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "MAP3-14",
            promise = "A PV granter's page table is granted to nobody, for reading neither.",
            source = "grant-v3.md, MAP-30, SEC-14")
    void pageTables(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long table = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        long references = world.machine().frames().references(table);
        tree.put(INDEX, RawTree.leaf(table, V3Entry.W));
        Expect.status(Status.BAD_PAGE, driver.map(tree.ref(INDEX), 0, V3Map.WRITE));
        driver.expectRefused(Status.BAD_PAGE, tree.ref(INDEX));
        Expect.equal(
                "references on the page table",
                references,
                world.machine().frames().references(table));
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        driver.expectMaps(tree.grant(INDEX, 0, V3Entry.W));
    }

    @Clause(
            id = "MAP3-15",
            promise =
                    "The bounds of a tree are met: one leaf more, one mapping more is quota, and nothing of it stays.",
            source = "grant-v3.md, MAP-25, MAP-32, QUOTA-5")
    void bounds(World world) {
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(
                granter,
                RawTree.creation(world).with(V3TreeCreate.MAX_ACTIVE, 2).with(V3TreeCreate.MAX_MAPPINGS, 3));
        for (int n = 0; n < 3; n++) {
            tree.grant(n, n, 0);
        }
        V3Answer first = driver.hold(tree.ref(0), 0, 0);
        driver.hold(tree.ref(1), 1, 0);
        world.step("a third leaf");
        Expect.status(Status.QUOTA, driver.map(tree.ref(2), 2, 0));
        Expect.bits("the third leaf", IN_USE, 0, tree.get(2));
        world.step("a third and a fourth mapping");
        driver.hold(tree.ref(1), 2, 0);
        long references = world.references(0);
        Expect.status(Status.QUOTA, driver.map(tree.ref(0), 3, 0));
        Expect.equal("references on p0", references, world.references(0));
        Sight.nothing(world.grantee(), world.grantee().slot(3));
        world.step("one goes, the third leaf comes");
        driver.letGo(first);
        driver.hold(tree.ref(2), 0, 0);
    }

    @Clause(
            id = "MAP3-16",
            promise =
                    "A place that takes no mapping is a general error; nobody is crashed, and the leaf is free again.",
            source = "grant-v3.md, MAP-33")
    void places(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        long[] places = grantee.translated()
                ? new long[] {1L << 60, -1, Page.FRAME_LIMIT}
                : new long[] {
                    Page.address(grantee.pageFrame(3)),
                    Page.address(world.granter().machineFrame(3)),
                    Page.address(Page.FRAME_LIMIT - 1),
                    -8
                };
        long references = world.references(0);
        for (long place : places) {
            V3Answer refused = grantee.call(driver.mapping(ref, 0).with(V3Map.DEST, place));
            Expect.status(Status.GENERAL_ERROR, refused);
            Expect.equal("handle", 0, refused.get(V3Map.HANDLE));
            Expect.equal("references", references, world.references(0));
            Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        }
        driver.expectMaps(ref);
    }
}
