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
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.abi.V3Unmap;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;

/** A granter that does not wait for devices: the ring tells the end. */
@Needs(format = "layout-tree")
@Concerns(Member.IOMMU)
final class RevokeLater {
    private static final String SOURCE = "grant-v3.md, 8.2, phase 4, ASYNC";
    private static final int INDEX = 5;
    private static final int PAGE = 3;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int MANY = 40;
    private static final int MORE_THAN_MAY_WAIT = 17;

    /** How often a clause looks for what a thread of the hypervisor is about to do. */
    private static final int LOOKS = 50_000_000;

    static RawTree tree(World world, EventRing ring) {
        return RawTree.of(
                        world.granter(),
                        RawTree.creation(world).and(V3TreeCreate.REVOCABLE_ONLY).with(V3TreeCreate.RING_ID, ring.id()))
                .forDevices();
    }

    static EventRing ring(World world) {
        return EventRing.register(world.granter().kernel(), 1, V3RingRegister.GRANTER, PORT);
    }

    static V3Call later(RawTree tree, long first, long count) {
        return revocation(tree, first, count).and(V3Revoke.ASYNC);
    }

    /** The completion comes, and is the next event; of a death in between the granter may hear before. */
    private static void expectDone(EventRing ring, V3Answer revocation, long mappings) {
        expectDone(ring, revocation, mappings, 0);
    }

    /** The same, with flags of its result. */
    static void expectDone(EventRing ring, V3Answer revocation, long mappings, int result) {
        Event event = new Event();
        boolean told = ring.next(event);
        for (int look = 0; look < LOOKS && (!told || event.type == V3RingEntry.GRANTEE_DEAD); look++) {
            Thread.onSpinWait();
            told = ring.next(event);
        }
        Expect.holds("the granter is told", told);
        Expect.equal("type", V3RingEntry.REVOKE_DONE, event.type);
        Expect.equal("revocation", revocation.get(V3Revoke.REVOKE_ID), event.first);
        Expect.equal("mappings", mappings, event.count);
        Expect.equal("result", result, event.reason);
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "REVOKE-40",
            promise =
                    "With ASYNC the call returns while a device writes: the CPU reaches nothing any more, the revocation is under"
                            + " way, and the page and the index are not free; when the device has ended the ring tells so.",
            source = SOURCE)
    void doesNotWait(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EventRing ring = ring(world);
        RawTree tree = tree(world, ring);
        long before = world.references(PAGE);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        PartyDevice device = grantee.device(0);
        long address = grantee.translated() ? grantee.slot(0) : mapped.get(V3Map.DEV_ADDR);
        grantee.store(grantee.slot(0), 5);
        device.beginWrite(address);
        V3Answer answer = granter.call(later(tree, INDEX, 1));
        Expect.okay(answer);
        Expect.equal("result", V3Revoke.DRAIN_PENDING, answer.get(V3Revoke.RESULT));
        Expect.equal("mappings removed", 1, answer.get(V3Revoke.UNMAPPED));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.holds("the page is held", world.references(PAGE) > before);
        Expect.different("use of the entry", 0L, tree.get(INDEX) & V3Entry.MAPPED_R);
        Expect.status(Status.EAGAIN, grantee.call(TreeDriver.unmapping(mapped)));
        V3Answer second = granter.call(revocation(tree, INDEX, 1));
        Expect.status(Status.BUSY, second);
        Expect.equal("in the way", answer.get(V3Revoke.REVOKE_ID), second.get(V3Revoke.REVOKE_ID));
        Expect.status(Status.BUSY, granter.call(tree.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE)));
        Expect.holdsNot("the granter is told", ring.next(new Event()));
        world.step("the device ends its access");
        Expect.equal("fault of the write that was under way", 0, device.finishWrite(UnderWay.VALUE));
        expectDone(ring, answer, 1);
        expectPrivate(world, PAGE);
        Expect.equal("references of the page", before, world.references(PAGE));
        Sight.value(granter, granter.page(PAGE), UnderWay.VALUE);
        expectDead(tree, INDEX);
        world.machine().checkInvariants();
        driver.letGo(mapped);
        expectFree(tree, INDEX);
        Expect.okay(granter.call(revocation(tree, INDEX, 1)));
    }

    @Clause(
            id = "REVOKE-41",
            promise =
                    "Where there is nothing to wait for ASYNC is over when it returns; in either case the completion comes once, and"
                            + " all slices of it are one.",
            source = SOURCE)
    void manyLeaves(World world) {
        EventRing ring = ring(world);
        RawTree tree = tree(world, ring);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer[] mapped = new V3Answer[MANY];
        for (int n = 0; n < MANY; n++) {
            tree.grant(n % 20, n % 20, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(n % 20), n, WRITE);
        }
        V3Answer answer = world.granter().call(later(tree, 0, 20));
        Expect.okay(answer);
        Expect.equal("mappings removed", MANY, answer.get(V3Revoke.UNMAPPED));
        if (!world.grantee().ownsDevices()) {
            Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
            for (int page = 0; page < 20; page++) {
                expectPrivate(world, page);
            }
        }
        expectDone(ring, answer, MANY);
        for (int page = 0; page < 20; page++) {
            expectPrivate(world, page);
            expectDead(tree, page);
        }
        world.machine().checkInvariants();
        V3Answer again = world.granter().call(later(tree, 0, 20));
        Expect.okay(again);
        Expect.equal("result", 0, again.get(V3Revoke.RESULT));
        expectDone(ring, again, 0);
        Expect.holdsNot("another event is there", ring.next(new Event()));
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
    }

    @Clause(
            id = "REVOKE-42",
            promise = "ASYNC needs a ring and FORCE, and there is none for references of the flat table.",
            source = "grant-v3.md, REVOKE-2, REVOKE-11")
    void refusals(World world) {
        Party granter = world.granter();
        RawTree silent = RevokeForms.revocable(world);
        Expect.status(Status.INVAL, granter.call(later(silent, 0, 1)));
        RawTree tree = tree(world, ring(world));
        Expect.status(Status.INVAL, granter.call(later(tree, 0, 1).with(V3Head.FLAGS, V3Revoke.SOFT | V3Revoke.ASYNC)));
        Expect.status(Status.INVAL, granter.call(later(tree, 0, 1).with(V3Head.FLAGS, V3Revoke.ASYNC)));
        Expect.status(Status.INVAL, granter.call(FlatReferences.revocation(0, 1).and(V3Revoke.ASYNC)));
        Expect.okay(granter.call(later(tree, 0, 1)));
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "REVOKE-43",
            promise =
                    "A grantee that dies while its devices are waited for takes them with it: the revocation is over, and nothing is"
                            + " left to be acknowledged.",
            source = SOURCE + "; SEC-10")
    void deaths(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EventRing ring = ring(world);
        RawTree tree = tree(world, ring);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        long address = grantee.translated() ? grantee.slot(0) : mapped.get(V3Map.DEV_ADDR);
        long frame = granter.machineFrame(PAGE);
        PartyDevice device = grantee.device(0);
        device.beginWrite(address);
        V3Answer answer = granter.call(later(tree, INDEX, 1));
        Expect.equal("result", V3Revoke.DRAIN_PENDING, answer.get(V3Revoke.RESULT));
        world.destroy(grantee);
        expectDone(ring, answer, 1);
        expectPrivate(world, PAGE);
        expectFree(tree, INDEX);
        world.machine().checkInvariants();
        Expect.holds("the write that was under way does not happen", device.finishWrite(1) != 0);
        Expect.equal(
                "owner of the page", World.GRANTER, world.machine().frames().owner(frame));
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "REVOKE-44",
            promise =
                    "A granter may die while devices are waited for: what is under way ends, and the grantee acknowledges as ever.",
            source = SOURCE)
    void granterDies(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = tree(world, ring(world));
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        long address = grantee.translated() ? grantee.slot(0) : mapped.get(V3Map.DEV_ADDR);
        PartyDevice device = grantee.device(0);
        device.beginWrite(address);
        V3Answer answer = granter.call(later(tree, INDEX, 1));
        Expect.equal("result", V3Revoke.DRAIN_PENDING, answer.get(V3Revoke.RESULT));
        world.destroy(granter);
        Expect.equal("fault of the write that was under way", 0, device.finishWrite(UnderWay.VALUE));
        V3Answer unmapped = grantee.call(TreeDriver.unmapping(mapped));
        for (int look = 0; look < LOOKS && (int) unmapped.get(V3Unmap.STATUS) == Status.EAGAIN; look++) {
            Thread.onSpinWait();
            unmapped = grantee.call(TreeDriver.unmapping(mapped));
        }
        Expect.okay(unmapped);
        world.machine().checkInvariants();
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "REVOKE-60",
            promise =
                    "When devices were waited for the grantee is told what was taken, once for each revocation; and what the granter waited for it"
                            + " waits for no more, however often.",
            source = SOURCE + "; REVOKE-13; 9, REVOKED")
    void afterTheDrain(World world) {
        Party grantee = world.grantee();
        EventRing ring = ring(world);
        EventRing others = EventRing.register(grantee.kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, others.serve(World.GRANTER));
        RawTree tree = tree(world, ring);
        TreeDriver driver = new TreeDriver(grantee);
        PartyDevice device = grantee.device(0);
        for (int round = 0; round < MORE_THAN_MAY_WAIT; round++) {
            tree.grant(INDEX, PAGE, V3Entry.W);
            V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
            device.beginWrite(grantee.translated() ? grantee.slot(0) : mapped.get(V3Map.DEV_ADDR));
            V3Answer answer = world.granter().call(later(tree, INDEX - 1L, 3));
            Expect.okay(answer);
            Expect.equal("result", V3Revoke.DRAIN_PENDING, answer.get(V3Revoke.RESULT));
            Event event = new Event();
            Expect.holdsNot("the grantee is told before the end", others.next(event));
            Expect.equal("fault of the write that was under way", 0, device.finishWrite(round));
            expectDone(ring, answer, 1);
            Expect.holds("the grantee is told", others.next(event));
            Expect.equal("type", V3RingEntry.REVOKED, event.type);
            Expect.equal("first", INDEX - 1L, event.first);
            Expect.equal("count", 3, event.count);
            Expect.holdsNot("it is told once more", others.next(event));
            driver.letGo(mapped);
            expectFree(tree, INDEX);
        }
    }
}
