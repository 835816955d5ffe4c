package grantlab.conformance.clause;

import static grantlab.api.abi.VdomidBind.FORCE;
import static grantlab.conformance.clause.VirtualTrees.sees;
import static grantlab.conformance.clause.VirtualTrees.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeRecord;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.abi.VdomidBind;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.call.V3Gate;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.invariant.Charges;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Deaths on either side of a virtual domid, and a backend that comes back. */
@Needs(format = "layout-tree")
final class VirtualRestarts {
    private static final int OWNER = World.GRANTER;
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL + 7;
    private static final int RUN = 36;
    private static final int SUCCESSES = 40;
    private static final int MOST_ROUNDS = 10_000_000;
    private static final int TURNS = 3;
    private static final int SPINS = 1000;
    private static final Set<Integer> MAP_ANSWERS = Set.of(Status.OKAY, Status.BAD_TREE, Status.STALE, Status.PAUSED);
    private static final Set<Integer> UNMAP_ANSWERS = Set.of(Status.OKAY, Status.STALE, Status.BAD_HANDLE);
    private static final int ROOT = 40;
    private static final int OTHER_ROOT = 41;
    private static final int PAGE = 3;
    private static final int INDEX = 5;
    private static final int SLOT = 9;
    private static final long GREETING = 0x6261_636b_656e_6421L;

    @Clause(
            id = "VDOM-12",
            promise = "When the domain behind a virtual domid dies its mappings are dropped and the trees are unbound;"
                    + " one that gets its number is another.",
            source = "grant-v3.md, section 11, VDOM-7, SEC-10")
    void backendDies(World world) {
        Party granter = world.granter();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        Ledger ledger = Ledger.of(world, granter);
        Expect.okay(tree.map(world.grantee(), INDEX, SLOT, epoch));
        world.destroy(world.grantee());
        tree.expectMapped(INDEX, 0);
        ledger.check();
        Expect.status(Status.PAUSED, tree.resume(epoch));

        world.step("a domain with its number comes");
        Party heir = reborn(world);
        Expect.status(Status.BAD_TREE, tree.map(heir, INDEX, SLOT, epoch));
        Expect.equal("trees that it finds", 0, probe(heir).get(V3Probe.DONE));
        OwnTree later = tree(world, VIRTUAL, OTHER_ROOT, 0);
        Expect.status(Status.BAD_TREE, later.map(heir, INDEX, SLOT, epoch));
        Expect.equal("trees that it finds", 0, probe(heir).get(V3Probe.DONE));
        Expect.okay(later.destroy());
        int next = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        Expect.equal("epoch", epoch + 1, next);
        Expect.status(Status.PAUSED, tree.map(heir, INDEX, SLOT, next));
        Expect.okay(tree.resume(next));
        sees(world, heir, tree, next);
    }

    @Clause(
            id = "VDOM-13",
            promise = "A tree to a real domid is unbound for ever when that domain dies; it can only be destroyed.",
            source = "grant-v3.md, VDOM-8")
    void realPeerDies(World world) {
        OwnTree tree = tree(world, World.GRANTEE, ROOT, 0);
        Expect.okay(tree.map(world.grantee(), INDEX, SLOT, 0));
        world.destroy(world.grantee());
        tree.expectMapped(INDEX, 0);
        Party heir = reborn(world);
        Expect.status(Status.BAD_TREE, tree.map(heir, INDEX, SLOT, 0));
        Expect.equal("trees that it finds", 0, probe(heir).get(V3Probe.DONE));
        Expect.status(Status.PAUSED, tree.resume(0));
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.okay(tree.destroy());
        sees(world, heir, tree(world, World.GRANTEE, ROOT, 0), 0);
    }

    @Clause(
            id = "VDOM-15",
            promise = "A backend that starts again finds its trees by v3_probe and maps with the epoch that it reads"
                    + " there, through the references of old.",
            source = "grant-v3.md, section 11, VIRTIO-4")
    void restart(World world) {
        Party granter = world.granter();
        Toolstack toolstack = Toolstack.of(world);
        toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        V3Call request = OwnTree.request(granter, VIRTUAL, ROOT).and(V3TreeCreate.DEVICE);
        OwnTree tree = OwnTree.create(granter, ROOT, request.with(V3TreeCreate.DEV_ID, 51712));
        tree.grant(INDEX, PAGE, OwnTree.WRITABLE);
        granter.store(granter.page(PAGE), GREETING);
        Expect.okay(tree.map(world.grantee(), INDEX, SLOT, 1));
        world.destroy(world.grantee());

        world.step("the toolstack starts another backend; the granter resumes");
        Party backend = world.third();
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.THIRD, 0);
        Expect.equal("trees that it finds", 1, probe(backend).get(V3Probe.DONE));
        Expect.equal("epoch of the record", epoch, word(backend, V3TreeRecord.EPOCH) & 0xffff_ffffL);
        Expect.equal("device of the record", 51712, word(backend, V3TreeRecord.EPOCH) >>> Integer.SIZE);
        Expect.equal("base_ref of the record", tree.reference(0), word(backend, V3TreeRecord.BASE_REF));
        long flags = word(backend, V3TreeRecord.SLOT) >>> Integer.SIZE;
        Expect.equal("flags of the record", V3TreeCreate.DEVICE | V3TreeCreate.PAUSED, flags);
        Expect.status(Status.PAUSED, tree.map(backend, INDEX, SLOT, epoch));
        Expect.okay(tree.resume(epoch));
        probe(backend);
        flags = word(backend, V3TreeRecord.SLOT) >>> Integer.SIZE;
        Expect.equal("flags of the record", V3TreeCreate.DEVICE, flags);
        sees(world, backend, tree, epoch);
    }

    @Clause(
            id = "VDOM-17",
            promise = "When the granter dies mappings keep its memory until they are unmapped, and its trees answer"
                    + " bad_tree.",
            source = "grant-v3.md, section 11")
    void granterDies(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        long reference = tree.reference(INDEX);
        V3Answer mapped = tree.map(grantee, INDEX, SLOT, epoch);
        Expect.okay(mapped);
        world.destroy(world.granter());
        Sight.value(grantee, grantee.slot(SLOT), GREETING);
        V3Call again = OwnTree.mapping(grantee, OWNER, reference, SLOT + 1).with(V3Map.EPOCH, epoch);
        Expect.status(Status.BAD_TREE, grantee.call(again));
        Expect.equal("trees that are found", 0, probe(grantee).get(V3Probe.DONE));
        Expect.rc(-Errno.ESRCH, toolstack.tryBind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE));
        Expect.okay(OwnTree.unmap(grantee, mapped));
        Expect.holds("the granter is gone", world.machine().domain(OWNER) == null);
    }

    @Clause(
            id = "VDOM-18",
            promise =
                    "While a backend maps, unmaps and copies, the toolstack unbinds with FORCE and binds again: what is"
                            + " dropped is dropped once, and in the end nobody holds or is charged for anything.",
            source = "grant-v3.md, VDOM-4, I1, I8")
    void whileItMaps(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        OwnTree tree = OwnTree.create(world.granter(), VIRTUAL, ROOT, V3TreeCreate.AUTO_RESUME);
        for (int n = 0; n < RUN; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
        Ledger ledger = Ledger.of(world, world.granter());
        V3Call run = OwnTree.mapping(grantee, OWNER, tree.reference(0), 0).with(V3Map.COUNT, RUN);
        world.step("both at once");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger turns = new AtomicInteger();
        Race.run(
                () -> untilOver(over, () -> mapAndUnmap(grantee, run, turns, over)),
                () -> untilOver(over, () -> unbindAndBind(world, toolstack, turns, over)));

        world.step("both are done; the toolstack takes what is left");
        toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE);
        for (int n = 0; n < RUN; n++) {
            tree.expectMapped(n, 0);
        }
        ledger.check();
        Expect.equal("records", 0, world.machine().charges(World.GRANTEE).records());
    }

    @Interruptible
    @Clause(
            id = "VDOM-19",
            promise =
                    "Unbinding with FORCE waits for a map that is under way, wherever that is: when it has returned nothing of the tree is"
                            + " in use.",
            source = "grant-v3.md, VDOM-4, I1")
    void waitsForCalls(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        OwnTree tree = OwnTree.create(world.granter(), VIRTUAL, ROOT, V3TreeCreate.AUTO_RESUME);
        tree.grant(INDEX, PAGE, OwnTree.WRITABLE);
        Ledger ledger = Ledger.of(world, world.granter());
        boolean came = true;
        int moment = 0;
        while (came) {
            int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
            Meeting meeting = new Meeting();
            Runnable unbinding = () -> meeting.begins(() -> toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE));
            came = world.interruption()
                    .before(
                            moment,
                            unbinding,
                            () -> Expect.holds(
                                    "map answers",
                                    MAP_ANSWERS.contains(tree.map(grantee, INDEX, SLOT, epoch)
                                            .status())));
            if (!came) {
                unbinding.run();
            }
            meeting.join();
            tree.expectMapped(INDEX, 0);
            ledger.check();
            moment++;
        }
        Expect.holds("a map looks at the granter's memory", moment > 1);
    }

    /** Whoever ends, or fails, ends the race. */
    private static void untilOver(AtomicBoolean over, Race.Runner runner) {
        try {
            runner.run();
        } finally {
            over.set(true);
        }
    }

    /** Until enough of it succeeded. Each answer is one that the state of the tree at some moment allows. */
    private static void mapAndUnmap(Party grantee, V3Call run, AtomicInteger turns, AtomicBoolean over) {
        V3Gate gate = grantee.gate();
        int mapped = 0;
        while (mapped < SUCCESSES && !over.get()) {
            Expect.holds("a map succeeds now and then", turns.incrementAndGet() < MOST_ROUNDS);
            gate.call(everyTree(grantee));
            V3Answer answer = gate.call(run.with(V3Map.EPOCH, word(grantee, V3TreeRecord.EPOCH)));
            Expect.rc(0, answer.rc());
            Expect.holds("map answers " + answer.status(), MAP_ANSWERS.contains(answer.status()));
            Thread.onSpinWait();
            if (answer.get(V3Map.HANDLE) != 0) {
                mapped++;
                V3Answer unmapped = gate.call(V3Call.of(V3Form.UNMAP)
                        .with(V3Unmap.HANDLE, answer.get(V3Map.HANDLE))
                        .with(V3Unmap.COUNT, answer.get(V3Map.DONE)));
                Expect.holds("unmap answers " + unmapped.status(), UNMAP_ANSWERS.contains(unmapped.status()));
            }
        }
    }

    /** When unbinding with FORCE has returned nothing of the tree is in use. It comes at any moment of one of the other's next turns. */
    private static void unbindAndBind(World world, Toolstack toolstack, AtomicInteger turns, AtomicBoolean over) {
        RandomGenerator random = world.random();
        while (!over.get()) {
            toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
            int until = turns.get() + random.nextInt(TURNS);
            while (turns.get() < until && !over.get()) {
                Race.giveWay();
            }
            Traffic.pause(random.nextInt(SPINS));
            toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE);
            Charges.TreeUse use = world.machine().charges(OWNER).uses().getFirst();
            Expect.equal("leaves in use", 0, use.leaves());
            Expect.equal("mappings", 0, use.mappings());
        }
    }

    private static Party reborn(World world) {
        return world.boot(DomainConfig.usual(
                World.GRANTEE, world.combination().granteePaging().name()));
    }

    /** All trees of d1 for a domain, into its p0. */
    private static V3Answer probe(Party grantee) {
        V3Answer found = grantee.call(everyTree(grantee));
        Expect.okay(found);
        return found;
    }

    private static V3Call everyTree(Party grantee) {
        return V3Call.of(V3Form.PROBE)
                .with(V3Probe.PEER, OWNER)
                .with(V3Probe.DEV_ID, V3Probe.ANY_DEVICE)
                .with(V3Probe.COUNT, 4)
                .with(V3Probe.RESULT_GFN, grantee.pageFrame(0));
    }

    private static long word(Party grantee, int offset) {
        return grantee.load(grantee.page(0) + offset);
    }
}
