package grantlab.conformance.clause;

import static grantlab.conformance.clause.TreeForms.creation;
import static grantlab.conformance.clause.TreeForms.destruction;
import static grantlab.conformance.clause.TreeForms.freshRoot;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.concurrent.atomic.AtomicReference;

/** v3_tree_create: the order of its checks, what a tree is made of, and that a refused one leaves nothing. */
@Needs(format = "layout-tree")
final class TreeCreations {
    private static final long INDEX = 5;
    private static final int NOBODY = 77;
    private static final long TOO_MUCH = 1L << 32;
    private static final int USUAL_TREES = 64;
    private static final long PLENTY = 1000;
    private static final int HIGHEST_SLOT = 4095;
    private static final int GENERATIONS = 256;

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
        Expect.status(
                announced ? Status.OKAY : Status.UNSUPPORTED,
                granter.call(revocable.and(V3TreeCreate.REVOKE_ON_DEATH)));
        Expect.status(
                announced ? Status.INVAL : Status.UNSUPPORTED, granter.call(sound.and(V3TreeCreate.REVOKE_ON_DEATH)));
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
        Expect.okay(
                other.call(sound.with(V3TreeCreate.PEER, World.GRANTER).with(V3TreeCreate.ROOT_GFN, freshRoot(other))));
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

    @Interruptible
    @Clause(
            id = "TREE-56",
            promise =
                    "A tree whose granter may have no more by the time that its root is held is none: it holds nothing, and there is room for it"
                            + " when there may be more.",
            source = "grant-v3.md, TREE-9; I8")
    void quotaGoesMeanwhile(World world) {
        Party granter = world.granter();
        V3Call sound = creation(world);
        Toolstack toolstack = Toolstack.of(world);
        Ledger ledger = Ledger.of(world, granter);
        AtomicReference<V3Answer> created = new AtomicReference<>();
        boolean came = true;
        for (int request = 0; came; request++) {
            came = world.interruption()
                    .beforeRequest(
                            request,
                            () -> toolstack.quota(World.GRANTER, 1, PLENTY, PLENTY),
                            () -> created.set(granter.call(sound)));
            if (came) {
                Expect.status(Status.QUOTA, created.get());
                ledger.check();
            }
            toolstack.quota(World.GRANTER, USUAL_TREES, PLENTY, PLENTY);
            world.machine().checkInvariants();
        }
        Expect.okay(created.get());
    }
}
