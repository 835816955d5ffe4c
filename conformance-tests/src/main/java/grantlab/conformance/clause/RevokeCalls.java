package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.expectTaken;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;
import static grantlab.conformance.clause.RevokeForms.revocationOfAll;
import static grantlab.conformance.clause.RevokeForms.status;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;

/** v3_revoke as a call: consent, refusals, and what the rings tell. */
@Needs(format = "layout-tree")
@Concerns({Member.IOMMU, Member.SEARCH})
final class RevokeCalls {
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final long COOKIE = 0x7265_766f_6b65_2121L;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;

    @Clause(
            id = "REVOKE-04",
            promise =
                    "Without the grantee's consent nothing is taken: on a tree that is not REVOCABLE_ONLY force changes nothing.",
            source = "grant-v3.md, REVOKE-8")
    void needsConsent(World world) {
        RawTree tree = RawTree.of(world).forDevices();
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer mapped = new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        long word = tree.get(INDEX);
        for (V3Call call : new V3Call[] {revocation(tree, INDEX, 1), revocationOfAll(tree)}) {
            V3Answer answer = world.granter().call(call);
            Expect.status(Status.NOT_REVOCABLE, answer);
        }
        Expect.equal("the entry", word, tree.get(INDEX));
        Sight.value(world.grantee(), world.grantee().slot(0), 0);
        new TreeDriver(world.grantee()).letGo(mapped);
    }

    @Clause(
            id = "REVOKE-05",
            promise =
                    "On a tree of which everything may be taken back nobody maps for the CPU without accepting a fate; a copy"
                            + " needs to accept none.",
            source = "grant-v3.md, MAP-13")
    void acceptsAFate(World world) {
        RawTree tree = revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer refused = driver.map(tree.ref(INDEX), 0, V3Map.WRITE);
        Expect.status(Status.NOT_REVOCABLE, refused);
        Expect.equal("use of the entry", 0, tree.get(INDEX) & IN_USE);
        Expect.okay(world.grantee().call(driver.copying(tree.ref(INDEX), 0, Long.BYTES)));
        driver.letGo(driver.hold(tree.ref(INDEX), 0, WRITE));
    }

    @Clause(
            id = "REVOKE-11",
            promise =
                    "Both sides are told: the granter that it is over, with the call's cookie, the grantee what was taken.",
            source = "grant-v3.md, 9; REVOKE-13")
    void told(World world) {
        EventRing ring = EventRing.register(world.granter().kernel(), 1, V3RingRegister.GRANTER, PORT);
        EventRing other = EventRing.register(world.grantee().kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, other.serve(World.GRANTER));
        RawTree tree = RawTree.of(
                        world.granter(),
                        RawTree.creation(world).and(V3TreeCreate.REVOCABLE_ONLY).with(V3TreeCreate.RING_ID, ring.id()))
                .forDevices();
        tree.grant(INDEX, 3, V3Entry.W | V3Entry.NOTIFY);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        V3Answer answer = world.granter().call(revocation(tree, INDEX, 3));
        Expect.okay(answer);
        expectPrivate(world, 3);
        Event event = new Event();
        Expect.holds("the granter is told", ring.next(event));
        Expect.equal("type", V3RingEntry.REVOKE_DONE, event.type);
        Expect.equal("revocation", answer.get(V3Revoke.REVOKE_ID), event.first);
        Expect.equal("mappings", 1, event.count);
        Expect.equal("cookie", COOKIE, event.cookie);
        Expect.holds("the grantee is told", other.next(event));
        Expect.equal("type", V3RingEntry.REVOKED, event.type);
        Expect.equal("first", INDEX, event.first);
        Expect.equal("count", 3, event.count);
        driver.letGo(mapped);
        Expect.holds("the granter is told of the acknowledgement", ring.next(event));
        Expect.equal("type", V3RingEntry.UNMAPPED, event.type);
        Expect.equal("first", INDEX, event.first);
        Expect.holdsNot("another event is there", ring.next(event) || other.next(event));
    }

    @Clause(
            id = "REVOKE-12",
            promise = "What is wrong with the request is refused before anything happens, the first rule first.",
            source = "grant-v3.md, REVOKE-1 to REVOKE-10")
    void refusals(World world) {
        RawTree tree = revocable(world);
        Party granter = world.granter();
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer mapped = new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        long word = tree.get(INDEX);
        V3Call sound = revocation(tree, INDEX, 1);
        refuse(granter, Status.UNSUPPORTED, sound.and(V3Revoke.KEEP_LEAF));
        refuse(granter, Status.UNSUPPORTED, sound.and(V3Revoke.QUERY_ONLY));
        refuse(granter, Status.INVAL, sound.and(V3Revoke.ASYNC));
        refuse(granter, Status.INVAL, sound.with(V3Head.FLAGS, 0));
        refuse(granter, Status.UNSUPPORTED, sound.with(V3Revoke.CPU_FATE, V3Revoke.CPU_SNAPSHOT + 1));
        refuse(granter, Status.UNSUPPORTED, sound.with(V3Revoke.DEV_FATE, V3Revoke.DEV_SINK_WO + 1));
        refuse(granter, Status.INVAL, sound.with(V3Revoke.SCRATCH_GFN, granter.pageFrame(7)));
        refuse(granter, Status.INVAL, sound.and(V3Revoke.WHOLE_TREE));
        refuse(granter, Status.BAD_SIZE, sound.with(V3Revoke.COUNT, 0));
        refuse(granter, Status.BAD_SIZE, sound.with(V3Revoke.COUNT, (1 << 18) + 1));
        refuse(granter, Status.INVAL, sound.with(V3Revoke.DONE, 2));
        refuse(granter, Status.BAD_TREE, sound.with(V3Revoke.SLOT, tree.slot() + 1));
        refuse(granter, Status.STALE, sound.with(V3Revoke.GEN, tree.generation() + 1));
        refuse(granter, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, RawTree.span(tree.levels())));
        refuse(granter, Status.BAD_GNTREF, sound.with(V3Revoke.FIRST, -1));
        refuse(world.grantee(), Status.BAD_TREE, sound);
        Expect.equal("the entry", word, tree.get(INDEX));
        Sight.value(world.grantee(), world.grantee().slot(0), 0);
        expectTaken(world, sound, 1);
        expectPrivate(world, 3);
        new TreeDriver(world.grantee()).letGo(mapped);
    }

    private static void refuse(Party party, int status, V3Call call) {
        V3Answer answer = party.call(call);
        Expect.status(status, answer);
        Expect.equal("revocation", 0, answer.get(V3Revoke.REVOKE_ID));
    }
}
