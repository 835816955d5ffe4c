package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.call.V3Gate;

/** The way from the root of a tree to a leaf. Nodes are the granter's, and may have anything in them. */
@Needs(format = "layout-tree")
public final class WalkClauses implements ClauseFamily {
    private static final long INDEX = 5;
    private static final long NOWHERE = 0x7_7777_7777L;
    private static final long MAPPED = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    /** For ServiceLoader. */
    public WalkClauses() {}

    @Override
    public String prefix() {
        return "WALK";
    }

    @Override
    public String title() {
        return "The walk through a tree";
    }

    @Clause(
            id = "WALK-01",
            promise = "The last index below the limit is a grant; the limit itself and everything beyond is none.",
            source = "grant-v3.md, WALK-1")
    void limit(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long last = RawTree.span(tree.levels()) - 1;
        tree.grant(last, 0, 0);
        tree.grant(last - 1, 1, 0);
        driver.expectMaps(tree.ref(last));
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(last + 1 & 0xf_ffff_ffffL));
        world.step("the limit is lowered by one");
        Expect.okay(world.granter()
                .call(tree.naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.LIMITS).with(V3TreeUpdate.INDEX_LIMIT, last)));
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(last));
        driver.expectMaps(tree.ref(last - 1));
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(0xf_ffff_ffffL));
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "WALK-02",
            promise =
                    "A node is plain memory of the granter: a hole, a number beyond memory and somebody else's page lead"
                            + " nowhere.",
            source = "grant-v3.md, WALK-2")
    void nodesAreOwnMemory(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        long sound = tree.get(2, INDEX);
        driver.expectMaps(ref);
        long foreign = world.third().machineFrame(3);
        for (long frame : new long[] {Page.frame(granter.slot(7)), NOWHERE, foreign}) {
            tree.put(2, INDEX, RawTree.table(frame));
            forget(world, tree);
            driver.expectRefused(Status.BAD_GNTREF, ref);
        }
        tree.put(2, INDEX, sound);
        driver.expectMaps(ref);
    }

    @Needs(format = "large-leaves", granter = "typed-frames")
    @Clause(
            id = "WALK-03",
            promise = "A PV granter's page table is no node: no word of it is taken for an entry, none is written.",
            source = "grant-v3.md, WALK-2, SEC-15")
    void pageTablesAreNoNodes(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        long entry = granter.domain().addressSpace().entryAddress(granter.page(0));
        long table = Page.frame(entry);
        int type = world.machine().frames().type(table);
        long before = world.machine().memory().load64(entry);
        Expect.equal("type of the page table", FrameTable.TYPE_L1, type);

        world.step("an entry of the tree leads to the page table that maps p0");
        tree.put(2, INDEX, RawTree.table(table));
        forget(world, tree);
        for (int n = 0; n < 512; n++) {
            Expect.status(Status.BAD_GNTREF, driver.map(tree.ref(n), 0, V3Map.WRITE));
        }
        driver.expectRefused(Status.BAD_GNTREF, ref);
        Expect.equal("entry of p0", before, world.machine().memory().load64(entry));
        Expect.equal("type of the page table", type, world.machine().frames().type(table));
    }

    @Needs(format = "large-leaves")
    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "WALK-04",
            promise = "A loop of tables is walked to its end, where a table entry is none, and no further.",
            source = "grant-v3.md, WALK-3, WALK-5")
    void loop(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        long root = tree.node(tree.levels(), 0);
        tree.put(tree.levels(), 0, RawTree.table(granter.kernel().frameOf(root)));
        new TreeDriver(world.grantee()).expectRefused(Status.BAD_GNTREF, tree.ref(0));

        world.step("entry 1 of the root is a leaf: at the end of the loop it is one of 4 KiB");
        granter.store(root + V3Entry.SIZE, RawTree.leaf(granter.pageFrame(0), 0));
        granter.store(granter.page(0), 42);
        new TreeDriver(world.grantee()).hold(tree.ref(1), 0, 0);
        Sight.value(world.grantee(), world.grantee().slot(0), 42);
    }

    @Clause(
            id = "WALK-05",
            promise =
                    "An empty entry grants nothing, whatever its other bits are; with another type the same bits grant.",
            source = "grant-v3.md, WALK-4")
    void empty(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.put(INDEX + 1, RawTree.leaf(world.granter().pageFrame(1), 0));
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(INDEX));
        tree.put(INDEX, ~V3Entry.TYPE_MASK);
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(INDEX));
        long software = V3Entry.SW_MASK | V3Entry.GEN_MASK;
        tree.put(INDEX, RawTree.leaf(world.granter().pageFrame(0), software) & ~V3Entry.TYPE_MASK);
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(INDEX));
        tree.put(INDEX, RawTree.leaf(world.granter().pageFrame(0), software));
        driver.expectMaps(tree.ref(INDEX));
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "WALK-06",
            promise =
                    "A table entry with one of its zero bits set leads nowhere, on whatever level; bits of software are"
                            + " not among them.",
            source = "grant-v3.md, WALK-5, 3.2")
    void reservedInTables(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        for (int level = 2; level <= tree.levels(); level++) {
            long sound = tree.get(level, INDEX);
            for (int bit : new int[] {4, 5, 6, 7, 8, 9, 10, 11, 59, 60, 61, 62, 63}) {
                tree.put(level, INDEX, sound | 1L << bit);
                forget(world, tree);
                driver.expectRefused(Status.BAD_GNTREF, ref);
            }
            tree.put(level, INDEX, sound | V3Entry.SW_MASK);
            forget(world, tree);
            driver.expectMaps(ref);
            tree.put(level, INDEX, sound);
        }
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "WALK-07",
            promise =
                    "W of a table entry masks all below: cleared on any one level, nobody writes through the leaf, and"
                            + " everybody reads.",
            source = "grant-v3.md, WALK-5")
    void masks(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        driver.letGo(driver.hold(ref, 0, V3Map.WRITE));
        for (int level = 2; level <= tree.levels(); level++) {
            long sound = tree.get(level, INDEX);
            tree.put(level, INDEX, sound & ~V3Entry.W);
            forget(world, tree);
            Expect.status(Status.PERMISSION_DENIED, driver.map(ref, 0, V3Map.WRITE));
            driver.expectMaps(ref);
            Expect.bits("bits of the leaf that say in use", MAPPED, 0, tree.get(INDEX));
            tree.put(level, INDEX, sound);
            forget(world, tree);
            driver.letGo(driver.hold(ref, 0, V3Map.WRITE));
        }
    }

    @Clause(
            id = "WALK-08",
            promise = "A tombstone says revoked, whatever its other bits are.",
            source = "grant-v3.md, WALK-6")
    void tombstones(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long leaf = RawTree.leaf(world.granter().pageFrame(0), V3Entry.W);
        tree.put(INDEX, leaf);
        driver.expectMaps(tree.ref(INDEX));
        tree.put(INDEX, leaf | V3Entry.TOMBSTONE);
        driver.expectRefused(Status.REVOKED, tree.ref(INDEX));
        tree.put(INDEX, leaf | V3Entry.TOMBSTONE | V3Entry.ATTACHED);
        driver.expectRefused(Status.REVOKED, tree.ref(INDEX));
        tree.put(INDEX, -1);
        driver.expectRefused(Status.REVOKED, tree.ref(INDEX));
        for (int level = 2; level <= Math.min(tree.levels(), 3); level++) {
            long table = tree.get(level, INDEX);
            tree.put(level, INDEX, leaf | V3Entry.TOMBSTONE);
            forget(world, tree);
            driver.expectRefused(Status.REVOKED, tree.ref(INDEX));
            tree.put(level, INDEX, table);
        }
    }

    @Clause(
            id = "WALK-09",
            promise =
                    "A leaf with one of its zero bits set grants nothing; bits in use, of software and of the generation"
                            + " are no matter.",
            source = "grant-v3.md, WALK-7, 3.2")
    void reservedInLeaves(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long sound = RawTree.leaf(world.granter().pageFrame(0), 0);
        for (int bit : new int[] {6, 7, 8, 63}) {
            tree.put(INDEX, sound | 1L << bit);
            driver.expectRefused(Status.BAD_GNTREF, tree.ref(INDEX));
        }
        for (long bits : new long[] {MAPPED, V3Entry.W_SEEN, V3Entry.SW_MASK, V3Entry.GEN_MASK, V3Entry.NOTIFY}) {
            tree.put(INDEX, sound | bits);
            driver.expectMaps(tree.ref(INDEX));
        }
    }

    @Clause(
            id = "WALK-10",
            promise = "On level 4 there is no leaf and no tombstone; on level 1 there is no table.",
            source = "grant-v3.md, WALK-5, WALK-7")
    void levels(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        tree.put(INDEX, RawTree.table(world.granter().pageFrame(0)));
        driver.expectRefused(Status.BAD_GNTREF, tree.ref(INDEX));
        RawTree high = RawTree.of(world.granter(), RawTree.creation(world, 4));
        high.put(4, 0, RawTree.leaf(0, 0));
        driver.expectRefused(Status.BAD_GNTREF, high.ref(0));
        high.put(4, 0, RawTree.leaf(0, 0) | V3Entry.TOMBSTONE);
        driver.expectRefused(Status.BAD_GNTREF, high.ref(0));
        high.put(4, 0, 0);
        high.grant(0, 0, 0);
        driver.expectMaps(high.ref(0));
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "WALK-11",
            promise =
                    "A large leaf whose frame is no multiple of its size is a bad page, from whatever index within it.",
            source = "grant-v3.md, WALK-8")
    void alignment(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        for (int level = 2; level <= Math.min(tree.levels(), 3); level++) {
            int order = V3Entry.LEVEL_BITS * (level - 1);
            for (int bit = 0; bit < order; bit++) {
                tree.put(level, 0, RawTree.leaf(1L << bit, 0));
                driver.expectRefused(Status.BAD_PAGE, tree.ref(0));
                driver.expectRefused(Status.BAD_PAGE, tree.ref((1L << order) - 1));
            }
            world.step("aligned, and there is no memory of the granter behind it");
            tree.put(level, 0, RawTree.leaf(1L << (order + 18), 0));
            driver.expectRefused(Status.BAD_PAGE, tree.ref(1));
            tree.put(level, 0, 0);
        }
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "WALK-12",
            promise =
                    "A node that the granter gives back to the hypervisor is a node no more, and whoever has it next is not"
                            + " read.",
            source = "grant-v3.md, WALK-2, 7.5")
    void nodeVanishes(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        driver.expectMaps(ref);
        long node = tree.node(1, INDEX);
        long frame = granter.kernel().frameOf(node);
        giveBack(granter, node, frame);
        driver.expectRefused(Status.BAD_GNTREF, ref);
    }

    private static void giveBack(Party granter, long node, long frame) {
        if (!granter.translated()) {
            Expect.rc(0, granter.updateEntry(node, 0));
        }
        Expect.rc(1, granter.call(ReservationCall.decrease(frame)).rc());
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "WALK-14",
            promise =
                    "A node that the granter gives back is no node for anybody, though another CPU went by it and does nothing more.",
            source = "grant-v3.md, WALK-2, 7.5")
    void nodeVanishesUnderAnIdleCpu(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        V3Gate other = new V3Gate(
                Rebuilt.secondCpu(world, grantee), grantee.area(grantee.page(10)), grantee.area(grantee.page(11)));
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, 0);
        driver.expectMaps(ref);
        V3Answer mapped = other.call(driver.mapping(ref, 0));
        Expect.okay(mapped);
        Expect.okay(other.call(TreeDriver.unmapping(mapped)));
        long node = tree.node(1, INDEX);
        giveBack(granter, node, granter.kernel().frameOf(node));
        driver.expectRefused(Status.BAD_GNTREF, ref);
        Expect.status(Status.BAD_GNTREF, other.call(driver.mapping(ref, 0)));
    }

    @Clause(
            id = "WALK-13",
            promise = "The root stays the page that it was: its number may come to mean nothing, the tree is the same.",
            source = "grant-v3.md, TREE-9, WALK-2")
    void rootStays(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        long root = tree.node(tree.levels(), 0);
        long mfn = granter.domain().physicalMap().machineFrame(granter.kernel().frameOf(root));
        Expect.equal(
                "type of the root",
                FrameTable.TYPE_WRITABLE,
                world.machine().frames().type(mfn));
        long frame = granter.kernel().frameOf(root);
        if (!granter.translated()) {
            Expect.rc(0, granter.updateEntry(root, 0));
        }
        Expect.rc(1, granter.call(ReservationCall.decrease(frame)).rc());
        Expect.equal(
                "owner of the root", World.GRANTER, world.machine().frames().owner(mfn));
        driver.expectMaps(ref);
    }

    /** The cache would know the way without the entry that the clause changes. */
    private static void forget(World world, RawTree tree) {
        if (tree.levels() > 1) {
            Expect.okay(world.granter().call(tree.naming(V3Form.INVALIDATE).with(V3Invalidate.LEVEL, tree.levels())));
        }
    }
}
