package grantlab.conformance.clause;

import static grantlab.conformance.clause.DownForms.downgrade;
import static grantlab.conformance.clause.DownForms.expectDowngraded;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3TreeCreate;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;

/** v3_set_access as a call: consent, refusals, and what the ring tells. */
@Needs(format = "layout-tree")
final class DownCalls {
    private static final int INDEX = 5;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_DOWNGRADE;
    private static final int READ = 0;
    private static final long COOKIE = 0x646f_776e_2121_2121L;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int TURNS = 60;
    private static final int SLICES = 200;

    @Clause(
            id = "DOWN-04",
            promise =
                    "One writer who did not agree is enough: nothing has changed then, not of the others either. Readers and"
                            + " copies need not agree.",
            source = "grant-v3.md, DOWN-5")
    void consent(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 40; n++) {
            tree.grant(n, n % 20, V3Entry.W);
        }
        V3Answer agreed = driver.hold(tree.ref(1), 0, WRITE);
        V3Answer reader = driver.hold(tree.ref(2), 1, READ);
        V3Answer insists = driver.hold(tree.ref(39), 2, V3Map.WRITE);
        V3Answer refused = world.granter().call(downgrade(tree, 0, 40));
        Expect.status(Status.NOT_REVOCABLE, refused);
        Expect.equal("pages done", 0, refused.get(V3SetAccess.DONE));
        for (int n = 0; n < 40; n++) {
            Expect.bits("entry " + n, V3Entry.W, V3Entry.W, tree.get(n));
        }
        grantee.store(grantee.slot(0), 7);
        grantee.store(grantee.slot(2), 8);
        expectDowngraded(world, downgrade(tree, 0, 39));
        Sight.readOnly(grantee, grantee.slot(0), 7);
        Sight.value(grantee, grantee.slot(2), 8);
        driver.letGo(insists);
        expectDowngraded(world, downgrade(tree, 39, 1));
        Expect.okay(grantee.call(driver.copying(tree.ref(39), 0, Long.BYTES)));
        driver.letGo(agreed);
        driver.letGo(reader);
    }

    @Clause(
            id = "DOWN-06",
            promise =
                    "What is wrong with the request is refused before anything happens, the first rule first; a flat table has"
                            + " no live downgrade.",
            source = "grant-v3.md, DOWN-1 to DOWN-4, DOWN-7")
    void refusals(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        long word = tree.get(INDEX);
        V3Call sound = downgrade(tree, INDEX, 1);
        refuse(granter, Status.UNSUPPORTED, sound.with(V3Head.FLAGS, 1));
        refuse(granter, Status.INVAL, sound.with(V3SetAccess.ZERO_12, 1));
        refuse(granter, Status.INVAL, sound.with(V3SetAccess.ZERO_36, 1));
        V3Call bad = sound.with(V3SetAccess.ACCESS, V3SetAccess.READ_WRITE)
                .with(V3SetAccess.SLOT, 0)
                .with(V3SetAccess.COUNT, 0)
                .with(V3SetAccess.FIRST, -1)
                .with(V3SetAccess.DONE, 2);
        refuse(granter, Status.UNSUPPORTED, bad);
        bad = bad.with(V3SetAccess.ACCESS, V3SetAccess.READ_ONLY);
        refuse(granter, Status.UNSUPPORTED, bad.with(V3SetAccess.POLICY, V3SetAccess.POLICY_DISCARD));
        refuse(granter, Status.BAD_TREE, bad);
        bad = bad.with(V3SetAccess.SLOT, tree.slot()).with(V3SetAccess.GEN, tree.generation() + 1);
        refuse(granter, Status.STALE, bad);
        bad = bad.with(V3SetAccess.GEN, tree.generation());
        refuse(granter, Status.BAD_SIZE, bad);
        refuse(granter, Status.BAD_SIZE, bad.with(V3SetAccess.COUNT, (1 << 18) + 1));
        bad = bad.with(V3SetAccess.COUNT, 1);
        refuse(granter, Status.BAD_GNTREF, bad);
        refuse(granter, Status.BAD_GNTREF, bad.with(V3SetAccess.FIRST, RawTree.span(tree.levels())));
        refuse(granter, Status.INVAL, bad.with(V3SetAccess.FIRST, INDEX));
        refuse(world.grantee(), Status.BAD_TREE, sound);
        Expect.equal("the entry", word, tree.get(INDEX));
        world.grantee().store(world.grantee().slot(0), 3);
        driver.letGo(mapped);
    }

    private static void refuse(Party party, int status, V3Call call) {
        V3Answer answer = party.call(call);
        Expect.status(status, answer);
        Expect.equal("pages done", call.get(V3SetAccess.DONE), answer.get(V3SetAccess.DONE));
    }

    @Clause(
            id = "DOWN-07",
            promise =
                    "Both sides are told: the granter that all of the range is read-only, with the call's cookie, the grantee"
                            + " what it lost; where nothing was lost, the granter alone.",
            source = "grant-v3.md, 9")
    void told(World world) {
        EventRing ring = EventRing.register(world.granter().kernel(), 1, V3RingRegister.GRANTER, PORT);
        EventRing other = EventRing.register(world.grantee().kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, other.serve(World.GRANTER));
        RawTree tree = RawTree.of(world.granter(), RawTree.creation(world).with(V3TreeCreate.RING_ID, ring.id()));
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        Event event = new Event();
        expectDowngraded(world, downgrade(tree, INDEX, 3));
        expectDone(ring, event);
        Expect.holds("the grantee is told", other.next(event));
        Expect.equal("type", V3RingEntry.DOWNGRADED, event.type);
        Expect.equal("first", INDEX, event.first);
        Expect.equal("count", 3, event.count);
        expectDowngraded(world, downgrade(tree, INDEX, 3));
        expectDone(ring, event);
        V3Answer insists = driver.hold(tree.grant(9, 4, V3Entry.W), 1, V3Map.WRITE);
        Expect.status(Status.NOT_REVOCABLE, world.granter().call(downgrade(tree, INDEX, 6)));
        Expect.holdsNot("another event is there", ring.next(event) || other.next(event));
        driver.letGo(mapped);
        driver.letGo(insists);
    }

    private static void expectDone(EventRing ring, Event event) {
        Expect.holds("the granter is told", ring.next(event));
        Expect.equal("type", V3RingEntry.DOWNGRADE_DONE, event.type);
        Expect.equal("first", INDEX, event.first);
        Expect.equal("count", 3, event.count);
        Expect.equal("cookie", COOKIE, event.cookie);
    }

    @Clause(
            id = "DOWN-15",
            promise =
                    "Who did not agree keeps writing, whenever he came: either the call is refused, or he mapped before it and it"
                            + " was, or after it and may not write.",
            source = "grant-v3.md, DOWN-5, DOWN-8")
    void insisting(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < SLICES; n++) {
            tree.grant(n, n % 20, V3Entry.W);
        }
        int last = SLICES - 1;
        Race.run(
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer mapped = driver.map(tree.ref(last), 0, V3Map.WRITE);
                        if (mapped.status() == Status.OKAY) {
                            grantee.store(grantee.slot(0), turn);
                            Sight.value(grantee, grantee.slot(0), turn);
                            driver.letGo(mapped);
                        } else {
                            Expect.status(Status.PERMISSION_DENIED, mapped);
                        }
                    }
                },
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer answer = world.granter().call(downgrade(tree, 0, SLICES));
                        if (answer.status() != Status.OKAY) {
                            Expect.status(Status.NOT_REVOCABLE, answer);
                        } else {
                            Expect.equal("who writes", 0, tree.get(last) & (V3Entry.MAPPED_W | V3Entry.W));
                        }
                        long word = tree.get(last);
                        world.granter()
                                .vcpu()
                                .compareAndExchange(tree.entry(1, last), Long.BYTES, word, word | V3Entry.W);
                    }
                });
        world.machine().checkInvariants();
    }
}
