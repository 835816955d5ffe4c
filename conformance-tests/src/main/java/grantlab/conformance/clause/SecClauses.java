package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Field;
import grantlab.conformance.call.V3Form;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What section 15 promises against granters and grantees that mean harm. */
@Needs(format = "layout-tree")
public final class SecClauses implements ClauseFamily {
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    /** For ServiceLoader. */
    public SecClauses() {}

    @Override
    public String prefix() {
        return "SEC";
    }

    @Override
    public String title() {
        return "Trees and hostile neighbours";
    }

    @Clause(
            id = "SEC-01",
            promise =
                    "Slots are guessed in vain: one without a tree and one with a tree for somebody else answer alike, in"
                            + " every field, whatever generation, epoch or index is guessed.",
            source = "grant-v3.md, SEC-7, MAP-9")
    void guessedSlots(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Party third = world.third();
        RawTree foreign = RawTree.of(granter, RawTree.creation(world).with(V3TreeCreate.PEER, World.THIRD));
        foreign.grant(INDEX, 0, V3Entry.W);
        for (int generation = 0; generation < 256; generation += 5) {
            expectAlike(driver, grantee, foreign.slot(), generation, INDEX, 0);
        }
        for (long index : new long[] {0, INDEX, INDEX + 1, 0xf_ffff_ffffL}) {
            expectAlike(driver, grantee, foreign.slot(), foreign.generation(), index, 0);
            expectAlike(driver, grantee, foreign.slot(), foreign.generation(), index, 1);
        }
        Expect.bits("the leaf", IN_USE, 0, foreign.get(INDEX));
        world.step("every slot");
        for (int slot = foreign.slot(); slot < 4096; slot += 13) {
            expectBadTree(grantee.call(driver.mapping(V3Ref.of(slot, 1, INDEX), 0)));
        }
        Expect.okay(third.call(new TreeDriver(third).mapping(foreign.ref(INDEX), 0)));
    }

    private static void expectBadTree(V3Answer answer) {
        Expect.status(Status.BAD_TREE, answer);
    }

    /** Somebody else's tree and none at all, by the same words but for the slot. */
    private static void expectAlike(TreeDriver driver, Party grantee, int slot, int generation, long index, int epoch) {
        long theirs = V3Ref.of(slot, generation, index);
        long nobodys = V3Ref.of(slot + 100, generation, index);
        V3Answer first = grantee.call(driver.mapping(theirs, 0).with(V3Map.EPOCH, epoch));
        V3Answer second = grantee.call(driver.mapping(nobodys, 0).with(V3Map.EPOCH, epoch));
        expectBadTree(first);
        Expect.equal("the element", second.left().with(V3Map.REF, theirs), first.left());
        V3Answer copied = grantee.call(driver.copying(theirs, 0, 8).with(V3Copy.EPOCH, epoch));
        V3Answer nothing = grantee.call(driver.copying(nobodys, 0, 8).with(V3Copy.EPOCH, epoch));
        expectBadTree(copied);
        Expect.equal("the element", nothing.left().with(V3Copy.REF, theirs), copied.left());
    }

    @Clause(
            id = "SEC-02",
            promise = "A granter's references are of no use to a third party, at any granter.",
            source = "grant-v3.md, SEC-7, MAP-9")
    void thirdParty(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        RawTree tree = RawTree.of(world);
        long ref = tree.grant(INDEX, 0, 0);
        expectBadTree(third.call(new TreeDriver(third).mapping(ref, 0)));
        expectBadTree(world.granter().call(new TreeDriver(world.granter()).mapping(ref, 0)));
        for (int peer : new int[] {World.GRANTEE, World.THIRD}) {
            expectBadTree(grantee.call(new TreeDriver(grantee).mapping(ref, 0).with(V3Map.PEER, peer)));
        }
        new TreeDriver(grantee).expectMaps(ref);
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "SEC-03",
            promise =
                    "A node that the granter granted for writing lets its grantee forge leaves, of the granter's own memory"
                            + " alone.",
            source = "grant-v3.md, SEC-6")
    void pen(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = RawTree.of(world);
        long node = tree.node(1, 0);
        tree.put(INDEX, RawTree.leaf(granter.kernel().frameOf(node), V3Entry.W));
        driver.hold(tree.ref(INDEX), 0, V3Map.WRITE);
        long forged = grantee.slot(0) + 8 * (INDEX + 1);
        world.step("the grantee writes a leaf of another page of the granter's");
        granter.store(granter.page(1), 101);
        grantee.store(forged, RawTree.leaf(granter.pageFrame(1), 0));
        driver.hold(tree.ref(INDEX + 1), 1, 0);
        Sight.value(grantee, grantee.slot(1), 101);
        world.step("and leaves of memory of others");
        for (long frame : new long[] {
            world.third().machineFrame(0),
            world.control().machineFrame(0),
            Page.frame(granter.slot(9)),
            Page.FRAME_LIMIT - 1
        }) {
            grantee.store(forged + 8, RawTree.leaf(frame, V3Entry.W));
            driver.expectRefused(Status.BAD_PAGE, tree.ref(INDEX + 2));
        }
    }

    @Clause(
            id = "SEC-04",
            promise =
                    "Whatever bits stand in a tree, an answer is one of those that the walk gives, and what is mapped is the"
                            + " granter's.",
            source = "grant-v3.md, SEC-1, SEC-15, ABI-11")
    void anyBits(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        RandomGenerator random = world.random();
        Set<Integer> known = Set.of(
                Status.OKAY,
                Status.BAD_GNTREF,
                Status.PERMISSION_DENIED,
                Status.BAD_PAGE,
                Status.REVOKED,
                Status.BAD_SIZE,
                Status.UNSTABLE,
                Status.GENERAL_ERROR);
        long[] frames = {
            granter.pageFrame(0), granter.pageFrame(1), world.third().machineFrame(0), -1
        };
        for (int n = 0; n < 600; n++) {
            long word = random.nextLong();
            if (random.nextBoolean()) {
                long frame = frames[random.nextInt(frames.length)];
                word = (word & ~V3Entry.FRAME_MASK) | (Page.address(frame) & V3Entry.FRAME_MASK);
            }
            if (random.nextBoolean()) {
                word &= ~(1L << 63 | 7L << 6);
            }
            int level = 1 + random.nextInt(tree.levels());
            long sound = tree.get(level, INDEX);
            tree.put(level, INDEX, word);
            V3Answer mapped = driver.map(tree.ref(INDEX), 0, random.nextBoolean() ? V3Map.WRITE : 0);
            Expect.holds("status " + mapped.status() + " is known", known.contains(mapped.status()));
            if (mapped.status() == Status.OKAY) {
                Expect.equal("fault", 0, grantee.tryLoad(grantee.slot(0)));
                driver.letGo(mapped);
            }
            tree.put(level, INDEX, sound);
            if (tree.levels() > 1) {
                Expect.okay(granter.call(tree.naming(V3Form.INVALIDATE).with(V3Invalidate.LEVEL, tree.levels())));
            }
        }
        driver.expectMaps(tree.grant(INDEX, 0, 0));
    }

    @Clause(
            id = "SEC-05",
            promise =
                    "Whatever bits stand in a call, it is answered: no status is positive, nobody crashes, nothing stays"
                            + " mapped that no handle names.",
            source = "grant-v3.md, ABI-11, SEC-1, SEC-4")
    void anyCalls(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        for (int n = 0; n < 8; n++) {
            tree.grant(n, n, V3Entry.W);
        }
        TreeDriver driver = new TreeDriver(grantee);
        RandomGenerator random = world.random();
        for (int n = 0; n < 600; n++) {
            V3Call call = switch (random.nextInt(3)) {
                case 0 -> driver.mapping(tree.ref(random.nextInt(9)), random.nextInt(60));
                case 1 -> driver.copying(tree.ref(random.nextInt(9)), random.nextInt(9), random.nextInt(9000));
                default ->
                    TreeDriver.unmapping(
                            random.nextInt(9) | random.nextLong(4) << 32, random.nextInt(4), random.nextInt(4));
            };
            for (int change = random.nextInt(3); change > 0; change--) {
                List<V3Field> fields = call.form().fields();
                call = call.with(fields.get(random.nextInt(fields.size())), random.nextLong() >>> random.nextInt(64));
            }
            V3Answer answer = grantee.call(call);
            Expect.rc(0, answer.rc());
            Expect.holds("status " + answer.status() + " is not positive", answer.status() <= 0);
        }
        Expect.holds("the grantee runs", grantee.vcpu().running());
    }

    @Clause(
            id = "SEC-06",
            promise =
                    "A grantee that dies lets go of all that it had: references, marks, and the granter's slot can be used"
                            + " again.",
            source = "grant-v3.md, SEC-10, I8")
    void granteeDies(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long[] before = new long[3];
        for (int n = 0; n < 3; n++) {
            before[n] = world.references(n);
            tree.grant(n, n, V3Entry.W);
            driver.hold(tree.ref(n), n, n == 0 ? 0 : V3Map.WRITE);
            driver.hold(tree.ref(n), n + 10, 0);
        }
        Expect.status(Status.BUSY, granter.call(tree.naming(V3Form.TREE_DESTROY)));
        world.destroy(grantee);
        for (int n = 0; n < 3; n++) {
            Expect.equal("references on p" + n, before[n], world.references(n));
            Expect.bits("leaf " + n, IN_USE, 0, tree.get(n));
            Expect.bits("leaf " + n, V3Entry.W_SEEN, n == 0 ? 0 : V3Entry.W_SEEN, tree.get(n));
        }
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
    }

    @Clause(
            id = "SEC-07",
            promise =
                    "A granter that dies leaves its pages to whoever has them mapped, until they are unmapped; there are no"
                            + " new uses.",
            source = "grant-v3.md, SEC-10, 11")
    void granterDies(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        granter.store(granter.page(0), 42);
        V3Answer mapped = driver.hold(ref, 0, V3Map.WRITE);
        V3Answer other = driver.hold(tree.grant(INDEX + 1, 1, 0), 1, 0);
        world.destroy(granter);
        Sight.value(grantee, grantee.slot(0), 42);
        grantee.store(grantee.slot(0), 43);
        V3Answer late = driver.map(ref, 2, 0);
        Expect.holds(
                "a map after the death is of no tree or of no domain",
                late.status() == Status.BAD_TREE || late.status() == Status.BAD_DOMAIN);
        Sight.value(grantee, grantee.slot(0), 43);
        driver.letGo(mapped);
        Sight.nothing(grantee, grantee.slot(0));
        driver.letGo(other);
    }
}
