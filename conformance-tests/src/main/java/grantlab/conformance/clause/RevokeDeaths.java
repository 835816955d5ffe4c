package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.List;

/** A tree goes as a whole, with all that is mapped through it: because its granter destroys it, or because it dies. */
@Needs(format = "layout-tree")
@Concerns(Member.IOMMU)
final class RevokeDeaths {
    private static final String DESTROYED = "grant-v3.md, 5.4, TREE-43, TREE-44";
    private static final String DEAD = "grant-v3.md, 11; REVOKE_ON_DEATH";
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int MANY = 40;
    private static final int TURNS = 400;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;

    private static V3Call destruction(RawTree tree) {
        return tree.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE);
    }

    private static V3Call creation(World world) {
        return RawTree.creation(world).and(V3TreeCreate.REVOCABLE_ONLY | V3TreeCreate.REVOKE_ON_DEATH);
    }

    /** Index n is page n mod 20, each mapped at slot n. */
    private static V3Answer[] holdMany(Party grantee, RawTree tree) {
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer[] mapped = new V3Answer[MANY];
        for (int n = 0; n < MANY; n++) {
            tree.grant(3L * n, n % 20, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(3L * n), n, WRITE);
        }
        return mapped;
    }

    @Clause(
            id = "REVOKE-28",
            promise =
                    "A tree is destroyed with REVOKE though all of it is mapped: when the call returns the pages and the nodes are"
                            + " the granter's alone, and there is no such tree; its slot is free with the last acknowledgement.",
            source = DESTROYED)
    void destroyed(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = revocable(world);
        V3Answer[] mapped = holdMany(world.grantee(), tree);
        long root = granter.domain().physicalMap().machineFrame(granter.kernel().frameOf(tree.node(tree.levels(), 0)));
        long leaves =
                granter.domain().physicalMap().machineFrame(granter.kernel().frameOf(tree.node(1, 0)));
        long idle = world.references(30);
        V3Answer answer = granter.call(destruction(tree).with(V3TreeDestroy.DONE, 5));
        Expect.okay(answer);
        Expect.equal("leaves done", 5 + MANY, answer.get(V3TreeDestroy.DONE));
        for (int page = 0; page < 20; page++) {
            expectPrivate(world, page);
            Expect.equal("references of page " + page, idle, world.references(page));
        }
        Expect.equal("references of the root", idle, world.machine().frames().references(root));
        Expect.equal(
                "references of the last node", idle, world.machine().frames().references(leaves));
        for (int slot = 0; slot < MANY; slot++) {
            Sight.nothing(grantee, grantee.slot(slot));
        }
        world.step("there is no such tree");
        TreeDriver driver = new TreeDriver(grantee);
        driver.expectRefused(Status.BAD_TREE, tree.ref(0));
        Expect.status(Status.BAD_TREE, granter.call(destruction(tree)));
        Expect.status(Status.BAD_TREE, granter.call(revocation(tree, 0, 1)));
        V3Call again = RawTree.creation(world)
                .and(V3TreeCreate.FIXED_ID)
                .with(V3TreeCreate.SLOT, tree.slot())
                .with(V3TreeCreate.GEN, tree.generation())
                .with(V3TreeCreate.ROOT_GFN, granter.pageFrame(40));
        Expect.status(Status.BUSY, granter.call(again));
        world.machine().checkInvariants();
        for (int n = 1; n < MANY; n++) {
            driver.letGo(mapped[n]);
        }
        Expect.status(Status.BUSY, granter.call(again));
        long word = granter.load(tree.node(1, 0));
        driver.letGo(mapped[0]);
        Expect.equal("what the granter keeps in the node by now", word, granter.load(tree.node(1, 0)));
        Expect.status(Status.STALE, grantee.call(TreeDriver.unmapping(mapped[0])));
        world.machine().checkInvariants();
        Expect.okay(granter.call(again));
    }

    @Clause(
            id = "REVOKE-29",
            promise =
                    "REVOKE of a destruction needs a tree of which everything may be taken back, and is refused otherwise; without"
                            + " it such a tree is busy. The grantee is told.",
            source = DESTROYED)
    void destructionRefused(World world) {
        Party granter = world.granter();
        EventRing ring = EventRing.register(world.grantee().kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, ring.serve(World.GRANTER));
        RawTree tree = RawTree.of(world).forDevices();
        RawTree other = revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(0, 0, V3Entry.W);
        other.grant(0, 1, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(0), 0, WRITE);
        V3Answer taken = driver.hold(other.ref(0), 1, WRITE);
        Expect.status(Status.NOT_REVOCABLE, granter.call(destruction(tree)));
        Expect.status(Status.STALE, granter.call(destruction(other).with(V3TreeDestroy.GEN, other.generation() + 1)));
        Expect.status(Status.BAD_TREE, granter.call(destruction(other).with(V3TreeDestroy.SLOT, 77)));
        Expect.status(Status.BUSY, granter.call(other.naming(V3Form.TREE_DESTROY)));
        Expect.equal("vector", 0, world.grantee().tryLoad(world.grantee().slot(1)));
        Expect.okay(granter.call(destruction(other)));
        expectPrivate(world, 1);
        Event event = new Event();
        Expect.holds("the grantee is told", ring.next(event));
        Expect.equal("type", V3RingEntry.REVOKED, event.type);
        Expect.equal("slot", other.slot(), event.slot);
        Expect.equal("pages: the whole tree", 0, event.count);
        Expect.equal("vector", 0, world.grantee().tryLoad(world.grantee().slot(0)));
        driver.letGo(mapped);
        driver.letGo(taken);
        Expect.holdsNot("another event is there", ring.next(event));
    }

    @Clause(
            id = "REVOKE-30",
            promise = "Whoever dies while a destroyed tree waits for its grantee leaves nothing of it.",
            source = DESTROYED + "; I8")
    void deathsAfterDestruction(World world) {
        Party granter = world.granter();
        RawTree tree = revocable(world);
        int trees = world.machine().charges(World.GRANTER).trees();
        holdMany(world.grantee(), tree);
        Expect.okay(granter.call(destruction(tree)));
        Expect.equal("trees", trees, world.machine().charges(World.GRANTER).trees());
        Party grantee = Rebuilt.grantee(world, config -> config);
        world.machine().checkInvariants();
        Expect.equal("trees", trees - 1, world.machine().charges(World.GRANTER).trees());
        RawTree second = revocable(world);
        V3Answer[] mapped = holdMany(grantee, second);
        Expect.okay(granter.call(destruction(second)));
        world.destroy(granter);
        world.machine().checkInvariants();
        TreeDriver driver = new TreeDriver(grantee);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        Expect.equal("records", 0, world.machine().charges(World.GRANTEE).records());
        Expect.holdsNot(
                "the granter is known", world.machine().domains().stream().anyMatch(d -> d.domid() == World.GRANTER));
    }

    @Clause(
            id = "REVOKE-31",
            promise =
                    "With REVOKE_ON_DEATH all that was granted is taken back when the granter dies: its pages and nodes are free at"
                            + " once, whatever the grantee does, and its number with the last acknowledgement.",
            source = DEAD)
    void granterDies(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(granter, creation(world)).forDevices();
        V3Answer[] mapped = holdMany(world.grantee(), tree);
        long[] frames = new long[20];
        for (int page = 0; page < frames.length; page++) {
            frames[page] = granter.machineFrame(page);
        }
        world.destroy(granter);
        for (long frame : frames) {
            Expect.equal(
                    "owner of a page",
                    FrameTable.NO_OWNER,
                    world.machine().frames().owner(frame));
            Expect.equal("ways to it", List.of(), Reachability.in(world).waysOfOthers(World.GRANTER, frame));
        }
        Expect.equal("pages of the dead", 0, world.machine().frames().pages(World.GRANTER));
        for (int slot = 0; slot < MANY; slot++) {
            Sight.nothing(grantee, grantee.slot(slot));
        }
        world.machine().checkInvariants();
        TreeDriver driver = new TreeDriver(grantee);
        driver.expectRefused(Status.BAD_TREE, tree.ref(0));
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        Expect.status(Status.STALE, grantee.call(TreeDriver.unmapping(mapped[0])));
        Expect.holdsNot(
                "the granter is known", world.machine().domains().stream().anyMatch(d -> d.domid() == World.GRANTER));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-32",
            promise =
                    "Without REVOKE_ON_DEATH a dead granter's page stays where it is mapped until it is unmapped; the flag comes with"
                            + " REVOCABLE_ONLY. The grantee hears of what was taken, and then of the death.",
            source = DEAD + "; TREE-3")
    void onlyWhereAskedFor(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        V3Call alone = RawTree.creation(world)
                .and(V3TreeCreate.REVOKE_ON_DEATH)
                .with(V3TreeCreate.ROOT_GFN, granter.pageFrame(40));
        Expect.status(Status.INVAL, granter.call(alone));
        EventRing ring = EventRing.register(grantee.kernel(), 1, V3RingRegister.GRANTEE, PORT);
        Expect.status("status of RING_SET", Status.OKAY, ring.serve(World.GRANTER));
        RawTree kept = revocable(world);
        RawTree taken = RawTree.of(granter, creation(world)).forDevices();
        kept.grant(0, 0, V3Entry.W);
        taken.grant(0, 1, V3Entry.W);
        granter.store(granter.page(0), 5);
        long frame = granter.machineFrame(0);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer stays = driver.hold(kept.ref(0), 0, WRITE);
        V3Answer goes = driver.hold(taken.ref(0), 1, WRITE);
        world.destroy(granter);
        Sight.value(grantee, grantee.slot(0), 5);
        Sight.nothing(grantee, grantee.slot(1));
        Expect.equal(
                "owner of what is mapped",
                World.GRANTER,
                world.machine().frames().owner(frame));
        Event event = new Event();
        Expect.holds("the grantee is told", ring.next(event));
        Expect.equal("type", V3RingEntry.REVOKED, event.type);
        Expect.equal("slot", taken.slot(), event.slot);
        Expect.holds("and told again", ring.next(event));
        Expect.equal("type", V3RingEntry.GRANTER_DEAD, event.type);
        Expect.holdsNot("another event is there", ring.next(event));
        driver.letGo(stays);
        Expect.equal(
                "owner of the page",
                FrameTable.NO_OWNER,
                world.machine().frames().owner(frame));
        driver.letGo(goes);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-33",
            promise =
                    "A granter that dies or destroys its tree while the grantee maps and unmaps all the time has its pages: nothing of"
                            + " the grantee reaches them.",
            source = DEAD + "; I6")
    void againstABusyGrantee(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        RawTree first = revocable(world);
        RawTree second = RawTree.of(granter, creation(world)).forDevices();
        first.grant(0, 0, V3Entry.W);
        second.grant(0, 0, V3Entry.W);
        long frame = granter.machineFrame(0);
        Race.run(() -> turn(grantee, driver, first.ref(0)), () -> {
            Expect.okay(granter.call(destruction(first)));
            expectPrivate(world, 0);
        });
        world.machine().checkInvariants();
        Race.run(() -> turn(grantee, driver, second.ref(0)), () -> {
            world.destroy(granter);
            Expect.equal("ways to the page", List.of(), Reachability.in(world).waysOfOthers(World.GRANTER, frame));
        });
        world.machine().checkInvariants();
    }

    private static void turn(Party grantee, TreeDriver driver, long ref) {
        for (int turn = 0; turn < TURNS; turn++) {
            V3Answer mapped = driver.map(ref, 0, WRITE);
            if (mapped.get(V3Map.STATUS) != 0) {
                continue;
            }
            V3Answer unmapped = grantee.call(TreeDriver.unmapping(mapped));
            for (int looks = 0; (int) unmapped.get(V3Unmap.STATUS) == Status.EAGAIN; looks++) {
                Race.expectSoon("the end of what takes it", looks);
                unmapped = grantee.call(TreeDriver.unmapping(mapped));
            }
            Expect.okay(unmapped);
        }
    }
}
