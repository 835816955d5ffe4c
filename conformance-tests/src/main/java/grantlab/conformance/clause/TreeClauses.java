package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** Trees as a whole: how they come, change and go. */
@Needs(format = "layout-tree")
public final class TreeClauses implements ClauseFamily {
    private static final long INDEX = 5;
    private static final int NOBODY = 77;
    private static final long TOO_MUCH = 1L << 32;
    private static final int USUAL_TREES = 64;
    private static final int HIGHEST_SLOT = 4095;
    private static final int GENERATIONS = 256;

    /** For ServiceLoader. */
    public TreeClauses() {}

    @Override
    public String prefix() {
        return "TREE";
    }

    @Override
    public String title() {
        return "Trees come, change and go";
    }

    // ---- create

    private static V3Call creation(World world) {
        Party granter = world.granter();
        return RawTree.creation(world).with(V3TreeCreate.ROOT_GFN, root(granter));
    }

    private static long root(Party granter) {
        return granter.kernel().frameOf(granter.kernel().allocatePages(Page.ORDER_4K));
    }

    @Clause(
            id = "TREE-01",
            promise =
                    "What is wrong with a tree that is asked for is found in the order of the rules; without fault it is"
                            + " created.",
            source = "grant-v3.md, TREE-1 to TREE-9")
    void order(World world) {
        V3Call sound = creation(world);
        int taken = RawTree.of(world).slot();
        new Faults()
                .then(Status.UNSUPPORTED, call -> call.and(V3TreeCreate.LEND))
                .then(Status.INVAL, V3TreeCreate.ZERO_80, 1)
                .then(Status.UNSUPPORTED, V3TreeCreate.PAGE_SHIFT, 16)
                .then(Status.INVAL, V3TreeCreate.DEV_ID, 3)
                .then(Status.BAD_SIZE, V3TreeCreate.LEVELS, 5)
                .then(Status.BAD_DOMAIN, V3TreeCreate.PEER, NOBODY)
                .then(Status.BAD_HANDLE, V3TreeCreate.RING_ID, 9)
                .then(Status.BUSY, call -> call.and(V3TreeCreate.FIXED_ID).with(V3TreeCreate.SLOT, taken))
                .then(
                        Status.BAD_PAGE,
                        V3TreeCreate.ROOT_GFN,
                        Page.frame(world.granter().slot(0)))
                .tryEach(world.granter(), sound);
    }

    @Clause(
            id = "TREE-02",
            promise =
                    "Lending is not in 3.0; consent to revocation is refused where revocation is not announced, and taking"
                            + " back at the granter's death, which is not built, everywhere.",
            source = "grant-v3.md, TREE-1")
    void notAnnounced(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        Expect.status(Status.UNSUPPORTED, granter.call(sound.and(V3TreeCreate.LEND)));
        Expect.status(Status.UNSUPPORTED, granter.call(sound.and(1 << 8)));
        Expect.status(Status.UNSUPPORTED, granter.call(sound.and(1L << 31)));
        V3Answer query = granter.call(V3Call.of(V3Form.QUERY));
        boolean announced = (query.get(V3Query.FEATURES) & V3Query.REVOKE) != 0;
        V3Call revocable = sound.and(V3TreeCreate.REVOCABLE_ONLY);
        Expect.status(announced ? Status.OKAY : Status.UNSUPPORTED, granter.call(revocable));
        Expect.status(Status.UNSUPPORTED, granter.call(revocable.and(V3TreeCreate.REVOKE_ON_DEATH)));
    }

    @Clause(id = "TREE-03", promise = "Pages have 4 KiB, and no other size.", source = "grant-v3.md, TREE-2")
    void pageShift(World world) {
        V3Call sound = creation(world);
        for (int shift : new int[] {0, 11, 13, 14, 16, 255}) {
            Expect.status(Status.UNSUPPORTED, world.granter().call(sound.with(V3TreeCreate.PAGE_SHIFT, shift)));
        }
        Expect.okay(world.granter().call(sound));
    }

    @Clause(id = "TREE-04", promise = "Fields that contradict the flags are refused.", source = "grant-v3.md, TREE-3")
    void contradictions(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        V3Call fixed = sound.and(V3TreeCreate.FIXED_ID);
        for (V3Call wrong : new V3Call[] {
            fixed,
            fixed.with(V3TreeCreate.SLOT, HIGHEST_SLOT + 1),
            fixed.with(V3TreeCreate.SLOT, 0xffff),
            sound.with(V3TreeCreate.SLOT, 9),
            sound.with(V3TreeCreate.GEN, 9),
            sound.with(V3TreeCreate.DEV_ID, 0),
            sound.and(V3TreeCreate.DEVICE),
            sound.and(V3TreeCreate.AUTO_RESUME),
        }) {
            Expect.status(Status.INVAL, granter.call(wrong));
        }
        Expect.okay(granter.call(fixed.with(V3TreeCreate.SLOT, HIGHEST_SLOT)));
        Expect.okay(granter.call(sound.and(V3TreeCreate.DEVICE).with(V3TreeCreate.DEV_ID, 0)));
    }

    @Clause(
            id = "TREE-05",
            promise =
                    "Levels are 1 to 4, the limit is 1 to all that they span, bounds are below 2^32; each border is met.",
            source = "grant-v3.md, TREE-4")
    void sizes(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        for (int levels = 1; levels <= 4; levels++) {
            V3Call call = sound.with(V3TreeCreate.LEVELS, levels);
            Expect.status(Status.BAD_SIZE, granter.call(call.with(V3TreeCreate.INDEX_LIMIT, 0)));
            Expect.status(Status.BAD_SIZE, granter.call(call.with(V3TreeCreate.INDEX_LIMIT, RawTree.span(levels) + 1)));
            Expect.status(Status.BAD_SIZE, granter.call(call.with(V3TreeCreate.INDEX_LIMIT, -1)));
            Expect.okay(granter.call(call.with(V3TreeCreate.INDEX_LIMIT, RawTree.span(levels))));
            Expect.okay(granter.call(call.with(V3TreeCreate.INDEX_LIMIT, 1)));
        }
        for (int levels : new int[] {0, 5, 255}) {
            Expect.status(
                    Status.BAD_SIZE,
                    granter.call(sound.with(V3TreeCreate.LEVELS, levels).with(V3TreeCreate.INDEX_LIMIT, 1)));
        }
        for (int bound : new int[] {V3TreeCreate.MAX_MAPPINGS, V3TreeCreate.MAX_ACTIVE}) {
            Expect.status(Status.BAD_SIZE, granter.call(sound.with(bound, TOO_MUCH)));
            Expect.status(Status.BAD_SIZE, granter.call(sound.with(bound, -1)));
            Expect.okay(granter.call(sound.with(bound, TOO_MUCH - 1)));
        }
    }

    @Clause(
            id = "TREE-06",
            promise = "A tree is for a domain that exists, the granter itself too.",
            source = "grant-v3.md, TREE-5, SELF-1")
    void peer(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        for (int peer : new int[] {NOBODY, Domid.SELF, Domid.FIRST_RESERVED, 0x7fff, 0xffff, 0x9000}) {
            Expect.status(Status.BAD_DOMAIN, granter.call(sound.with(V3TreeCreate.PEER, peer)));
        }
        Expect.okay(granter.call(sound.with(V3TreeCreate.PEER, World.GRANTER)));
        Expect.okay(granter.call(sound));
        Party third = world.third();
        Expect.okay(granter.call(sound.with(V3TreeCreate.PEER, World.THIRD)));
        world.destroy(third);
        Expect.status(Status.BAD_DOMAIN, granter.call(sound.with(V3TreeCreate.PEER, World.THIRD)));
    }

    @Clause(
            id = "TREE-07",
            promise = "Whoever names slot and generation gets them, once: while the tree is there the slot is busy.",
            source = "grant-v3.md, TREE-7, MIG-3, 4")
    void fixed(World world) {
        Party granter = world.granter();
        V3Call fixed = creation(world)
                .and(V3TreeCreate.FIXED_ID)
                .with(V3TreeCreate.SLOT, 300)
                .with(V3TreeCreate.GEN, 201);
        V3Answer created = granter.call(fixed);
        Expect.okay(created);
        Expect.equal("slot", 300, created.get(V3TreeCreate.SLOT));
        Expect.equal("generation", 201, created.get(V3TreeCreate.GEN));
        Expect.equal("reference of index 0", V3Ref.of(300, 201, 0), created.get(V3TreeCreate.BASE_REF));
        Expect.status(Status.BUSY, granter.call(fixed));
        Expect.status(Status.BUSY, granter.call(fixed.with(V3TreeCreate.GEN, 202)));
        Expect.okay(granter.call(destruction(300, 201)));
        Expect.okay(granter.call(fixed));
    }

    @Clause(
            id = "TREE-08",
            promise =
                    "A domain has as many trees as it may; with one less there is room for one more, and others are not"
                            + " kept from theirs.",
            source = "grant-v3.md, TREE-8, QUOTA-5, QUOTA-6")
    void quota(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        V3Answer last = granter.call(sound);
        // That, and the tree of the format's own.
        for (int trees = 2; trees < USUAL_TREES; trees++) {
            last = granter.call(sound);
            Expect.okay(last);
        }
        Expect.status(Status.QUOTA, granter.call(sound));
        Expect.status(
                Status.QUOTA, granter.call(sound.and(V3TreeCreate.FIXED_ID).with(V3TreeCreate.SLOT, 999)));
        Party other = world.grantee();
        Expect.okay(other.call(sound.with(V3TreeCreate.PEER, World.GRANTER).with(V3TreeCreate.ROOT_GFN, root(other))));
        Expect.okay(granter.call(destruction((int) last.get(V3TreeCreate.SLOT), (int) last.get(V3TreeCreate.GEN))));
        Expect.okay(granter.call(sound));
        Expect.status(Status.QUOTA, granter.call(sound));
    }

    @Clause(
            id = "TREE-09",
            promise = "The root is plain memory of the granter; one reference of each kind is held on it until the tree"
                    + " goes.",
            source = "grant-v3.md, TREE-9")
    void root(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world).with(V3TreeCreate.ROOT_GFN, granter.pageFrame(9));
        FrameTable frames = world.machine().frames();
        long foreign = world.grantee().machineFrame(9);
        long foreignBefore = frames.references(foreign);
        for (long frame : new long[] {Page.frame(granter.slot(0)), foreign, Page.FRAME_LIMIT, -1}) {
            Expect.status(Status.BAD_PAGE, granter.call(sound.with(V3TreeCreate.ROOT_GFN, frame)));
        }
        Expect.equal("references on somebody else's page", foreignBefore, frames.references(foreign));
        long mfn = granter.machineFrame(9);
        long before = frames.references(mfn);
        V3Answer created = granter.call(sound);
        Expect.okay(created);
        Expect.equal("references on the root", before + 1, frames.references(mfn));
        Expect.equal("type of the root", FrameTable.TYPE_WRITABLE, frames.type(mfn));
        Expect.okay(
                granter.call(destruction((int) created.get(V3TreeCreate.SLOT), (int) created.get(V3TreeCreate.GEN))));
        Expect.equal("references on what was the root", before, frames.references(mfn));
    }

    @Needs(granter = "typed-frames")
    @Clause(id = "TREE-10", promise = "A PV granter's page table is no root.", source = "grant-v3.md, TREE-9, SEC-15")
    void pageTableAsRoot(World world) {
        Party granter = world.granter();
        long table = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        V3Call creation = creation(world);
        Expect.status(Status.BAD_PAGE, granter.call(creation.with(V3TreeCreate.ROOT_GFN, table)));
        Expect.equal(
                "type of the page table",
                FrameTable.TYPE_L1,
                world.machine().frames().type(table));
        Expect.okay(granter.call(creation));
    }

    @Clause(
            id = "TREE-11",
            promise =
                    "A slot that is used again has another generation, modulo 256; references of the old one are stale.",
            source = "grant-v3.md, TREE-10, TREE-11, SEC-2")
    void generations(World world) {
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Call sound = creation(world);
        V3Answer created = granter.call(sound);
        int slot = (int) created.get(V3TreeCreate.SLOT);
        for (int n = 0; n <= GENERATIONS; n++) {
            int generation = (int) created.get(V3TreeCreate.GEN);
            Expect.okay(granter.call(destruction(slot, generation)));
            driver.expectRefused(Status.BAD_TREE, V3Ref.of(slot, generation, INDEX));
            created = granter.call(sound);
            Expect.equal("slot", slot, created.get(V3TreeCreate.SLOT));
            Expect.equal("generation", (generation + 1) % GENERATIONS, created.get(V3TreeCreate.GEN));
            driver.expectRefused(Status.STALE, V3Ref.of(slot, generation, INDEX));
        }
    }

    @Clause(
            id = "TREE-12",
            promise =
                    "A refused tree is none: nobody finds it, no slot is taken, and the struct is as it came but for the"
                            + " status.",
            source = "grant-v3.md, ABI-10, 5.2")
    void refusedLeavesNothing(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        V3Call noisy = sound.with(V3TreeCreate.BASE_REF, 0x1122_3344_5566_7788L)
                .with(V3TreeCreate.PEER_EPOCH, 0x99aa_bbccL)
                .with(V3TreeCreate.COOKIE, -1);
        for (V3Call wrong : new V3Call[] {
            noisy.and(V3TreeCreate.LEND),
            noisy.with(V3TreeCreate.LEVELS, 0),
            noisy.with(V3TreeCreate.PEER, NOBODY),
            noisy.with(V3TreeCreate.ROOT_GFN, -1)
        }) {
            V3Answer refused = granter.call(wrong);
            Expect.different("status", Status.OKAY, refused.status());
            Expect.equal("the struct", wrong.with(V3TreeCreate.STATUS, refused.status()), refused.left());
        }
        V3Answer first = granter.call(noisy);
        Expect.okay(first);
        Expect.equal("epoch of a real domid", 0, first.get(V3TreeCreate.PEER_EPOCH));
        V3Answer second = granter.call(noisy);
        Expect.equal("slot of the next", first.get(V3TreeCreate.SLOT) + 1, second.get(V3TreeCreate.SLOT));
    }

    // ---- update

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

    // ---- destroy

    private static V3Call destruction(int slot, int generation) {
        return V3Call.of(V3Form.TREE_DESTROY).with(V3TreeDestroy.SLOT, slot).with(V3TreeDestroy.GEN, generation);
    }

    @Clause(
            id = "TREE-40",
            promise = "What is wrong with a destruction is found in the order of the rules; then the tree goes.",
            source = "grant-v3.md, TREE-40, TREE-41")
    void destroyOrder(World world) {
        RawTree tree = RawTree.of(world);
        new Faults()
                .then(Status.UNSUPPORTED, call -> call.and(1L << 31))
                .then(Status.INVAL, V3TreeDestroy.ZERO_12, 1)
                .then(Status.INVAL, V3TreeDestroy.DONE, 1)
                .then(Status.BAD_TREE, V3TreeDestroy.SLOT, 0)
                .then(Status.STALE, V3TreeDestroy.GEN, tree.generation() + 1)
                .tryEach(world.granter(), tree.naming(V3Form.TREE_DESTROY));
        Expect.status(Status.BAD_TREE, world.granter().call(tree.naming(V3Form.TREE_DESTROY)));
    }

    @Clause(
            id = "TREE-41",
            promise = "A tree with a leaf in use is busy and as good as before; with the last unmap it can go, and its"
                    + " references are those of no tree.",
            source = "grant-v3.md, TREE-42")
    void destroyInUse(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, 0);
        V3Call destroy = tree.naming(V3Form.TREE_DESTROY);
        V3Answer first = driver.hold(ref, 1, 0);
        V3Answer second = driver.hold(ref, 2, 0);
        Expect.status(Status.BUSY, granter.call(destroy));
        driver.letGo(first);
        Expect.status(Status.BUSY, granter.call(destroy));
        driver.expectMaps(ref);
        driver.letGo(second);
        Expect.okay(granter.call(destroy));
        driver.expectRefused(Status.BAD_TREE, ref);
        Expect.bits("type of the leaf", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(INDEX));
    }

    @Clause(
            id = "TREE-42",
            promise = "Destroying by force is not built: the flag is refused, and the tree stays.",
            source = "grant-v3.md, 8.5, ABI-7")
    void destroyByForce(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, 0), 0, 0);
        Expect.status(
                Status.UNSUPPORTED,
                granter.call(tree.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE)));
        Sight.value(world.grantee(), world.grantee().slot(0), 0);
        driver.letGo(mapped);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
    }

    @Clause(
            id = "TREE-43",
            promise = "A destroyed tree holds none of the granter's memory, nodes in the cache included.",
            source = "grant-v3.md, TREE-42, 7.5")
    void destroyReleases(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        RawTree tree = RawTree.of(world);
        long ref = tree.grant(INDEX, 0, 0);
        new TreeDriver(world.grantee()).expectMaps(ref);
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
        for (int level = 1; level <= tree.levels(); level++) {
            long frame = granter.kernel().frameOf(tree.node(level, INDEX));
            long mfn = granter.domain().physicalMap().machineFrame(frame);
            Expect.equal("references on the node of level " + level, world.references(0), frames.references(mfn));
        }
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
