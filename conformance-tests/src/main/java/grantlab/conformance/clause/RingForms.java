package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;

/** Rings of either side, and what is expected to come through them. */
final class RingForms {
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int ROOT = 40;
    private static final int LIST = 20;
    private static final int HEADER = 21;
    private static final int DATA = 22;
    private static final int PAGE = 3;
    private static final int SLOT = 9;
    private static final long COOKIE = 0x636f_6f6b_6965_2121L;
    private static final long WATCHED = OwnTree.WRITABLE | V3Entry.NOTIFY;

    private RingForms() {}

    static EventRing granterRing(World world) {
        world.step("the granter registers a ring of one page");
        return EventRing.register(world.granter().kernel(), 1, V3RingRegister.GRANTER, PORT);
    }

    static EventRing granteeRing(World world) {
        world.step("the grantee registers a ring for the granter's trees");
        EventRing ring = EventRing.register(world.grantee().kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, ring.serve(World.GRANTER));
        return ring;
    }

    static V3Call request(World world, int peer, int root, EventRing ring) {
        return OwnTree.request(world.granter(), peer, root)
                .with(V3TreeCreate.COOKIE, COOKIE)
                .with(V3TreeCreate.RING_ID, ring.id());
    }

    static OwnTree tree(World world, EventRing ring) {
        return OwnTree.create(world.granter(), ROOT, request(world, World.GRANTEE, ROOT, ring));
    }

    /** Grants, maps and unmaps an index in two calls. */
    static void use(World world, OwnTree tree, int index) {
        tree.grant(index, PAGE, WATCHED);
        V3Answer mapped = tree.map(world.grantee(), index, SLOT, 0);
        Expect.okay(mapped);
        Expect.okay(OwnTree.unmap(world.grantee(), mapped));
    }

    static Event expectNext(EventRing ring, int type) {
        Event event = new Event();
        Expect.holds("an event is there", ring.next(event));
        Expect.equal("type", type, event.type);
        return event;
    }

    static void expectUnmapped(EventRing ring, OwnTree tree, long first, long count) {
        Event event = expectNext(ring, V3RingEntry.UNMAPPED);
        Expect.equal("first", first, event.first);
        Expect.equal("count", count, event.count);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("generation", tree.generation(), event.generation);
        Expect.equal("order", 0, event.order);
        Expect.equal("reason", 0, event.reason);
        Expect.equal("cookie", COOKIE, event.cookie);
    }

    static void expectNothing(EventRing ring) {
        Expect.holdsNot("another event is there", ring.next(new Event()));
    }

    static long header(Party party, EventRing ring, int field) {
        return party.load(ring.header(field & -Long.BYTES)) >>> (field % Long.BYTES * Byte.SIZE);
    }

    /** A sound one of a ring of one page, whose list is in memory. */
    static V3Call registration(Party party) {
        party.store(party.page(LIST), party.pageFrame(HEADER));
        party.store(party.page(LIST) + Long.BYTES, party.pageFrame(DATA));
        return V3Call.of(V3Form.RING_REGISTER)
                .with(V3RingRegister.LIST_GFN, party.pageFrame(LIST))
                .with(V3RingRegister.PAGES, 1)
                .with(V3RingRegister.PORT, PORT);
    }

    static V3Call removing(long ring) {
        return V3Call.of(V3Form.RING_REGISTER)
                .with(V3Head.FLAGS, V3RingRegister.REMOVE)
                .with(V3RingRegister.RING_ID, ring);
    }
}
