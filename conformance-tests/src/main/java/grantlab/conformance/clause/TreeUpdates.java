package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** v3_tree_update: one change at a time, pausing, limits, and growth by a level. */
@Needs(format = "layout-tree")
final class TreeUpdates {
    private static final long INDEX = 5;
    private static final long TOO_MUCH = 1L << 32;
    private static final int HIGHEST_SLOT = 4095;

    @Clause(
            id = "TREE-20",
            promise = "An update is one of four changes, and says nothing about the others.",
            source = "grant-v3.md, TREE-20")
    void oneChange(World world) {
        Party granter = world.granter();
        V3Call call = RawTree.of(world).naming(V3Form.TREE_UPDATE);
        for (int flags = 0; flags < 16; flags++) {
            if (Integer.bitCount(flags) != 1) {
                Expect.status(Status.INVAL, granter.call(call.and(flags)));
            }
        }
        V3Call pause = call.and(V3TreeUpdate.PAUSE);
        V3Call limits = call.and(V3TreeUpdate.LIMITS).with(V3TreeUpdate.INDEX_LIMIT, 8);
        V3Call grow = call.and(V3TreeUpdate.GROW).with(V3TreeUpdate.INDEX_LIMIT, 8);
        for (V3Call wrong : new V3Call[] {
            pause.with(V3TreeUpdate.EPOCH, 1),
            pause.with(V3TreeUpdate.ROOT, 1),
            pause.with(V3TreeUpdate.INDEX_LIMIT, 1),
            pause.with(V3TreeUpdate.MAX_MAPPINGS, 1),
            pause.with(V3TreeUpdate.MAX_ACTIVE, 1),
            call.and(V3TreeUpdate.RESUME).with(V3TreeUpdate.INDEX_LIMIT, 1),
            limits.with(V3TreeUpdate.EPOCH, 1),
            limits.with(V3TreeUpdate.ROOT, 1),
            grow.with(V3TreeUpdate.EPOCH, 1),
            grow.with(V3TreeUpdate.MAX_MAPPINGS, 1),
            grow.with(V3TreeUpdate.MAX_ACTIVE, 1),
        }) {
            Expect.status(Status.INVAL, granter.call(wrong));
        }
        Expect.okay(granter.call(pause));
        Expect.okay(granter.call(limits));
    }

    @Clause(
            id = "TREE-21",
            promise = "Only the granter's own trees are updated or destroyed, by slot and generation; slot 0 is none of"
                    + " them.",
            source = "grant-v3.md, TREE-21, TREE-22, TREE-41")
    void naming(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        for (V3Call call :
                new V3Call[] {tree.naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.PAUSE), tree.naming(V3Form.TREE_DESTROY)
                }) {
            for (int slot : new int[] {0, tree.slot() + 1, HIGHEST_SLOT, HIGHEST_SLOT + 1, 0xffff}) {
                Expect.status(Status.BAD_TREE, granter.call(call.with(V3TreeUpdate.SLOT, slot)));
            }
            Expect.status(Status.BAD_TREE, world.grantee().call(call));
            Expect.status(Status.STALE, granter.call(call.with(V3TreeUpdate.GEN, tree.generation() + 1)));
            Expect.status(Status.STALE, granter.call(call.with(V3TreeUpdate.GEN, tree.generation() - 1)));
            Expect.okay(granter.call(call));
        }
    }

    @Clause(
            id = "TREE-22",
            promise = "A paused tree admits no new use and keeps those that are there; resumed, it admits them again.",
            source = "grant-v3.md, TREE-24, TREE-25, MAP-11")
    void pause(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        granter.store(granter.page(0), 42);
        V3Call pause = tree.naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.PAUSE);
        V3Call resume = tree.naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.RESUME);
        V3Answer mapped = driver.hold(ref, 5, V3Map.WRITE);
        Expect.okay(granter.call(resume));
        for (int n = 0; n < 2; n++) {
            V3Answer paused = granter.call(pause);
            Expect.okay(paused);
            Expect.equal("levels", tree.levels(), paused.get(V3TreeUpdate.LEVELS));
            driver.expectRefused(Status.PAUSED, ref);
            Sight.value(world.grantee(), world.grantee().slot(5), 42);
        }
        driver.letGo(mapped);
        driver.expectRefused(Status.PAUSED, ref);
        Expect.status(Status.STALE, granter.call(resume.with(V3TreeUpdate.EPOCH, 1)));
        driver.expectRefused(Status.PAUSED, ref);
        Expect.okay(granter.call(resume));
        driver.expectMaps(ref);
    }

    @Clause(id = "TREE-23", promise = "A tree may begin paused.", source = "grant-v3.md, 5.2")
    void beginsPaused(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(granter, RawTree.creation(world).and(V3TreeCreate.PAUSED));
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        driver.expectRefused(Status.PAUSED, ref);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.RESUME)));
        driver.expectMaps(ref);
    }

    @Clause(
            id = "TREE-24",
            promise = "New limits are judged as those of a new tree; lower ones take nothing away that is there.",
            source = "grant-v3.md, TREE-27")
    void limits(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Call limits = tree.naming(V3Form.TREE_UPDATE)
                .and(V3TreeUpdate.LIMITS)
                .with(V3TreeUpdate.INDEX_LIMIT, RawTree.span(tree.levels()));
        Expect.status(Status.BAD_SIZE, granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, 0)));
        Expect.status(
                Status.BAD_SIZE, granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, RawTree.span(tree.levels()) + 1)));
        Expect.status(Status.BAD_SIZE, granter.call(limits.with(V3TreeUpdate.MAX_ACTIVE, TOO_MUCH)));
        Expect.status(Status.BAD_SIZE, granter.call(limits.with(V3TreeUpdate.MAX_MAPPINGS, TOO_MUCH)));
        Expect.okay(granter.call(limits.with(V3TreeUpdate.MAX_MAPPINGS, TOO_MUCH - 1)));

        world.step("three leaves in use; then one may be, with one mapping, below index 1");
        for (int n = 0; n < 4; n++) {
            tree.grant(n, n, 0);
            granter.store(granter.page(n), 100 + n);
        }
        V3Answer[] mapped = new V3Answer[3];
        for (int n = 0; n < 3; n++) {
            mapped[n] = driver.hold(tree.ref(n), n, 0);
        }
        Expect.okay(granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, 1)
                .with(V3TreeUpdate.MAX_ACTIVE, 1)
                .with(V3TreeUpdate.MAX_MAPPINGS, 1)));
        for (int n = 0; n < 3; n++) {
            Sight.value(world.grantee(), world.grantee().slot(n), 100 + n);
        }
        Expect.status(Status.QUOTA, driver.map(tree.ref(0), 5, 0));
        Expect.status(Status.BAD_GNTREF, driver.map(tree.ref(3), 5, 0));
        for (int n = 0; n < 3; n++) {
            driver.letGo(mapped[n]);
        }
        driver.expectMaps(tree.ref(0));
    }

    @Clause(
            id = "TREE-25",
            promise = "A tree that grows keeps its references, its mappings and its reference on one root.",
            source = "grant-v3.md, TREE-27 to TREE-29, 5.3")
    void grows(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        RawTree low = RawTree.of(granter, RawTree.creation(world, 1));
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = low.grant(INDEX, 0, V3Entry.W);
        granter.store(granter.page(0), 42);
        V3Answer mapped = driver.hold(ref, 5, V3Map.WRITE);
        long root = granter.kernel().frameOf(low.node(1, 0));
        for (int levels = 2; levels <= 4; levels++) {
            long higher = granter.kernel().allocatePages(Page.ORDER_4K);
            granter.store(higher, RawTree.table(root));
            root = granter.kernel().frameOf(higher);
            long before = frames.references(granter.domain().physicalMap().machineFrame(root));
            V3Answer grown = granter.call(growth(low, root, RawTree.span(levels)));
            Expect.okay(grown);
            Expect.equal("levels", levels, grown.get(V3TreeUpdate.LEVELS));
            Expect.equal(
                    "references on the new root",
                    before + 1,
                    frames.references(granter.domain().physicalMap().machineFrame(root)));
            Sight.value(world.grantee(), world.grantee().slot(5), 42);
            driver.expectMaps(ref);
            driver.expectRefused(Status.BAD_GNTREF, low.ref(RawTree.span(levels) - 1));
        }
        Expect.status(Status.BAD_SIZE, granter.call(growth(low, root, RawTree.span(4))));
        driver.letGo(mapped);
        Expect.bits("the leaf", V3Entry.MAPPED_R | V3Entry.MAPPED_W, 0, low.get(INDEX));
    }

    private static V3Call growth(RawTree tree, long root, long limit) {
        return tree.naming(V3Form.TREE_UPDATE)
                .and(V3TreeUpdate.GROW)
                .with(V3TreeUpdate.ROOT, root)
                .with(V3TreeUpdate.INDEX_LIMIT, limit);
    }

    @Clause(
            id = "TREE-26",
            promise =
                    "A tree grows only under a root of the granter's own plain memory whose entry 0 is a table entry to the"
                            + " present one.",
            source = "grant-v3.md, TREE-27, TREE-29")
    void growsOnlySo(World world) {
        Party granter = world.granter();
        RawTree low = RawTree.of(granter, RawTree.creation(world, 1));
        long ref = low.grant(INDEX, 0, 0);
        long old = granter.kernel().frameOf(low.node(1, 0));
        long page = granter.kernel().allocatePages(Page.ORDER_4K);
        long root = granter.kernel().frameOf(page);
        for (long word : new long[] {
            0,
            RawTree.table(granter.pageFrame(1)),
            RawTree.leaf(old, 0),
            RawTree.table(old) | V3Entry.TOMBSTONE,
            RawTree.table(old) | 1L << 63,
            RawTree.table(old) | V3Entry.COPY_ONLY
        }) {
            granter.store(page, word);
            Expect.status(Status.BAD_PAGE, granter.call(growth(low, root, RawTree.span(2))));
        }
        granter.store(page, RawTree.table(old));
        Expect.status(Status.BAD_PAGE, granter.call(growth(low, Page.frame(granter.slot(0)), RawTree.span(2))));
        Expect.status(Status.BAD_SIZE, granter.call(growth(low, root, 0)));
        Expect.status(Status.BAD_SIZE, granter.call(growth(low, root, RawTree.span(2) + 1)));
        new TreeDriver(world.grantee()).expectMaps(ref);
        Expect.okay(granter.call(growth(low, root, RawTree.span(2))));
        new TreeDriver(world.grantee()).expectMaps(ref);
    }

    @Clause(
            id = "TREE-44",
            promise = "An update that is refused changes nothing: the struct is as it came but for the status.",
            source = "grant-v3.md, ABI-10, 5.3")
    void refusedUpdate(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        V3Call noisy = tree.naming(V3Form.TREE_UPDATE)
                .and(V3TreeUpdate.LIMITS)
                .with(V3TreeUpdate.LEVELS, 0x77)
                .with(V3TreeUpdate.INDEX_LIMIT, 8);
        for (V3Call wrong : new V3Call[] {
            noisy.with(V3Head.FLAGS, 0),
            noisy.with(V3TreeUpdate.SLOT, 0),
            noisy.with(V3TreeUpdate.GEN, tree.generation() + 1),
            noisy.with(V3TreeUpdate.INDEX_LIMIT, 0)
        }) {
            V3Answer refused = granter.call(wrong);
            Expect.different("status", Status.OKAY, refused.status());
            Expect.equal("the struct", wrong.with(V3TreeUpdate.STATUS, refused.status()), refused.left());
        }
        V3Answer done = granter.call(noisy);
        Expect.equal(
                "the struct",
                noisy.with(V3TreeUpdate.STATUS, Status.OKAY).with(V3TreeUpdate.LEVELS, tree.levels()),
                done.left());
    }
}
