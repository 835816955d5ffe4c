package grantlab.conformance.clause;

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
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
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

/** v3_revoke: a granter gets its pages back from a grantee that does nothing for it. */
@Needs(format = "layout-tree")
@Concerns({Member.IOMMU, Member.SEARCH})
public final class RevokeClauses implements ClauseFamily {
    private static final String SOURCE = "grant-v3.md, 8.2";
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int READ = V3Map.ACCEPT_FAULT;
    private static final long COOKIE = 0x7265_766f_6b65_2121L;
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int TURNS = 60;
    private static final long PRESENT_WRITABLE = 7;

    /** For ServiceLoader. */
    public RevokeClauses() {}

    @Override
    public String prefix() {
        return "REVOKE";
    }

    @Override
    public String title() {
        return "Taking back by force";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new RevokeFates(), new RevokeDeaths(), new RevokeRequests(), new RevokeLater(), new RevokeSinks());
    }

    // ---- what clauses do

    static RawTree revocable(World world) {
        world.step("the granter makes a tree of which everything may be taken back");
        return RawTree.of(world.granter(), RawTree.creation(world).and(V3TreeCreate.REVOCABLE_ONLY))
                .forDevices();
    }

    static V3Call revocation(RawTree tree, long first, long count) {
        return tree.naming(V3Form.REVOKE)
                .and(V3Revoke.FORCE)
                .with(V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH)
                .with(V3Revoke.FIRST, first)
                .with(V3Revoke.COUNT, count)
                .with(V3Revoke.COOKIE, COOKIE);
    }

    private static V3Call revocationOfAll(RawTree tree) {
        return revocation(tree, 0, 0).and(V3Revoke.WHOLE_TREE);
    }

    static void expectTaken(World world, V3Call revocation, int mappings) {
        V3Answer answer = world.granter().call(revocation);
        Expect.okay(answer);
        Expect.equal("mappings removed", mappings, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("mappings replaced", 0, answer.get(V3Revoke.REPLACED));
        Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
    }

    /** By exhaustive search: nobody but the granter reaches a page of its. */
    static void expectPrivate(World world, int... pages) {
        for (int page : pages) {
            expectPrivateFrame(world, world.granter().machineFrame(page));
        }
    }

    private static void expectPrivateFrame(World world, long frame) {
        Reachability.expectPrivate(world, World.GRANTER, frame);
    }

    static void expectDead(RawTree tree, long index) {
        long word = tree.get(index);
        Expect.equal("type of the entry", V3Entry.TOMBSTONE, word & V3Entry.TYPE_MASK);
        Expect.equal("use of the entry", 0, word & IN_USE);
        Expect.equal("what is left to be acknowledged", V3Entry.ATTACHED, word & V3Entry.ATTACHED);
    }

    static void expectFree(RawTree tree, long index) {
        long word = tree.get(index);
        Expect.equal("type of the entry", V3Entry.TOMBSTONE, word & V3Entry.TYPE_MASK);
        Expect.equal("use of the entry", 0, word & (IN_USE | V3Entry.ATTACHED));
    }

    // ---- the heart of it

    @Clause(
            id = "REVOKE-01",
            promise =
                    "A page comes back from a grantee that never unmaps: no place of it leads there any more, the granter"
                            + " sees the entry unused, and the page has the references that it had before.",
            source = SOURCE)
    void takesBack(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        long frame = world.granter().machineFrame(3);
        long before = world.machine().frames().references(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer mapped = new TreeDriver(grantee).hold(tree.ref(INDEX), 0, WRITE);
        grantee.store(grantee.slot(0), 0xabcdL);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world, 3);
        Sight.nothing(grantee, grantee.slot(0));
        Expect.equal("references of the page", before, world.machine().frames().references(frame));
        Expect.equal(
                "what the granter reads",
                0xabcdL,
                world.granter().load(world.granter().page(3)));
        expectDead(tree, INDEX);
        world.machine().checkInvariants();
        new TreeDriver(grantee).letGo(mapped);
        expectFree(tree, INDEX);
    }

    @Clause(
            id = "REVOKE-02",
            promise = "Nothing new begins where something was taken: map and copy answer that it was revoked.",
            source = "grant-v3.md, 8.2, phase 1; MAP-27")
    void nothingNew(World world) {
        RawTree tree = revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world, 3);
        Expect.status(Status.REVOKED, driver.map(tree.ref(INDEX), 1, READ));
        Expect.status(Status.REVOKED, world.grantee().call(driver.copying(tree.ref(INDEX), 0, Long.BYTES)));
        driver.letGo(mapped);
        Expect.status(Status.REVOKED, driver.map(tree.ref(INDEX), 1, READ));
        world.step("the granter grants the index anew");
        tree.grant(INDEX, 4, V3Entry.W);
        driver.letGo(driver.hold(tree.ref(INDEX), 1, WRITE));
    }

    @Clause(
            id = "REVOKE-03",
            promise =
                    "What was taken is acknowledged by v3_unmap, whole or in parts: it succeeds once, frees the record, and"
                            + " touches nothing that stands at the place by then.",
            source = "grant-v3.md, 8.2, phase 7")
    void acknowledged(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 8; n++) {
            tree.grant(n, n, V3Entry.W);
        }
        tree.grant(100, 9, V3Entry.W);
        V3Answer mapped = grantee.call(driver.mapping(tree.ref(0), 0).and(WRITE).with(V3Map.COUNT, 8));
        Expect.okay(mapped);
        long records = world.machine().charges(grantee.domid()).records();
        expectTaken(world, revocation(tree, 2, 3), 3);
        expectPrivate(world, 2, 3, 4);
        Expect.equal(
                "records", records, world.machine().charges(grantee.domid()).records());
        world.step("the grantee uses the place for something else");
        V3Answer other = driver.hold(tree.ref(100), 3, WRITE);
        grantee.store(grantee.slot(3), 77);
        V3Answer part = grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 3, 1));
        Expect.okay(part);
        Expect.equal(
                "records", records, world.machine().charges(grantee.domid()).records());
        expectFree(tree, 3);
        expectDead(tree, 2);
        expectDead(tree, 4);
        Expect.status(Status.BAD_HANDLE, grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 3, 1)));
        V3Answer rest = grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 0, 3));
        Expect.okay(rest);
        Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 4, 4)));
        Expect.status(Status.STALE, grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 0, 8)));
        Sight.value(grantee, grantee.slot(3), 77);
        driver.letGo(other);
        for (int n = 2; n < 5; n++) {
            expectFree(tree, n);
        }
    }

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
            id = "REVOKE-06",
            promise =
                    "A range of many leaves goes as a whole, each with all of its mappings, however many slices that takes; and"
                            + " only the range goes.",
            source = "grant-v3.md, 8.2, phases 3 to 5")
    void manyLeaves(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 30; n++) {
            tree.grant(n, n % 20, V3Entry.W);
        }
        V3Answer[] mapped = new V3Answer[64];
        for (int slot = 0; slot < mapped.length; slot++) {
            // Leaf 7 alone has more mappings than one slice.
            int index = slot < 40 ? 7 : slot - 40;
            mapped[slot] = driver.hold(tree.ref(index), slot, slot % 2 == 0 ? WRITE : READ);
        }
        expectTaken(world, revocation(tree, 0, 20), 40 + 20);
        for (int slot = 0; slot < 60; slot++) {
            Sight.nothing(grantee, grantee.slot(slot));
        }
        for (int slot = 60; slot < 64; slot++) {
            Expect.equal("vector", 0, grantee.tryLoad(grantee.slot(slot)));
        }
        for (int page = 4; page < 20; page++) {
            expectPrivate(world, page);
        }
        world.machine().checkInvariants();
        expectTaken(world, revocation(tree, 0, 20), 0);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        for (int n = 0; n < 20; n++) {
            expectFree(tree, n);
        }
    }

    @Clause(
            id = "REVOKE-07",
            promise =
                    "The whole tree goes by one call: every mapping, and whoever maps through it afterwards is told so.",
            source = "grant-v3.md, WHOLE_TREE; MAP-12")
    void wholeTree(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer[] mapped = new V3Answer[40];
        for (int n = 0; n < mapped.length; n++) {
            tree.grant(3L * n, n % 20, V3Entry.W);
            mapped[n] = driver.hold(tree.ref(3L * n), n, WRITE);
        }
        tree.grant(400, 3, V3Entry.W);
        expectTaken(world, revocationOfAll(tree), mapped.length);
        for (int page = 0; page < 20; page++) {
            expectPrivate(world, page);
        }
        Expect.status(Status.REVOKED, driver.map(tree.ref(400), 50, WRITE));
        Expect.status(Status.REVOKED, world.grantee().call(driver.copying(tree.ref(400), 0, Long.BYTES)));
        expectTaken(world, revocationOfAll(tree), 0);
        world.step("the tree can be destroyed when all is acknowledged");
        V3Call destruction = tree.naming(V3Form.TREE_DESTROY);
        Expect.status(Status.BUSY, world.granter().call(destruction));
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        Expect.okay(world.granter().call(destruction.with(V3TreeDestroy.DONE, 0)));
    }

    @Clause(
            id = "REVOKE-08",
            promise = "A grantee that dies with something to acknowledge leaves nothing behind.",
            source = "grant-v3.md, 8.2, phase 7; I8")
    void granteeDies(World world) {
        RawTree tree = revocable(world);
        for (int n = 0; n < 4; n++) {
            tree.grant(n, n, V3Entry.W);
            new TreeDriver(world.grantee()).hold(tree.ref(n), n, WRITE);
        }
        expectTaken(world, revocation(tree, 1, 2), 2);
        expectPrivate(world, 1, 2);
        world.destroy(world.grantee());
        expectFree(tree, 1);
        expectFree(tree, 2);
        Expect.equal("use of the others", 0, (tree.get(0) | tree.get(3)) & IN_USE);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-09",
            promise =
                    "What a granter that dies took back is free at once, though nothing was acknowledged; of it itself no more"
                            + " is left than the nodes of the tree, until then.",
            source = "grant-v3.md, 8.2")
    void granterDies(World world) {
        RawTree tree = revocable(world);
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        long frame = world.granter().machineFrame(3);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world, 3);
        int granter = world.granter().domid();
        world.destroy(world.granter());
        Expect.equal(
                "owner of the page",
                FrameTable.NO_OWNER,
                world.machine().frames().owner(frame));
        Expect.holds("the tree is all that is left", world.machine().frames().pages(granter) <= tree.levels());
        driver.letGo(mapped);
        world.machine().checkInvariants();
    }

    @Needs(format = "large-leaves", granter = "translated", grantee = "large-mappings")
    @Clause(
            id = "REVOKE-10",
            promise = "A large leaf is the unit: it goes as a whole, and a range that cuts one is refused.",
            source = "grant-v3.md, 8.1; REVOKE-10")
    void largeLeaf(World world) {
        RawTree tree = revocable(world);
        long block = world.granter().kernel().allocatePages(Page.ORDER_2M);
        tree.put(2, 512, RawTree.leaf(world.granter().kernel().frameOf(block), V3Entry.W | V3Entry.DEV));
        Party grantee = world.grantee();
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer whole = grantee.call(driver.mapping(tree.ref(512), 0)
                .and(WRITE)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, 512)
                .with(V3Map.ORDER_REQ, Page.ORDER_2M));
        Expect.okay(whole);
        V3Answer page = driver.hold(tree.ref(512 + 9), 0, READ);
        for (V3Call cut :
                new V3Call[] {revocation(tree, 513, 1), revocation(tree, 500, 20), revocation(tree, 1000, 100)}) {
            Expect.status(Status.BAD_SIZE, world.granter().call(cut));
        }
        grantee.store(slot, 5);
        long first = world.granter().domain().physicalMap().machineFrame(Page.frame(block));
        expectTaken(world, revocation(tree, 512, 512), 2);
        for (int offset = 0; offset < 512; offset++) {
            expectPrivateFrame(world, first + offset);
        }
        Sight.nothing(grantee, slot);
        Sight.nothing(grantee, slot + Page.address(511));
        Sight.nothing(grantee, grantee.slot(0));
        world.machine().checkInvariants();
        driver.letGo(whole);
        Expect.equal("what is left to be acknowledged", V3Entry.ATTACHED, tree.get(2, 512) & V3Entry.ATTACHED);
        driver.letGo(page);
        Expect.equal("what is left to be acknowledged", 0, tree.get(2, 512) & V3Entry.ATTACHED);
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

    @Clause(
            id = "REVOKE-13",
            promise =
                    "A grantee that maps and unmaps all the time keeps nothing: when the call returns the page is the granter's"
                            + " alone.",
            source = "grant-v3.md, 8.2; I6")
    void againstABusyGrantee(World world) {
        RawTree tree = revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame = world.granter().machineFrame(3);
        long before = world.machine().frames().references(frame);
        Race.run(
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer mapped = driver.map(tree.ref(INDEX), 0, turn % 2 == 0 ? WRITE : READ);
                        if (mapped.get(V3Map.STATUS) == 0) {
                            V3Answer unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            while (status(unmapped, V3Unmap.STATUS) == Status.EAGAIN) {
                                unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            }
                            Expect.okay(unmapped);
                        }
                    }
                },
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        if ((tree.get(INDEX) & (IN_USE | V3Entry.ATTACHED)) == 0) {
                            tree.grant(INDEX, 3, V3Entry.W);
                        }
                        V3Answer answer = world.granter().call(revocation(tree, INDEX, 1));
                        if (status(answer, V3Revoke.STATUS) != Status.UNSTABLE) {
                            Expect.okay(answer);
                            expectPrivate(world, 3);
                            Expect.equal("use of the entry", 0, tree.get(INDEX) & IN_USE);
                            Expect.equal(
                                    "references of the page",
                                    before,
                                    world.machine().frames().references(frame));
                        }
                    }
                });
        world.machine().checkInvariants();
    }

    private static int status(V3Answer answer, int field) {
        return (int) answer.get(field);
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "REVOKE-14",
            promise =
                    "An entry of a page table that its guest overwrote is let be; the reference that it had is gone once.",
            source = "grant-v3.md, 8.2, phase 3")
    void overwrittenEntry(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        long frame = world.granter().machineFrame(3);
        long before = world.machine().frames().references(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
        grantee.store(grantee.slot(0), 99);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world, 3);
        Expect.equal("references of the page", before, world.machine().frames().references(frame));
        Sight.value(grantee, grantee.slot(0), 99);
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(0), 99);
        world.machine().checkInvariants();
    }
}
