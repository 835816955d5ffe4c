package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;

/** v3_set_access, and W cleared by the granter alone: what could be written can only be read any more. */
@Needs(format = "layout-tree")
public final class DownClauses implements ClauseFamily {
    private static final String SOURCE = "grant-v3.md, 8.3";
    private static final int INDEX = 5;
    private static final long MARKS = V3Entry.MAPPED_R | V3Entry.MAPPED_W | V3Entry.W_SEEN | V3Entry.W;
    private static final long READ_AND_WRITTEN = V3Entry.MAPPED_R | V3Entry.W_SEEN;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_DOWNGRADE;
    private static final int READ = 0;
    private static final long COOKIE = 0x646f_776e_2121_2121L;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int TURNS = 60;
    private static final int SLICES = 200;
    private static final long PRESENT_WRITABLE = 7;
    private static final long PRESENT_READABLE = 5;

    /** For ServiceLoader. */
    public DownClauses() {}

    @Override
    public String prefix() {
        return "DOWN";
    }

    @Override
    public String title() {
        return "Read-write to read-only";
    }

    // ---- what clauses do

    static V3Call downgrade(RawTree tree, long first, long count) {
        return tree.naming(V3Form.SET_ACCESS)
                .with(V3SetAccess.ACCESS, V3SetAccess.READ_ONLY)
                .with(V3SetAccess.POLICY, V3SetAccess.POLICY_FAULT)
                .with(V3SetAccess.FIRST, first)
                .with(V3SetAccess.COUNT, count)
                .with(V3SetAccess.COOKIE, COOKIE);
    }

    private static void expectDowngraded(World world, V3Call call) {
        V3Answer answer = world.granter().call(call);
        Expect.okay(answer);
        Expect.equal("pages done", call.get(V3SetAccess.COUNT), answer.get(V3SetAccess.DONE));
    }

    private static FrameTable frames(World world) {
        return world.machine().frames();
    }

    // ---- the heart of it

    @Clause(
            id = "DOWN-01",
            promise =
                    "Every mapping of a leaf loses the right to write and keeps the right to read, at once and on every vCPU;"
                            + " the granter sees that nobody writes, and that somebody wrote.",
            source = SOURCE)
    void readOnly(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer writer = driver.hold(tree.ref(INDEX), 0, WRITE);
        V3Answer other = driver.hold(tree.ref(INDEX), 1, WRITE);
        V3Answer reader = driver.hold(tree.ref(INDEX), 2, READ);
        grantee.store(grantee.slot(0), 0xabcdL);
        grantee.store(grantee.slot(1), 0xbcdeL);
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        for (int slot = 0; slot < 3; slot++) {
            Sight.readOnly(grantee, grantee.slot(slot), 0xbcdeL);
        }
        Expect.bits("the entry", MARKS, READ_AND_WRITTEN, tree.get(INDEX));
        world.machine().checkInvariants();
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        driver.letGo(writer);
        driver.letGo(other);
        Expect.bits("the entry", MARKS, READ_AND_WRITTEN, tree.get(INDEX));
        driver.letGo(reader);
        Expect.bits("the entry", MARKS, V3Entry.W_SEEN, tree.get(INDEX));
        Expect.status(Status.PERMISSION_DENIED, driver.map(tree.ref(INDEX), 0, WRITE));
        driver.letGo(driver.hold(tree.ref(INDEX), 0, READ));
    }

    @Clause(
            id = "DOWN-02",
            promise =
                    "References: the page keeps those of its readers, and loses those on its type that its writers had.",
            source = "grant-v3.md, DOWN-6")
    void references(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame = world.granter().machineFrame(3);
        long before = frames(world).references(frame);
        long typesBefore = frames(world).typeUses(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer first = driver.hold(tree.ref(INDEX), 0, WRITE);
        V3Answer second = driver.hold(tree.ref(INDEX), 1, WRITE);
        long mapped = frames(world).references(frame);
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        Expect.equal("references of the page", mapped, frames(world).references(frame));
        Expect.equal("uses of its type", typesBefore, frames(world).typeUses(frame));
        driver.letGo(first);
        driver.letGo(second);
        Expect.equal("references of the page", before, frames(world).references(frame));
        Expect.equal("uses of its type", typesBefore, frames(world).typeUses(frame));
        world.machine().checkInvariants();
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "DOWN-03",
            promise =
                    "A page that nobody writes any more may become a page table of its owner, while it is still mapped to read.",
            source = "grant-v3.md, DOWN-6; SEC-14")
    void becomesAPageTable(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame = granter.machineFrame(3);
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        world.step("the granter maps the page only to read itself");
        Expect.rc(0, granter.updateEntry(granter.page(3), Page.address(frame) | PRESENT_READABLE));
        Expect.holdsNot("it is a page table, while the grantee writes", isPageTable(world, frame));
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        Expect.holds("it may be a page table", isPageTable(world, frame));
        Sight.readOnly(world.grantee(), world.grantee().slot(0), 0);
        driver.letGo(mapped);
        Expect.rc(0, granter.updateEntry(granter.page(3), Page.address(frame) | PRESENT_WRITABLE));
    }

    private static boolean isPageTable(World world, long frame) {
        boolean typed = frames(world).getType(frame, FrameTable.TYPE_L1);
        if (typed) {
            frames(world).putType(frame);
        }
        return typed;
    }

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
            id = "DOWN-05",
            promise =
                    "A range of many leaves goes as a whole, each with all of its mappings, however many slices that takes; and"
                            + " only the range goes.",
            source = SOURCE)
    void manyMappings(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 70; n++) {
            tree.grant(n, n % 20, V3Entry.W);
        }
        V3Answer[] mapped = new V3Answer[64];
        for (int slot = 0; slot < mapped.length; slot++) {
            // Leaf 67 alone has more mappings than one slice, and among its writers are readers.
            int index = slot < 44 ? 67 : slot - 44 + 40;
            mapped[slot] = driver.hold(tree.ref(index), slot, slot % 3 == 0 ? READ : WRITE);
        }
        expectDowngraded(world, downgrade(tree, 41, 27));
        for (int slot = 0; slot < mapped.length; slot++) {
            boolean inRange = slot != 44;
            Expect.equal("fault of a load", 0, grantee.tryLoad(grantee.slot(slot)));
            if (inRange) {
                Sight.readOnly(grantee, grantee.slot(slot), grantee.vcpu().value());
            } else {
                grantee.store(grantee.slot(slot), 5);
                Sight.value(grantee, grantee.slot(slot), 5);
            }
        }
        Expect.bits("entry 67", MARKS, READ_AND_WRITTEN, tree.get(67));
        Expect.bits("entry 40", MARKS, MARKS, tree.get(40));
        Expect.bits("entry 68", MARKS, V3Entry.W, tree.get(68));
        world.machine().checkInvariants();
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        for (int n = 0; n < 70; n++) {
            Expect.bits("entry " + n, V3Entry.MAPPED_R | V3Entry.MAPPED_W, 0, tree.get(n));
        }
        world.machine().checkInvariants();
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

    @Needs(format = "large-leaves", granter = "translated", grantee = "large-mappings")
    @Clause(
            id = "DOWN-08",
            promise =
                    "A mapping of a large leaf becomes read-only as a whole, and is not split; a range that cuts one is refused.",
            source = "grant-v3.md, DOWN-3")
    void largeLeaf(World world) {
        RawTree tree = RawTree.of(world);
        long block = world.granter().kernel().allocatePages(Page.ORDER_2M);
        tree.put(2, 512, RawTree.leaf(world.granter().kernel().frameOf(block), V3Entry.W));
        Party grantee = world.grantee();
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer whole = grantee.call(driver.mapping(tree.ref(512), 0)
                .and(WRITE)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, 512)
                .with(V3Map.ORDER_REQ, Page.ORDER_2M));
        Expect.okay(whole);
        V3Answer page = driver.hold(tree.ref(512 + 511), 0, WRITE);
        grantee.store(slot + Page.address(511), 5);
        for (V3Call cut :
                new V3Call[] {downgrade(tree, 513, 1), downgrade(tree, 500, 20), downgrade(tree, 1000, 100)}) {
            Expect.status(Status.BAD_SIZE, world.granter().call(cut));
        }
        expectDowngraded(world, downgrade(tree, 512, 512));
        Sight.readOnly(grantee, slot, 0);
        Sight.readOnly(grantee, slot + Page.address(511), 5);
        Sight.readOnly(grantee, grantee.slot(0), 5);
        Expect.bits("the entry", MARKS, READ_AND_WRITTEN, tree.get(2, 512));
        world.machine().checkInvariants();
        driver.letGo(whole);
        driver.letGo(page);
    }

    @Clause(
            id = "DOWN-09",
            promise =
                    "A granter whose leaf nobody writes clears W by itself, without a call: from then on nobody begins to write,"
                            + " and those who read go on.",
            source = "grant-v3.md, 3.3, rule (c); 8.3")
    void clearedByTheGranter(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer reader = driver.hold(tree.ref(INDEX), 0, READ);
        long word = tree.get(INDEX);
        Expect.bits("the entry", MARKS, V3Entry.MAPPED_R | V3Entry.W, word);
        long entry = tree.entry(1, INDEX);
        Expect.equal(
                "fault of the granter's own entry",
                0,
                granter.vcpu().compareAndExchange(entry, Long.BYTES, word, word & ~V3Entry.W));
        Expect.status(Status.PERMISSION_DENIED, driver.map(tree.ref(INDEX), 1, WRITE));
        driver.letGo(driver.hold(tree.ref(INDEX), 1, READ));
        Sight.readOnly(world.grantee(), world.grantee().slot(0), 0);
        Expect.bits("the entry", MARKS, V3Entry.MAPPED_R, tree.get(INDEX));
        driver.letGo(reader);
    }

    @Clause(
            id = "DOWN-10",
            promise =
                    "Against a grantee that maps to write and unmaps all the time: when the call has returned 0 nobody writes,"
                            + " and the type of the page is as it was.",
            source = "grant-v3.md, DOWN-5, DOWN-6; PIN-5")
    void againstABusyGrantee(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame = granter.machineFrame(3);
        long types = frames(world).typeUses(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        Race.run(
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer mapped = driver.map(tree.ref(INDEX), 0, turn % 4 == 0 ? READ : WRITE);
                        if (mapped.status() == Status.OKAY) {
                            world.grantee().tryStore(world.grantee().slot(0), turn);
                            V3Answer unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            while ((int) unmapped.get(V3Unmap.STATUS) == Status.EAGAIN) {
                                unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            }
                            Expect.okay(unmapped);
                        } else {
                            Expect.status(Status.PERMISSION_DENIED, mapped);
                        }
                    }
                },
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer answer = granter.call(downgrade(tree, INDEX, 1));
                        Expect.okay(answer);
                        Expect.equal("who writes", 0, tree.get(INDEX) & (V3Entry.MAPPED_W | V3Entry.W));
                        Expect.equal("uses of the type", types, frames(world).typeUses(frame));
                        long word = tree.get(INDEX);
                        granter.vcpu().compareAndExchange(tree.entry(1, INDEX), Long.BYTES, word, word | V3Entry.W);
                    }
                });
        world.machine().checkInvariants();
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "DOWN-11",
            promise =
                    "An entry of a page table that its guest overwrote is let be, and what it was made for counts as reading.",
            source = SOURCE)
    void overwrittenEntry(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        long frame = world.granter().machineFrame(3);
        long before = frames(world).references(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        grantee.store(grantee.slot(0), 99);
        Sight.value(grantee, grantee.slot(0), 99);
        Expect.bits("the entry", MARKS, READ_AND_WRITTEN, tree.get(INDEX));
        Expect.equal("references of the page", before, frames(world).references(frame));
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(0), 99);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "DOWN-12",
            promise =
                    "A tombstone that is in use, and an index that the granter emptied while it was in use, are downgraded as"
                            + " every leaf is.",
            source = SOURCE)
    void closedLeaves(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer closed = driver.hold(tree.grant(1, 3, V3Entry.W), 0, WRITE);
        V3Answer emptied = driver.hold(tree.grant(2, 4, V3Entry.W), 1, WRITE);
        tree.put(1, tree.get(1) | V3Entry.TOMBSTONE);
        tree.put(2, 0);
        expectDowngraded(world, downgrade(tree, 0, 4));
        Sight.readOnly(grantee, grantee.slot(0), 0);
        Sight.readOnly(grantee, grantee.slot(1), 0);
        Expect.bits("the tombstone", V3Entry.MAPPED_R | V3Entry.MAPPED_W, V3Entry.MAPPED_R, tree.get(1));
        driver.letGo(closed);
        driver.letGo(emptied);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "DOWN-13",
            promise = "A grantee that dies with what became read-only leaves nothing behind.",
            source = "grant-v3.md, I8")
    void granteeDies(World world) {
        RawTree tree = RawTree.of(world);
        long frame = world.granter().machineFrame(3);
        long before = frames(world).references(frame);
        long types = frames(world).typeUses(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        world.destroy(world.grantee());
        Expect.equal("references of the page", before, frames(world).references(frame));
        Expect.equal("uses of its type", types, frames(world).typeUses(frame));
        Expect.bits("the entry", MARKS, V3Entry.W_SEEN, tree.get(INDEX));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "DOWN-14",
            promise =
                    "What became read-only can be taken back like every other mapping, and v3_query announces downgrading.",
            source = "grant-v3.md, 8.2, 8.3, ABI-7")
    void takenBackAfterwards(World world) {
        V3Answer query = world.grantee().call(V3Call.of(V3Form.QUERY));
        Expect.bits("features", V3Query.DOWNGRADE, V3Query.DOWNGRADE, query.get(V3Query.FEATURES));
        RawTree tree = RevokeClauses.revocable(world);
        Party grantee = world.grantee();
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE | V3Map.ACCEPT_FAULT);
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        Sight.readOnly(grantee, grantee.slot(0), 0);
        RevokeClauses.expectTaken(world, RevokeClauses.revocation(tree, INDEX, 1), 1);
        Sight.nothing(grantee, grantee.slot(0));
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        world.machine().checkInvariants();
        driver.letGo(mapped);
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

    @Needs(iommu = {DeviceSight.CONFINED, DeviceSight.BUS})
    @Clause(
            id = "DOWN-16",
            promise =
                    "Where bus equals machine a device that remembers that it may write only reads any more, unless another leaf"
                            + " still lets it write to the page; with the last unmap it reaches nothing.",
            source = SOURCE + "; xen-semantics.md, 3.10")
    void devices(World world) {
        RawTree tree = RawTree.of(world).forDevices();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        PartyDevice device = grantee.device(0);
        tree.grant(1, 3, V3Entry.W);
        tree.grant(2, 3, V3Entry.W);
        V3Answer one = driver.hold(tree.ref(1), 0, WRITE);
        V3Answer other = driver.hold(tree.ref(2), 1, WRITE);
        long address = one.get(V3Map.DEV_ADDR);
        device.write(address, 7);
        expectDowngraded(world, downgrade(tree, 1, 1));
        device.write(address, 8);
        world.machine().checkInvariants();
        expectDowngraded(world, downgrade(tree, 2, 1));
        DeviceSight.expectReadOnly(device, address, 8);
        Sight.readOnly(grantee, grantee.slot(0), 8);
        world.machine().checkInvariants();
        driver.letGo(other);
        DeviceSight.expectReadOnly(device, address, 8);
        driver.letGo(one);
        DeviceSight.expectNothing(device, address);
        world.machine().checkInvariants();
    }
}
