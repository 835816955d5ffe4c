package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.VdomidBind;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Rings of events: how they are set up, what is written into them, and that nothing is lost when they are full. */
@Needs(format = "layout-tree")
@SuppressWarnings("UnnecessaryLongToIntConversion") // counters of 32 bits
public final class RingClauses implements ClauseFamily {
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int ROOT = 40;
    private static final int OTHER_ROOT = 41;
    private static final int LIST = 20;
    private static final int HEADER = 21;
    private static final int DATA = 22;
    private static final int PAGE = 3;
    private static final int SLOT = 9;
    private static final int ENTRIES = 128;
    private static final int RINGS = 16;
    private static final int NOT_THERE = 77;
    private static final long COOKIE = 0x636f_6f6b_6965_2121L;
    private static final long WATCHED = OwnTree.WRITABLE | V3Entry.NOTIFY;
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL + 1;

    /** For ServiceLoader. */
    public RingClauses() {}

    @Override
    public String prefix() {
        return "RING";
    }

    @Override
    public String title() {
        return "Rings of events";
    }

    // ---- what clauses do

    private static EventRing granterRing(World world) {
        world.step("the granter registers a ring of one page");
        return EventRing.register(world.granter().kernel(), 1, V3RingRegister.GRANTER, PORT);
    }

    private static EventRing granteeRing(World world) {
        world.step("the grantee registers a ring for the granter's trees");
        EventRing ring = EventRing.register(world.grantee().kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of RING_SET", Status.OKAY, ring.serve(World.GRANTER));
        return ring;
    }

    private static V3Call request(World world, int peer, int root, EventRing ring) {
        return OwnTree.request(world.granter(), peer, root)
                .with(V3TreeCreate.COOKIE, COOKIE)
                .with(V3TreeCreate.RING_ID, ring.id());
    }

    private static OwnTree tree(World world, EventRing ring) {
        return OwnTree.create(world.granter(), ROOT, request(world, World.GRANTEE, ROOT, ring));
    }

    /** Grants, maps and unmaps an index in two calls. */
    private static void use(World world, OwnTree tree, int index) {
        tree.grant(index, PAGE, WATCHED);
        V3Answer mapped = tree.map(world.grantee(), index, SLOT, 0);
        Expect.okay(mapped);
        Expect.okay(OwnTree.unmap(world.grantee(), mapped));
    }

    private static Event expectNext(EventRing ring, int type) {
        Event event = new Event();
        Expect.holds("an event is there", ring.next(event));
        Expect.equal("type", type, event.type);
        return event;
    }

    private static void expectUnmapped(EventRing ring, OwnTree tree, long first, long count) {
        Event event = expectNext(ring, V3RingEntry.UNMAPPED);
        Expect.equal("first", first, event.first);
        Expect.equal("count", count, event.count);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("generation", tree.generation(), event.generation);
        Expect.equal("order", 0, event.order);
        Expect.equal("reason", 0, event.reason);
        Expect.equal("cookie", COOKIE, event.cookie);
    }

    private static void expectNothing(EventRing ring) {
        Expect.holdsNot("another event is there", ring.next(new Event()));
    }

    private static long kicks(World world) {
        return world.granter().vcpu().notifications(PORT);
    }

    private static long header(Party party, EventRing ring, int field) {
        return party.load(ring.header(field & -Long.BYTES)) >>> (field % Long.BYTES * Byte.SIZE);
    }

    // ---- registration

    /** A sound one of a ring of one page, whose list is in memory. */
    static V3Call registration(Party party) {
        party.store(party.page(LIST), party.pageFrame(HEADER));
        party.store(party.page(LIST) + Long.BYTES, party.pageFrame(DATA));
        return V3Call.of(V3Form.RING_REGISTER)
                .with(V3RingRegister.LIST_GFN, party.pageFrame(LIST))
                .with(V3RingRegister.PAGES, 1)
                .with(V3RingRegister.PORT, PORT);
    }

    private static V3Call removal(long ring) {
        return V3Call.of(V3Form.RING_REGISTER)
                .with(V3Head.FLAGS, V3RingRegister.REMOVE)
                .with(V3RingRegister.RING_ID, ring);
    }

    /** Refused, with nothing held. */
    private static void refused(World world, int status, V3Call call) {
        long references = world.references(HEADER) + world.references(DATA);
        V3Answer answer = world.granter().call(call);
        Expect.status(status, answer);
        Expect.equal("ring_id", call.get(V3RingRegister.RING_ID), answer.get(V3RingRegister.RING_ID));
        Expect.equal("references", references, world.references(HEADER) + world.references(DATA));
    }

    @Clause(
            id = "RING-01",
            promise = "What is wrong with a registration is told in order: contradicting fields, kind, number of pages,"
                    + " the list, its pages, the port, the number of rings. A refusal holds nothing.",
            source = "grant-v3.md, RING-1, RING-2, RING-4 to RING-9")
    void refusals(World world) {
        Party granter = world.granter();
        V3Call good = registration(granter);
        V3Call bad = good.with(V3RingRegister.PORT, 0)
                .with(V3RingRegister.LIST_GFN, Page.frame(granter.slot(0)))
                .with(V3RingRegister.PAGES, 3)
                .with(V3RingRegister.KIND, 2)
                .with(V3RingRegister.RING_ID, 1);
        refused(world, Status.INVAL, bad);
        refused(world, Status.INVAL, removal(1).with(V3RingRegister.PORT, PORT));
        refused(world, Status.BAD_HANDLE, removal(1));
        refused(world, Status.BAD_HANDLE, removal(NOT_THERE));
        bad = bad.with(V3RingRegister.RING_ID, 0);
        refused(world, Status.UNSUPPORTED, bad);
        bad = bad.with(V3RingRegister.KIND, V3RingRegister.GRANTER);
        for (int pages : new int[] {0, 3, 32, -1}) {
            refused(world, Status.BAD_SIZE, bad.with(V3RingRegister.PAGES, pages));
        }
        bad = bad.with(V3RingRegister.PAGES, 1);
        refused(world, Status.BAD_PAGE, bad);
        bad = bad.with(V3RingRegister.LIST_GFN, granter.pageFrame(LIST));
        for (long second : new long[] {
            Page.frame(granter.slot(0)),
            granter.pageFrame(HEADER),
            world.grantee().machineFrame(0),
            -1
        }) {
            granter.store(granter.page(LIST) + Long.BYTES, second);
            refused(world, Status.BAD_PAGE, bad);
        }
        granter.store(granter.page(LIST) + Long.BYTES, granter.pageFrame(DATA));
        refused(world, Status.BAD_HANDLE, bad);
        refused(world, Status.BAD_HANDLE, bad.with(V3RingRegister.PORT, 4096));
        BitSet ids = new BitSet();
        for (int n = 0; n < RINGS; n++) {
            V3Answer answer = granter.call(good);
            Expect.okay(answer);
            ids.set((int) answer.get(V3RingRegister.RING_ID));
        }
        Expect.equal("rings", RINGS, ids.cardinality());
        Expect.holdsNot("0 names a ring", ids.get(0));
        refused(world, Status.QUOTA, good);
        Expect.okay(granter.call(removal(ids.nextSetBit(0))));
        Expect.okay(granter.call(good));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "RING-02",
            promise =
                    "A page table is no page of a ring, and a page of a ring no page table: it has a writable-type use"
                            + " until the ring is removed.",
            source = "grant-v3.md, RING-7, SEC-15")
    void pageTables(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long table = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        V3Call good = registration(granter);
        for (int n = 0; n < 2; n++) {
            long at = granter.page(LIST) + (long) n * Long.BYTES;
            long sound = granter.load(at);
            granter.store(at, table);
            refused(world, Status.BAD_PAGE, good);
            granter.store(at, sound);
        }
        long uses = frames.typeUses(granter.machineFrame(DATA));
        V3Answer answer = granter.call(good);
        Expect.okay(answer);
        Expect.equal("uses", uses + 1, frames.typeUses(granter.machineFrame(DATA)));
        Expect.okay(granter.call(removal(answer.get(V3RingRegister.RING_ID))));
        Expect.equal("uses", uses, frames.typeUses(granter.machineFrame(DATA)));
    }

    @Clause(
            id = "RING-03",
            promise = "The hypervisor fills the header, empties the entries, and holds each page until the ring is"
                    + " removed.",
            source = "grant-v3.md, RING-7, 9, 16.17")
    void setUp(World world) {
        Party granter = world.granter();
        for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
            granter.store(granter.page(HEADER) + at, -1);
            granter.store(granter.page(DATA) + at, -1);
        }
        long references = world.references(HEADER) + world.references(DATA);
        V3Answer answer = granter.call(registration(granter));
        Expect.okay(answer);
        Expect.equal("references", references + 2, world.references(HEADER) + world.references(DATA));
        long first = V3RingHeader.MAGIC_VALUE | (long) V3RingEntry.SIZE << 32 | 7L << 48;
        Expect.equal("magic, entry_size, log2_entries", first, granter.load(granter.page(HEADER)));
        for (int at = Long.BYTES; at < Page.SIZE; at += Long.BYTES) {
            Expect.equal("header at " + at, 0L, granter.load(granter.page(HEADER) + at));
        }
        for (int n = 0; n < ENTRIES; n++) {
            long word = granter.load(granter.page(DATA) + (long) n * V3RingEntry.SIZE + V3RingEntry.TYPE);
            Expect.equal("seq of entry " + n, 0L, word >>> Integer.SIZE);
        }
        Expect.okay(granter.call(removal(answer.get(V3RingRegister.RING_ID))));
        Expect.equal("references", references, world.references(HEADER) + world.references(DATA));
    }

    @Clause(
            id = "RING-04",
            promise =
                    "A ring is busy while a tree names it or it serves a granter; a tree names only a ring of the kind"
                            + " GRANTER, a grantee only one of the other.",
            source = "grant-v3.md, RING-3, TREE-6, FAULT-4")
    void removal(World world) {
        EventRing ring = granterRing(world);
        EventRing served = granteeRing(world);
        OwnTree tree = tree(world, ring);
        Expect.status("status of the removal", Status.BUSY, ring.remove());
        Expect.status("status of the removal", Status.BUSY, served.remove());
        V3Call other = request(world, World.GRANTEE, OTHER_ROOT, ring);
        Expect.status(Status.BAD_HANDLE, world.granter().call(other.with(V3TreeCreate.RING_ID, NOT_THERE)));
        Expect.status("status of RING_SET", Status.BAD_HANDLE, ring.serve(World.GRANTEE));
        Expect.okay(tree.destroy());
        Expect.status("status of the removal", Status.OKAY, ring.remove());
        Expect.status("status of the removal", Status.BAD_HANDLE, ring.remove());
        Expect.status(Status.BAD_HANDLE, world.granter().call(other));
        Expect.status(
                "status", Status.OKAY, EventRing.serveNowhere(world.grantee().kernel(), World.GRANTER));
        Expect.status("status of the removal", Status.OKAY, served.remove());
    }

    // ---- what is posted

    @Clause(
            id = "RING-05",
            promise =
                    "UNMAPPED comes when the last use of a NOTIFY leaf ended, after its bits are clear and the page is"
                            + " the granter's alone, and notifies the port once; no other leaf has one.",
            source = "grant-v3.md, 7.2, UNMAP-9, RING-15")
    void unmapped(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        long references = world.references(PAGE);
        tree.grant(4, PAGE, WATCHED);
        tree.grant(5, PAGE, OwnTree.WRITABLE);
        V3Answer first = tree.map(grantee, 4, SLOT, 0);
        V3Answer second = tree.map(grantee, 4, SLOT + 1, 0);
        V3Answer other = tree.map(grantee, 5, SLOT + 2, 0);
        Expect.okay(OwnTree.unmap(grantee, first));
        Expect.okay(OwnTree.unmap(grantee, other));
        expectNothing(ring);
        Expect.equal("notifications", 0, kicks(world));
        Expect.okay(OwnTree.unmap(grantee, second));
        tree.expectMapped(4, 0);
        Expect.equal("references", references, world.references(PAGE));
        expectUnmapped(ring, tree, 4, 1);
        expectNothing(ring);
        Expect.equal("notifications", 1, kicks(world));
        Expect.equal("prod", 1, (int) header(world.granter(), ring, V3RingHeader.PROD));
        Expect.equal("lost", 0, header(world.granter(), ring, V3RingHeader.LOST));
    }

    @Clause(
            id = "RING-06",
            promise = "A granter that asks while the leaf is in use is told; so is one that closed it; a copy is a use,"
                    + " and a map that failed behind the mark was one.",
            source = "grant-v3.md, 7.2 (NOTIFY is seen with the bits), I9")
    void askedLate(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        tree.grant(4, PAGE, OwnTree.WRITABLE);
        V3Answer mapped = tree.map(grantee, 4, SLOT, 0);
        tree.setEntry(4, tree.entry(4) | V3Entry.NOTIFY | V3Entry.TOMBSTONE);
        Expect.okay(OwnTree.unmap(grantee, mapped));
        expectUnmapped(ring, tree, 4, 1);

        world.step("a copy");
        tree.grant(6, PAGE, WATCHED);
        Expect.okay(grantee.call(new TreeDriver(grantee).copying(tree.reference(6), 0, Long.BYTES)));
        expectUnmapped(ring, tree, 6, 1);

        world.step("a map of what the granter does not have");
        tree.setEntry(8, RawTree.leaf(Page.frame(world.granter().slot(0)), WATCHED));
        Expect.status(Status.BAD_PAGE, tree.map(grantee, 8, SLOT, 0));
        expectUnmapped(ring, tree, 8, 1);
        expectNothing(ring);
    }

    @Clause(
            id = "RING-07",
            promise = "Neighbours whose last use ends in one call are one entry and one notification, up or down; those"
                    + " of two calls are two, and an entry that was published stays as it is.",
            source = "grant-v3.md, RING-14, RING-15")
    void merged(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        List<V3Call> unmaps = new ArrayList<>();
        for (int index : new int[] {10, 11, 12, 9, 20, 14, 13}) {
            tree.grant(index, PAGE, WATCHED);
            V3Answer mapped = tree.map(grantee, index, SLOT + unmaps.size(), 0);
            Expect.okay(mapped);
            unmaps.add(TreeDriver.unmapping(mapped));
        }
        grantee.elements(unmaps.subList(0, 6)).elements().forEach(Expect::okay);
        Expect.equal("notifications", 1, kicks(world));
        Expect.okay(grantee.call(unmaps.get(6)));
        Expect.equal("notifications", 2, kicks(world));
        expectUnmapped(ring, tree, 9, 4);
        expectUnmapped(ring, tree, 20, 1);
        expectUnmapped(ring, tree, 14, 1);
        expectUnmapped(ring, tree, 13, 1);
        expectNothing(ring);
    }

    @Clause(
            id = "RING-08",
            promise = "A bound of the tree that a grantee meets is told, with the index and which bound; a bound of the"
                    + " grantee's own is not.",
            source = "grant-v3.md, 7.1, 9 (QUOTA_HIT)")
    void quotaHit(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        for (int index = 0; index < 4; index++) {
            tree.grant(index, PAGE, OwnTree.WRITABLE);
        }
        Expect.okay(tree.limits(2, 1));
        Expect.okay(tree.map(grantee, 1, SLOT, 0));
        Expect.status(Status.QUOTA, tree.map(grantee, 3, SLOT + 1, 0));
        Event event = expectNext(ring, V3RingEntry.QUOTA_HIT);
        Expect.equal("index", 3, event.first);
        Expect.equal("reason: max_active", 1, event.reason);
        Expect.equal("cookie", COOKIE, event.cookie);
        Expect.okay(tree.map(grantee, 1, SLOT + 1, 0));
        Expect.status(Status.QUOTA, tree.map(grantee, 1, SLOT + 2, 0));
        event = expectNext(ring, V3RingEntry.QUOTA_HIT);
        Expect.equal("index", 1, event.first);
        Expect.equal("reason: max_mappings", 0, event.reason);

        world.step("the grantee lowers its own share");
        Expect.okay(tree.limits(0, 0));
        Expect.okay(grantee.call(control(V3GranteeCtl.SHARE_SET, World.GRANTER).with(V3GranteeCtl.SHARE, 2)));
        Expect.status(Status.QUOTA, tree.map(grantee, 1, SLOT + 2, 0));
        expectNothing(ring);
    }

    @Clause(
            id = "RING-09",
            promise = "The grantee hears of pauses and resumptions in the ring that it chose; of each at most one is"
                    + " unread, and more of them mark the tree as dirty.",
            source = "grant-v3.md, TREE-24, TREE-26, 9")
    void pauses(World world) {
        OwnTree silent = OwnTree.create(world.granter(), World.GRANTEE, OTHER_ROOT, 0);
        Expect.okay(silent.update(V3TreeUpdate.PAUSE, 0));
        EventRing ring = granteeRing(world);
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.okay(tree.resume(0));
        Expect.okay(silent.resume(0));
        Expect.holds("no tree is dirty", ring.takeDirty().isEmpty());
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.equal("dirty trees", BitSet.valueOf(new long[] {1L << tree.slot()}), ring.takeDirty());
        Event event = expectNext(ring, V3RingEntry.TREE_PAUSED);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("cookie", 0L, event.cookie);
        event = expectNext(ring, V3RingEntry.TREE_RESUMED);
        Expect.equal("slot", tree.slot(), event.slot);
        event = expectNext(ring, V3RingEntry.TREE_RESUMED);
        Expect.equal("slot", silent.slot(), event.slot);
        expectNothing(ring);

        world.step("all is read: the next is told again");
        Expect.okay(tree.resume(0));
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        expectNext(ring, V3RingEntry.TREE_RESUMED);
        expectNext(ring, V3RingEntry.TREE_PAUSED);
        expectNothing(ring);
        Expect.holds("no tree is dirty", ring.takeDirty().isEmpty());
    }

    @Clause(
            id = "RING-10",
            promise =
                    "A grantee that dies is told of after its leaves, tree by tree, with one notification; a new binding"
                            + " of a virtual domid too.",
            source = "grant-v3.md, 9 (GRANTEE_DEAD, VDOMID_REBOUND), 11, SEC-10")
    void granteeDies(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(World.GRANTER, VIRTUAL, World.GRANTEE, VdomidBind.AUTO_RESUME);
        OwnTree tree = OwnTree.create(world.granter(), ROOT, request(world, VIRTUAL, ROOT, ring));
        OwnTree other = OwnTree.create(world.granter(), OTHER_ROOT, request(world, VIRTUAL, OTHER_ROOT, ring));
        for (int index = 4; index < 7; index++) {
            tree.grant(index, PAGE, WATCHED);
            Expect.okay(tree.map(grantee, index, SLOT + index, epoch));
        }
        world.destroy(grantee);
        Expect.equal("notifications", 1, kicks(world));
        expectUnmapped(ring, tree, 4, 3);
        Event event = expectNext(ring, V3RingEntry.GRANTEE_DEAD);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("epoch", epoch, event.first);
        event = expectNext(ring, V3RingEntry.GRANTEE_DEAD);
        Expect.equal("slot", other.slot(), event.slot);
        expectNothing(ring);

        world.step("a third domain is bound");
        world.third();
        int next = toolstack.bind(World.GRANTER, VIRTUAL, World.THIRD, 0);
        Expect.equal("notifications", 2, kicks(world));
        event = expectNext(ring, V3RingEntry.VDOMID_REBOUND);
        Expect.equal("epoch", next, event.first);
        expectNext(ring, V3RingEntry.VDOMID_REBOUND);
        expectNothing(ring);
    }

    @Clause(
            id = "RING-11",
            promise = "A granter that dies is told of once in each ring that serves it, which serves nobody then; what"
                    + " ends later is told to nobody.",
            source = "grant-v3.md, 9 (GRANTER_DEAD), 11")
    void granterDies(World world) {
        Party grantee = world.grantee();
        EventRing own = granterRing(world);
        EventRing ring = granteeRing(world);
        OwnTree tree = tree(world, own);
        OwnTree.create(world.granter(), World.GRANTEE, OTHER_ROOT, 0);
        tree.grant(4, PAGE, WATCHED);
        V3Answer mapped = tree.map(grantee, 4, SLOT, 0);
        world.destroy(world.granter());
        Event event = expectNext(ring, V3RingEntry.GRANTER_DEAD);
        Expect.equal("slot", 0, event.slot);
        Expect.equal("generation", 0, event.generation);
        expectNothing(ring);
        Expect.equal("notifications", 1, grantee.vcpu().notifications(GRANTEE_PORT));
        Expect.status("status of RING_SET", Status.BAD_DOMAIN, ring.serve(World.GRANTER));
        Expect.status("status of the removal", Status.OKAY, ring.remove());
        Expect.okay(OwnTree.unmap(grantee, mapped));
    }

    // ---- full and hostile

    @Clause(
            id = "RING-12",
            promise =
                    "A full ring drops, counts and marks; who looks at the leaves of the marked trees afterwards misses"
                            + " none.",
            source = "grant-v3.md, RING-11, I9")
    void full(World world) {
        EventRing ring = granterRing(world);
        OwnTree other = OwnTree.create(world.granter(), OTHER_ROOT, request(world, World.GRANTEE, OTHER_ROOT, ring));
        OwnTree tree = tree(world, ring);
        Party granter = world.granter();
        use(world, other, 0);
        int lost = 6;
        for (int n = 0; n < ENTRIES - 1 + lost; n++) {
            use(world, tree, 2 * n);
        }
        Expect.equal("lost", lost, header(granter, ring, V3RingHeader.LOST));
        Expect.equal("prod_flags", V3RingHeader.OVERFLOW, (int) header(granter, ring, V3RingHeader.PROD_FLAGS));
        expectUnmapped(ring, other, 0, 1);
        for (int n = 0; n < ENTRIES - 1; n++) {
            expectUnmapped(ring, tree, 2L * n, 1);
        }
        expectNothing(ring);
        Expect.equal("dirty trees", BitSet.valueOf(new long[] {1L << tree.slot()}), ring.takeDirty());
        for (int n = ENTRIES - 1; n < ENTRIES - 1 + lost; n++) {
            tree.expectMapped(2 * n, 0);
        }
        Expect.holds("the marks are taken", ring.takeDirty().isEmpty());
        use(world, tree, 7);
        expectUnmapped(ring, tree, 7, 1);
        Expect.equal("lost", lost, header(granter, ring, V3RingHeader.LOST));
    }

    @Clause(
            id = "RING-13",
            promise =
                    "A cons that makes no sense is a full ring; prod, seq and entries that the guest writes are nothing"
                            + " to the hypervisor, which goes on where it was. Nobody else is hurt.",
            source = "grant-v3.md, RING-12")
    void hostile(World world) {
        Party granter = world.granter();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        use(world, tree, 0);
        long consAndIndex = ring.header(V3RingHeader.CONS);
        int[] senseless = {2, Integer.MIN_VALUE, -ENTRIES, Integer.MAX_VALUE};
        for (int n = 0; n < senseless.length; n++) {
            granter.store(consAndIndex, Integer.toUnsignedLong(senseless[n]));
            use(world, tree, 2);
            Expect.equal("lost", n + 1, header(granter, ring, V3RingHeader.LOST));
        }
        Expect.equal("dirty trees", BitSet.valueOf(new long[] {1L << tree.slot()}), ring.takeDirty());

        world.step("the granter overwrites its header and its entries, and reads on");
        for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
            granter.store(ring.header(at), -1);
            granter.store(ring.entry(0) + at, -1);
        }
        granter.store(consAndIndex, 1);
        ring.seek(1);
        use(world, tree, 4);
        expectUnmapped(ring, tree, 4, 1);
        Expect.equal("prod", 2, (int) header(granter, ring, V3RingHeader.PROD));
    }

    @Clause(
            id = "RING-14",
            promise =
                    "Positions wrap at 2^32, and seq with them: a full ring across the wrap loses nothing, and an entry"
                            + " of the lap before is not taken for one that is there.",
            source = "grant-v3.md, RING-10")
    void wraps(World world) {
        Party granter = world.granter();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        int start = -3;
        world.machine().windRing(granter.domain(), ring.id(), start);
        ring.seek(start);
        for (int n = 0; n < 6; n++) {
            expectNothing(ring);
            use(world, tree, n);
            expectUnmapped(ring, tree, n, 1);
        }
        world.machine().windRing(granter.domain(), ring.id(), start);
        ring.seek(start);
        for (int n = 0; n < ENTRIES + 1; n++) {
            use(world, tree, n);
        }
        Expect.equal("lost", 1, header(granter, ring, V3RingHeader.LOST));
        Expect.equal("prod", start + ENTRIES, (int) header(granter, ring, V3RingHeader.PROD));
        for (int n = 0; n < ENTRIES; n++) {
            expectUnmapped(ring, tree, n, 1);
        }
        expectNothing(ring);
    }

    @Clause(
            id = "RING-15",
            promise = "A page of a ring that the guest gives back stays its own until the ring is removed: nothing is"
                    + " written into another's memory.",
            source = "grant-v3.md, RING-7, SEC-15")
    @Needs(granter = "translated")
    void givenBack(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        long gfn = granter.kernel().frameOf(ring.entry(0));
        long frame = granter.domain().physicalMap().machineFrame(gfn);
        Expect.rc(1, granter.call(ReservationCall.decrease(gfn)).rc());
        use(world, tree, 4);
        Expect.equal("owner", World.GRANTER, frames.owner(frame));
        Expect.equal("prod", 1, (int) header(granter, ring, V3RingHeader.PROD));
        Expect.okay(tree.destroy());
        Expect.okay(granter.call(removal(ring.id())));
        Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(frame));
    }

    @Clause(
            id = "RING-16",
            promise =
                    "While a granter reads and says nonsense about how far it is, leaves whose last use ended are in the"
                            + " ring, or their tree is dirty.",
            source = "grant-v3.md, I9, RING-11, RING-12")
    void noneIsLost(World world) {
        int rounds = 600;
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        Party grantee = world.grantee();
        Party granter = world.granter();
        for (int index = 0; index < OwnTree.SPAN; index++) {
            tree.grant(index, PAGE, WATCHED);
        }
        BitSet told = new BitSet();
        Event event = new Event();
        long cons = ring.header(V3RingHeader.CONS);
        long nonsense = world.random().nextLong();
        Race.run(
                () -> {
                    for (int n = 0; n < rounds; n++) {
                        V3Answer mapped = tree.map(grantee, n % OwnTree.SPAN, SLOT, 0);
                        Expect.okay(mapped);
                        Expect.okay(OwnTree.unmap(grantee, mapped));
                    }
                },
                () -> {
                    for (int n = 0; n < rounds; n++) {
                        if ((nonsense >>> n % Long.SIZE & 1) != 0) {
                            granter.store(cons, 1L << (Integer.SIZE - 1) | n);
                        }
                        if (ring.next(event)) {
                            told.set((int) event.first, (int) (event.first + event.count));
                        }
                        Thread.onSpinWait();
                    }
                });
        while (ring.next(event)) {
            told.set((int) event.first, (int) (event.first + event.count));
        }
        boolean dirty = ring.takeDirty().get((int) tree.slot());
        Expect.holds(
                "each is told, or the tree is dirty", dirty || told.nextClearBit(0) >= Math.min(rounds, OwnTree.SPAN));
        long lost = header(granter, ring, V3RingHeader.LOST);
        long prod = Integer.toUnsignedLong((int) header(granter, ring, V3RingHeader.PROD));
        Expect.equal("events that were written or counted as lost", rounds, prod + lost);
        Expect.holds("lost and dirty agree", lost != 0 == dirty);
    }

    // ---- v3_grantee_ctl

    private static V3Call control(int flags, int granter) {
        return V3Call.of(V3Form.GRANTEE_CTL).with(V3Head.FLAGS, flags).with(V3GranteeCtl.GRANTER, granter);
    }

    @Clause(
            id = "RING-17",
            promise = "v3_grantee_ctl refuses what is not announced, fields without their flag, granters that are not"
                    + " there, rings of the other kind and those that serve another.",
            source = "grant-v3.md, FAULT-1 to FAULT-5, FAULT-8")
    void control(World world) {
        Party grantee = world.grantee();
        EventRing ring = granteeRing(world);
        int set = V3GranteeCtl.RING_SET;
        int share = V3GranteeCtl.SHARE_SET;
        Expect.status(Status.UNSUPPORTED, grantee.call(control(1 << 5, 0)));
        Expect.okay(grantee.call(control(0, 0)));
        Expect.okay(grantee.call(control(V3GranteeCtl.FAULT_MODE_SET, 0)));
        Expect.status(Status.INVAL, grantee.call(control(0, World.GRANTER)));
        Expect.status(Status.INVAL, grantee.call(control(0, 0).with(V3GranteeCtl.FAULT_MODE, V3GranteeCtl.INJECT)));
        Expect.status(Status.INVAL, grantee.call(control(set, World.GRANTER).with(V3GranteeCtl.SHARE, 1)));
        Expect.status(Status.INVAL, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.RING_ID, 1)));
        Expect.status(Status.INVAL, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.RESERVE_PAGES, 1)));
        Expect.status(Status.INVAL, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.LEGACY_FATES, 1)));
        Expect.status(
                Status.UNSUPPORTED,
                grantee.call(control(V3GranteeCtl.FAULT_MODE_SET | set, NOT_THERE)
                        .with(V3GranteeCtl.FAULT_MODE, V3GranteeCtl.INJECT)));
        Expect.status(Status.BAD_DOMAIN, grantee.call(control(set, NOT_THERE).with(V3GranteeCtl.RING_ID, NOT_THERE)));
        Expect.status(
                Status.BAD_HANDLE, grantee.call(control(set, World.GRANTER).with(V3GranteeCtl.RING_ID, NOT_THERE)));
        world.third();
        Expect.status("status of a second granter", Status.BUSY, ring.serve(World.THIRD));
        Expect.status("status of the same granter", Status.OKAY, ring.serve(World.GRANTER));
        EventRing other = EventRing.register(grantee.kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of another ring for it", Status.OKAY, other.serve(World.GRANTER));
        Expect.status("status of a second granter", Status.OKAY, ring.serve(World.THIRD));

        world.step("the share");
        Toolstack.of(world).quota(World.GRANTEE, 0, 5, 100);
        Expect.status(Status.QUOTA, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.SHARE, 6)));
        Expect.okay(grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.SHARE, 1)));
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        tree.grant(0, PAGE, OwnTree.WRITABLE);
        Expect.okay(tree.map(grantee, 0, SLOT, 0));
        Expect.status(Status.QUOTA, tree.map(grantee, 0, SLOT + 1, 0));
        Expect.okay(grantee.call(control(share, World.GRANTER)));
        Expect.okay(tree.map(grantee, 0, SLOT + 1, 0));
    }
}
