package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectDead;
import static grantlab.conformance.clause.RevokeForms.expectFree;
import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.concurrent.atomic.AtomicReference;

/** A granter asks, and the grantee lets go when it can; what it does not let go of is taken. */
@Needs(format = "layout-tree")
final class RevokeRequests {
    private static final String SOURCE = "grant-v3.md, 8.2, phase 2";
    private static final int INDEX = 5;
    private static final int PAGE = 3;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int ENTRIES = 128;
    private static final int WAITING = 16;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final long COOKIE = 0x736f_6674_2121_2121L;

    /** A tree with rings on both sides. */
    private static final class Asked {
        private final RawTree tree;
        private final EventRing granters;
        private final EventRing grantees;
        private final Event event = new Event();

        Asked(World world, long flags) {
            granters = EventRing.register(world.granter().kernel(), 1, V3RingRegister.GRANTER, PORT);
            grantees = EventRing.register(world.grantee().kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
            Expect.status("status of RING_SET", Status.OKAY, grantees.serve(World.GRANTER));
            tree = RawTree.of(
                    world.granter(), RawTree.creation(world).and(flags).with(V3TreeCreate.RING_ID, granters.id()));
        }

        /** The granter's next event is the end of a revocation. */
        void expectOver(int type, V3Answer revocation, long mappings, long cookie) {
            Expect.holds("the granter is told", granters.next(event));
            Expect.equal("type", type, event.type);
            Expect.equal("revocation", revocation.get(V3Revoke.REVOKE_ID), event.first);
            Expect.equal("mappings", mappings, event.count);
            Expect.equal("cookie", cookie, event.cookie);
        }

        void expectRequest(long first, long count) {
            Expect.holds("the grantee is asked", grantees.next(event));
            Expect.equal("type", V3RingEntry.REVOKE_REQUEST, event.type);
            Expect.equal("slot", tree.slot(), event.slot);
            Expect.equal("first", first, event.first);
            Expect.equal("count", count, event.count);
        }

        void expectNoMore() {
            Expect.holdsNot("the granter is told more", granters.next(event));
            Expect.holdsNot("the grantee is told more", grantees.next(event));
        }
    }

    private static V3Call asking(RawTree tree, long first, long count) {
        return revocation(tree, first, count).with(V3Head.FLAGS, V3Revoke.SOFT).with(V3Revoke.COOKIE, COOKIE);
    }

    private static V3Answer expectAsked(World world, V3Call call, long result) {
        V3Answer answer = world.granter().call(call);
        Expect.okay(answer);
        Expect.equal("result", result, answer.get(V3Revoke.RESULT));
        Expect.equal("mappings removed", 0, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("mappings replaced", 0, answer.get(V3Revoke.REPLACED));
        return answer;
    }

    @Clause(
            id = "REVOKE-34",
            promise =
                    "SOFT takes nothing and needs no consent: nothing new begins, the grantee is asked, and goes on until it"
                            + " unmaps; with its last use the granter is told that it is over.",
            source = SOURCE)
    void asks(World world) {
        Asked asked = new Asked(world, 0);
        RawTree tree = asked.tree;
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        tree.grant(INDEX, PAGE, V3Entry.W);
        tree.grant(INDEX + 1, PAGE + 1, V3Entry.W);
        V3Answer one = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE);
        V3Answer same = driver.hold(tree.ref(INDEX), 1, 0);
        V3Answer other = driver.hold(tree.ref(INDEX + 1), 2, V3Map.WRITE);
        V3Answer answer = expectAsked(world, asking(tree, INDEX, 3), V3Revoke.SOFT_PENDING);
        asked.expectRequest(INDEX, 3);
        asked.expectNoMore();
        grantee.store(grantee.slot(0), 5);
        Sight.value(world.granter(), world.granter().page(PAGE), 5);
        Expect.status(Status.REVOKED, driver.map(tree.ref(INDEX), 3, 0));
        Expect.status(Status.REVOKED, grantee.call(driver.copying(tree.ref(INDEX + 1), 0, Long.BYTES)));
        Expect.equal("use of the entry", IN_USE, tree.get(INDEX) & IN_USE);
        world.machine().checkInvariants();
        driver.letGo(one);
        driver.letGo(other);
        asked.expectNoMore();
        driver.letGo(same);
        asked.expectOver(V3RingEntry.REVOKE_DONE, answer, 0, COOKIE);
        asked.expectNoMore();
        expectPrivate(world, PAGE, PAGE + 1);
        expectFree(tree, INDEX);
        expectFree(tree, INDEX + 1);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-35",
            promise = "Where nothing is in use SOFT is over at once: the granter is told, the grantee is not asked.",
            source = SOURCE)
    void nothingInUse(World world) {
        Asked asked = new Asked(world, 0);
        RawTree tree = asked.tree;
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        driver.expectMaps(tree.ref(INDEX));
        V3Answer answer = expectAsked(world, asking(tree, INDEX, 1), 0);
        asked.expectOver(V3RingEntry.REVOKE_DONE, answer, 0, COOKIE);
        asked.expectNoMore();
        Expect.status(Status.REVOKED, driver.map(tree.ref(INDEX), 0, 0));
        expectFree(tree, INDEX);
        answer = expectAsked(world, asking(tree, INDEX, 1), 0);
        asked.expectOver(V3RingEntry.REVOKE_DONE, answer, 0, COOKIE);
    }

    @Clause(
            id = "REVOKE-36",
            promise =
                    "FORCE takes over what the grantee was asked for and has not let go of: the request ends as incomplete, the"
                            + " pages are the granter's, and a request for others goes on.",
            source = SOURCE)
    void takenOver(World world) {
        Asked asked = new Asked(world, V3TreeCreate.REVOCABLE_ONLY);
        RawTree tree = asked.tree;
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer[] mapped = new V3Answer[4];
        for (int n = 0; n < mapped.length; n++) {
            tree.grant(n, n, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(n), n, WRITE);
        }
        V3Answer first = expectAsked(world, asking(tree, 0, 2), V3Revoke.SOFT_PENDING);
        asked.expectRequest(0, 2);
        V3Answer second = expectAsked(world, asking(tree, 2, 2), V3Revoke.SOFT_PENDING);
        asked.expectRequest(2, 2);
        V3Call forcing = revocation(tree, 1, 1);
        V3Answer forced = world.granter().call(forcing);
        Expect.okay(forced);
        Expect.equal("mappings removed", 1, forced.get(V3Revoke.UNMAPPED));
        asked.expectOver(V3RingEntry.REVOKE_PARTIAL, first, 0, COOKIE);
        asked.expectOver(V3RingEntry.REVOKE_DONE, forced, 1, forcing.get(V3Revoke.COOKIE));
        expectPrivate(world, 1);
        expectDead(tree, 1);
        Sight.nothing(grantee, grantee.slot(1));
        Sight.value(grantee, grantee.slot(0), 0);
        world.step("nobody waits for the rest of the first request");
        world.machine().checkInvariants();
        Expect.okay(world.granter().call(revocation(tree, 0, 1)));
        asked.granters.next(asked.event);
        driver.letGo(mapped[0]);
        driver.letGo(mapped[1]);
        while (asked.grantees.next(asked.event)) {
            boolean ownLook = asked.event.type == V3RingEntry.FAULT;
            Expect.holds("mappings were taken", ownLook || asked.event.type == V3RingEntry.REVOKED);
        }
        asked.expectNoMore();
        driver.letGo(mapped[2]);
        asked.expectNoMore();
        driver.letGo(mapped[3]);
        asked.expectOver(V3RingEntry.REVOKE_DONE, second, 0, COOKIE);
        asked.expectNoMore();
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-37",
            promise =
                    "One unread request of a tree is enough: more of them set the dirty bit. Requests may overlap, and each ends"
                            + " with the last use of its own range.",
            source = "grant-v3.md, 9; 8.2, phase 2")
    void overlappingRequests(World world) {
        Asked asked = new Asked(world, 0);
        RawTree tree = asked.tree;
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer[] mapped = new V3Answer[3];
        for (int n = 0; n < mapped.length; n++) {
            tree.grant(n, n, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(n), n, V3Map.WRITE);
        }
        V3Answer first = expectAsked(world, asking(tree, 0, 2), V3Revoke.SOFT_PENDING);
        V3Answer second = expectAsked(world, asking(tree, 1, 2), V3Revoke.SOFT_PENDING);
        asked.expectRequest(0, 2);
        asked.expectNoMore();
        Expect.holds("the tree is dirty", asked.grantees.takeDirty().get(tree.slot()));
        Expect.equal("lost", 0, world.grantee().load(asked.grantees.header(V3RingHeader.LOST)));
        driver.letGo(mapped[1]);
        asked.expectNoMore();
        driver.letGo(mapped[2]);
        asked.expectOver(V3RingEntry.REVOKE_DONE, second, 0, COOKIE);
        driver.letGo(mapped[0]);
        asked.expectOver(V3RingEntry.REVOKE_DONE, first, 0, COOKIE);
        asked.expectNoMore();
    }

    @Clause(
            id = "REVOKE-38",
            promise =
                    "A grantee that dies has let go; a granter that dies or destroys its tree waits for nothing any more.",
            source = SOURCE)
    void deaths(World world) {
        Asked asked = new Asked(world, V3TreeCreate.REVOCABLE_ONLY);
        RawTree tree = asked.tree;
        tree.grant(INDEX, PAGE, V3Entry.W);
        new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        V3Answer whole = expectAsked(world, asking(tree, 0, 0).and(V3Revoke.WHOLE_TREE), V3Revoke.SOFT_PENDING);
        asked.expectRequest(0, 0);
        Party grantee = Rebuilt.grantee(world, config -> config);
        asked.expectOver(V3RingEntry.REVOKE_DONE, whole, 0, COOKIE);
        Expect.holds("the granter is told of the death", asked.granters.next(asked.event));
        Expect.equal("type", V3RingEntry.GRANTEE_DEAD, asked.event.type);
        expectFree(tree, INDEX);
        world.machine().checkInvariants();

        world.step("the granter destroys what it asked for");
        TreeDriver driver = new TreeDriver(grantee);
        RawTree other = RawTree.of(
                world.granter(),
                RawTree.creation(world)
                        .and(V3TreeCreate.REVOCABLE_ONLY)
                        .with(V3TreeCreate.RING_ID, asked.granters.id()));
        other.grant(INDEX, PAGE, V3Entry.W);
        V3Answer taken = driver.hold(other.ref(INDEX), 0, WRITE);
        V3Answer soft = expectAsked(world, asking(other, INDEX, 1), V3Revoke.SOFT_PENDING);
        Expect.okay(world.granter().call(other.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE)));
        asked.expectOver(V3RingEntry.REVOKE_PARTIAL, soft, 0, COOKIE);
        expectPrivate(world, PAGE);
        driver.letGo(taken);

        world.step("the granter dies");
        RawTree last =
                RawTree.of(world.granter(), RawTree.creation(world).with(V3TreeCreate.RING_ID, asked.granters.id()));
        last.grant(INDEX, PAGE, V3Entry.W);
        V3Answer mapped = driver.hold(last.ref(INDEX), 0, V3Map.WRITE);
        expectAsked(world, asking(last, INDEX, 1), V3Revoke.SOFT_PENDING);
        world.destroy(world.granter());
        driver.letGo(mapped);
        Expect.holdsNot(
                "the granter is known", world.machine().domains().stream().anyMatch(d -> d.domid() == World.GRANTER));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-39",
            promise =
                    "SOFT has no fates and excludes FORCE; its completion is reserved: without room for it nobody is asked.",
            source = "grant-v3.md, REVOKE-2, REVOKE-3, REVOKE-13")
    void refusals(World world) {
        Asked asked = new Asked(world, V3TreeCreate.REVOCABLE_ONLY);
        RawTree tree = asked.tree;
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        V3Call sound = asking(tree, INDEX, 1);
        Party granter = world.granter();
        Expect.status(Status.INVAL, granter.call(sound.and(V3Revoke.FORCE)));
        Expect.status(Status.INVAL, granter.call(sound.with(V3Revoke.CPU_FATE, V3Revoke.CPU_ZERO)));
        Expect.status(Status.INVAL, granter.call(sound.with(V3Revoke.SCRATCH_GFN, granter.pageFrame(1))));
        Expect.status(Status.BAD_SIZE, granter.call(sound.with(V3Revoke.COUNT, 0)));
        Expect.status(Status.BAD_GNTREF, granter.call(sound.with(V3Revoke.FIRST, RawTree.span(tree.levels()))));
        Expect.bits("type of the entry", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(INDEX));
        world.step("the ring is full");
        tree.grant(100, PAGE + 1, V3Entry.NOTIFY);
        for (int n = 0; n < ENTRIES; n++) {
            driver.letGo(driver.hold(tree.ref(100), 1, V3Map.ACCEPT_FAULT));
        }
        Expect.status(Status.QUOTA, granter.call(sound));
        Expect.bits("type of the entry", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(INDEX));
        Expect.holdsNot("the grantee is asked", asked.grantees.next(asked.event));
        driver.letGo(mapped);
    }

    @Clause(
            id = "REVOKE-51",
            promise =
                    "A granter has at most 16 revocations that wait for grantees or devices, of all its trees together: the next is"
                            + " refused and has changed nothing. FORCE needs none, takes over, and gives back; another granter has its"
                            + " own.",
            source = "grant-v3.md, REVOKE-13")
    void mostThatWait(World world) {
        Asked asked = new Asked(world, V3TreeCreate.REVOCABLE_ONLY);
        Party granter = world.granter();
        RawTree[] trees = {asked.tree, RevokeForms.revocable(world)};
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer[] mapped = new V3Answer[WAITING + 1];
        for (int n = 0; n < mapped.length; n++) {
            RawTree tree = trees[n % 2];
            tree.grant(n, PAGE + n, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(n), n, WRITE);
        }
        for (int n = 0; n < WAITING; n++) {
            expectAsked(world, asking(trees[n % 2], n, 1), V3Revoke.SOFT_PENDING);
        }
        int last = WAITING;
        Expect.status(Status.QUOTA, granter.call(asking(trees[0], last, 1)));
        Expect.status(Status.QUOTA, granter.call(RevokeLater.later(trees[0], last, 1)));
        Expect.different("type of the entry", (long) V3Entry.TOMBSTONE, trees[0].get(last) & V3Entry.TYPE_MASK);
        driver.letGo(driver.hold(trees[0].ref(last), WAITING + 1, V3Map.ACCEPT_FAULT));
        world.step("another granter");
        RawTree other = RawTree.of(world.third(), RawTree.creation(world));
        other.grant(0, PAGE, V3Entry.W);
        V3Answer ofOther =
                world.grantee().call(driver.mapping(other.ref(0), WAITING + 2).with(V3Map.PEER, World.THIRD));
        Expect.okay(ofOther);
        Expect.okay(world.third().call(asking(other, 0, 1)));
        driver.letGo(ofOther);
        world.step("each end gives room for one");
        driver.letGo(mapped[0]);
        expectAsked(world, asking(trees[0], last, 1), V3Revoke.SOFT_PENDING);
        Expect.okay(granter.call(revocation(trees[1], 1, 1)));
        expectAsked(world, asking(trees[0], last, 1), V3Revoke.SOFT_PENDING);
        Expect.status(Status.QUOTA, granter.call(asking(trees[0], last, 1)));
        Expect.okay(granter.call(revocation(trees[0], last, 1)));
        world.step("what is over at once waits for nobody");
        for (int n = 0; n < 2 * WAITING; n++) {
            expectAsked(world, asking(trees[1], 100, 1), 0);
            Expect.okay(granter.call(RevokeLater.later(trees[0], 100, 1)));
        }
        for (int n = 1; n < mapped.length; n++) {
            driver.letGo(mapped[n]);
        }
        world.machine().checkInvariants();
    }

    @Interruptible
    @Clause(
            id = "REVOKE-61",
            promise =
                    "A request for a leaf that changes before every look comes to nothing and says so, to the granter alone; at rest the grantee"
                            + " is asked.",
            source = SOURCE + "; SEC-3")
    void neverAtRest(World world) {
        Asked asked = new Asked(world, V3TreeCreate.REVOCABLE_ONLY);
        RawTree tree = asked.tree;
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        AtomicReference<V3Answer> answer = new AtomicReference<>();
        int looks = world.interruption()
                .throughout(
                        () -> tree.put(INDEX, tree.get(INDEX) ^ 1L << V3Entry.SW_SHIFT),
                        () -> answer.set(world.granter().call(asking(tree, INDEX, 1))));
        Expect.holds("it looked at the leaf at all", looks > 0);
        Expect.status(Status.UNSTABLE, answer.get());
        asked.expectOver(V3RingEntry.REVOKE_PARTIAL, answer.get(), 0, COOKIE);
        asked.expectNoMore();
        world.step("once more, at rest");
        V3Answer second = expectAsked(world, asking(tree, INDEX, 1), V3Revoke.SOFT_PENDING);
        asked.expectRequest(INDEX, 1);
        driver.letGo(mapped);
        asked.expectOver(V3RingEntry.REVOKE_DONE, second, 0, COOKIE);
        asked.expectNoMore();
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-58",
            promise =
                    "However many requests of one tree its grantee does not answer, FORCE takes: beside them, one of them, all of the tree,"
                            + " and the tree itself.",
            source = "grant-v3.md, REVOKE-20, TREE-44")
    void unansweredAreInNobodysWay(World world) {
        for (int way = 0; way < 4; way++) {
            RawTree tree = RevokeForms.revocable(world);
            TreeDriver driver = new TreeDriver(world.grantee());
            V3Answer[] mapped = new V3Answer[WAITING + 1];
            for (int n = 0; n <= WAITING; n++) {
                tree.grant(n, PAGE + n, V3Entry.W);
                mapped[n] = driver.hold(tree.ref(n), n, WRITE);
            }
            for (int n = 0; n < WAITING; n++) {
                expectAsked(world, asking(tree, n, 1), V3Revoke.SOFT_PENDING);
            }
            Expect.status(Status.QUOTA, world.granter().call(asking(tree, WAITING, 1)));
            int taken = way == 0 ? WAITING : 0;
            Expect.okay(world.granter()
                    .call(
                            switch (way) {
                                case 0, 1 -> revocation(tree, taken, 1);
                                case 2 -> RevokeForms.revocationOfAll(tree);
                                default -> tree.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE);
                            }));
            expectPrivate(world, PAGE + taken);
            for (V3Answer each : mapped) {
                driver.letGo(each);
            }
            world.machine().checkInvariants();
        }
    }
}
