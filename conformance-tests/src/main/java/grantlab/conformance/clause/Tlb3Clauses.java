package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.grant.NodeCacheCounts;
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
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** The structure cache: nodes may be remembered, leaves never. */
@Needs(format = "layout-tree")
public final class Tlb3Clauses implements ClauseFamily {
    private static final int INDEX = 5;
    private static final int MOST_NODES = 64;

    /** For ServiceLoader. */
    public Tlb3Clauses() {}

    @Override
    public String prefix() {
        return "TLB3";
    }

    @Override
    public String title() {
        return "The structure cache";
    }

    private static V3Call invalidation(RawTree tree, int level, long index) {
        return tree.naming(V3Form.INVALIDATE).with(V3Invalidate.LEVEL, level).with(V3Invalidate.PREFIX, index);
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-01",
            promise = "What is wrong with an invalidation is found in the order of the rules.",
            source = "grant-v3.md, TLB-1 to TLB-3")
    void order(World world) {
        RawTree tree = RawTree.of(world);
        new Faults()
                .then(Status.UNSUPPORTED, call -> call.and(1))
                .then(Status.INVAL, V3Invalidate.ZERO_12, 1)
                .then(Status.BAD_TREE, V3Invalidate.SLOT, 0)
                .then(Status.STALE, V3Invalidate.GEN, tree.generation() + 1)
                .then(Status.BAD_SIZE, V3Invalidate.LEVEL, tree.levels() + 1)
                .then(Status.BAD_GNTREF, V3Invalidate.PREFIX, RawTree.span(tree.levels()))
                .tryEach(world.granter(), invalidation(tree, 2, 0));
        Expect.status(Status.BAD_TREE, world.grantee().call(invalidation(tree, 2, 0)));
    }

    @Clause(
            id = "TLB3-02",
            promise =
                    "Levels are 2 up to those of the tree, the prefix is within what it spans; a tree of one level has"
                            + " nothing to invalidate.",
            source = "grant-v3.md, TLB-2, TLB-3")
    void bounds(World world) {
        RawTree tree = RawTree.of(world);
        for (int level = 0; level <= 6; level++) {
            boolean there = level >= 2 && level <= tree.levels();
            Expect.status(there ? Status.OKAY : Status.BAD_SIZE, world.granter().call(invalidation(tree, level, 0)));
            if (there) {
                long span = RawTree.span(tree.levels());
                Expect.okay(world.granter().call(invalidation(tree, level, span - 1)));
                Expect.status(Status.BAD_GNTREF, world.granter().call(invalidation(tree, level, span)));
                Expect.status(Status.BAD_GNTREF, world.granter().call(invalidation(tree, level, -1)));
            }
        }
    }

    @Clause(
            id = "TLB3-03",
            promise =
                    "Leaves are never cached: each map goes by the word that stands there now, and no hypercall tells of"
                            + " the change.",
            source = "grant-v3.md, 7.5, VIRTIO-2")
    void leavesAreNot(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.ref(INDEX);
        for (int n = 0; n < 4; n++) {
            granter.store(granter.page(n), 100 + n);
        }
        for (int n = 0; n < 12; n++) {
            tree.grant(INDEX, n % 4, 0);
            V3Answer mapped = driver.hold(ref, 0, 0);
            Sight.value(grantee, grantee.slot(0), 100 + n % 4);
            driver.letGo(mapped);
        }
        tree.put(INDEX, 0);
        driver.expectRefused(Status.BAD_GNTREF, ref);
        tree.grant(INDEX, 0, V3Entry.W);
        driver.letGo(driver.hold(ref, 0, V3Map.WRITE));
        tree.grant(INDEX, 0, 0);
        Expect.status(Status.PERMISSION_DENIED, driver.map(ref, 0, V3Map.WRITE));
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-04",
            promise = "What is missing is not cached: a node that comes is used at once.",
            source = "grant-v3.md, 7.5")
    void missingIsNot(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        for (int n = 0; n < 3; n++) {
            driver.expectRefused(Status.BAD_GNTREF, tree.ref(INDEX));
        }
        driver.expectMaps(tree.grant(INDEX, 0, 0));
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-05",
            promise =
                    "A table entry that was removed or narrowed is in force after the invalidation, of whatever level; the"
                            + " nodes that went are held by nobody.",
            source = "grant-v3.md, TLB-4, I11")
    void invalidated(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        long node = granter.domain().physicalMap().machineFrame(granter.kernel().frameOf(tree.node(1, INDEX)));
        for (int level = 2; level <= tree.levels(); level++) {
            driver.letGo(driver.hold(ref, 0, V3Map.WRITE));
            long table = tree.get(level, INDEX);
            tree.put(level, INDEX, table & ~V3Entry.W);
            Expect.okay(granter.call(invalidation(tree, level, INDEX)));
            Expect.status(Status.PERMISSION_DENIED, driver.map(ref, 0, V3Map.WRITE));
            tree.put(level, INDEX, 0);
            Expect.okay(granter.call(invalidation(tree, level, INDEX)));
            driver.expectRefused(Status.BAD_GNTREF, ref);
            Expect.equal("references on the lowest node", world.references(0), frames.references(node));
            tree.put(level, INDEX, table);
        }
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-06",
            promise =
                    "An invalidation drops what lies below its entry and nothing beside it: that is found again without a"
                            + " walk.",
            source = "grant-v3.md, TLB-4, 7.5")
    void onlyBelow(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long here = tree.grant(INDEX, 0, 0);
        long beside = tree.grant(512 + INDEX, 1, 0);
        driver.expectMaps(here);
        driver.expectMaps(beside);
        Expect.okay(granter.call(invalidation(tree, 2, INDEX)));
        long walks = counts(world, tree).walks();
        driver.expectMaps(beside);
        Expect.equal("walks for what is beside", walks, counts(world, tree).walks());
        driver.expectMaps(here);
        Expect.equal(
                "walks for what was dropped", walks + 1, counts(world, tree).walks());
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-07",
            promise = "The first use of a node walks, those after it find it: hits, misses, walks and held nodes are"
                    + " counted so.",
            source = "grant-v3.md, 7.5")
    void counters(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        NodeCacheCounts before = counts(world, tree);
        driver.expectMaps(ref);
        NodeCacheCounts first = counts(world, tree);
        Expect.equal("walks", before.walks() + 1, first.walks());
        Expect.equal("misses", before.misses() + 1, first.misses());
        Expect.equal("nodes held", before.held() + 1, first.held());
        for (int n = 0; n < 10; n++) {
            driver.expectMaps(ref);
        }
        NodeCacheCounts then = counts(world, tree);
        Expect.equal("walks", first.walks(), then.walks());
        Expect.equal("misses", first.misses(), then.misses());
        Expect.holds("hits have grown by ten at least", then.hits() >= first.hits() + 10);
        Expect.equal("nodes held", first.held(), then.held());
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-08",
            promise = "No more than 64 nodes of a tree are held, however many are used.",
            source = "grant-v3.md, 7.5, 14")
    void bounded(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        world.step("one node, by 100 table entries");
        long ref = tree.grant(INDEX, 0, 0);
        long table = tree.get(2, INDEX);
        for (int n = 0; n < 100; n++) {
            tree.put(2, 512L * n, table);
            driver.expectMaps(tree.ref(512L * n + INDEX));
            Expect.holds("at most 64 nodes are held", counts(world, tree).held() <= MOST_NODES);
        }
        driver.expectMaps(ref);
        Expect.okay(granter.call(invalidation(tree, tree.levels(), 0)));
        for (int n = 0; n < 100; n++) {
            tree.put(2, 512L * n, 0);
        }
        for (int n = 0; n < 100; n++) {
            Expect.okay(granter.call(invalidation(tree, 2, 512L * n)));
            driver.expectRefused(Status.BAD_GNTREF, tree.ref(512L * n + INDEX));
        }
        Expect.equal("nodes held", 0, counts(world, tree).held());
    }

    @Needs(format = "large-leaves", granter = "translated")
    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "TLB3-09",
            promise =
                    "When the granter's physical map changes the hypervisor forgets by itself: a node whose number means"
                            + " another page is read there.",
            source = "grant-v3.md, 7.5, WALK-2")
    void mapChanges(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        driver.expectMaps(ref);
        long node = Page.frame(tree.node(1, INDEX));
        Expect.rc(1, granter.call(ReservationCall.decrease(node)).rc());
        Expect.rc(1, granter.call(ReservationCall.populate(node)).rc());
        driver.expectRefused(Status.BAD_GNTREF, ref);
        granter.store(tree.entry(1, INDEX), RawTree.leaf(granter.pageFrame(1), 0));
        granter.store(granter.page(1), 43);
        driver.hold(ref, 0, 0);
        Sight.value(world.grantee(), world.grantee().slot(0), 43);
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-10",
            promise = "Growing forgets, and destroying: a mask that the new root has is in force at once.",
            source = "grant-v3.md, 7.5, 5.3")
    void growing(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(granter, RawTree.creation(world, 2));
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        driver.letGo(driver.hold(ref, 0, V3Map.WRITE));
        long higher = granter.kernel().allocatePages(Page.ORDER_4K);
        granter.store(higher, RawTree.table(granter.kernel().frameOf(tree.node(2, 0))) & ~V3Entry.W);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_UPDATE)
                .and(V3TreeUpdate.GROW)
                .with(V3TreeUpdate.ROOT, granter.kernel().frameOf(higher))
                .with(V3TreeUpdate.INDEX_LIMIT, RawTree.span(3))));
        Expect.status(Status.PERMISSION_DENIED, driver.map(ref, 0, V3Map.WRITE));
        driver.expectMaps(ref);
    }

    @Needs(format = "large-leaves")
    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "TLB3-11",
            promise =
                    "A granter that forgets to invalidate hurts itself alone: the page that was a node stays its own, and"
                            + " nobody else's memory is reached.",
            source = "grant-v3.md, 7.5, SEC-6")
    void forgotten(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        driver.expectMaps(ref);
        long node = tree.node(1, INDEX);
        tree.put(2, INDEX, 0);
        world.step("the node becomes a page of data that look like leaves of somebody else's frames");
        long foreign = world.third().machineFrame(0);
        granter.store(node + INDEX * 8L, RawTree.leaf(foreign, V3Entry.W));
        Expect.status(Status.BAD_PAGE, driver.map(ref, 0, V3Map.WRITE));
        Expect.okay(granter.call(invalidation(tree, 2, INDEX)));
        driver.expectRefused(Status.BAD_GNTREF, ref);
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "TLB3-12",
            promise =
                    "When an invalidation returns the node is the granter's alone, though a CPU that went by it does nothing more; so is what"
                            + " was one of a tree that is destroyed.",
            source = "grant-v3.md, 7.5, 5.4; TreeTable (lasts)")
    void idleCpuHoldsNothing(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame =
                granter.domain().physicalMap().machineFrame(granter.kernel().frameOf(tree.node(1, INDEX)));
        long references = world.machine().frames().references(frame);
        long ref = tree.grant(INDEX, 0, 0);
        driver.expectMaps(ref);
        Expect.holds("it is held", world.machine().frames().references(frame) > references);
        Expect.okay(granter.call(invalidation(tree, 2, INDEX)));
        Expect.equal("references", references, world.machine().frames().references(frame));
        driver.expectMaps(ref);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
        Expect.equal("references", references, world.machine().frames().references(frame));
    }

    private static NodeCacheCounts counts(World world, RawTree tree) {
        return world.machine().nodeCache(World.GRANTER, tree.slot());
    }
}
