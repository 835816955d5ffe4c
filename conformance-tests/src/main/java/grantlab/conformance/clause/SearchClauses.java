package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectTaken;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.EventRing;

/** What a revocation finds, wherever it stands, and what it tells of what is nobody's grant; by either search. */
@Needs(format = "layout-tree")
@Concerns({Member.SEARCH, Member.IOMMU})
public final class SearchClauses implements ClauseFamily {
    private static final String SOURCE = "grant-v3.md, 8.2, How mappings are found";
    private static final int INDEX = 5;
    private static final int MODEL = 7;
    private static final int REFERENCE = FlatReferences.REF;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int PAGE = 3;
    private static final int TABLE_PAGE = 20;
    private static final int ENTRY = 3;
    private static final int FIRST_LINK = 100;
    private static final int SPAN_SHIFT = 21;
    private static final long LINK_FLAGS = 0x27;

    /** For ServiceLoader. */
    public SearchClauses() {}

    @Override
    public String prefix() {
        return "SEARCH";
    }

    @Override
    public String title() {
        return "Finding what is taken back";
    }

    private static void expectPrivate(World world) {
        Reachability.expectPrivate(world, World.GRANTER, world.granter().machineFrame(PAGE));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "SEARCH-01",
            promise =
                    "A mapping in a page table that no root reaches is found, and one that is seen at two addresses because its"
                            + " table is linked twice goes at both.",
            source = SOURCE)
    void strangeTables(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        tree.grant(INDEX, PAGE, V3Entry.W);
        long table = grantee.machineFrame(TABLE_PAGE);
        Expect.rc(0, grantee.updateEntry(grantee.page(TABLE_PAGE), 0));
        Expect.holds("it is a page table", frames.getType(table, FrameTable.TYPE_L1));
        long place = Page.address(table) + (long) ENTRY * Long.BYTES;
        TreeDriver driver = new TreeDriver(grantee);
        V3Call byEntry =
                driver.mapping(tree.ref(INDEX), 0).with(V3Map.DEST, place).and(WRITE);

        V3Answer mapped = grantee.call(byEntry);
        Expect.okay(mapped);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world);
        Expect.equal("the entry", 0, world.machine().memory().load64(place));
        driver.letGo(mapped);

        world.step("the table is linked twice");
        long upper = frames.nextOwned(World.GRANTEE, 0);
        while (frames.type(upper) != FrameTable.TYPE_L2) {
            upper = frames.nextOwned(World.GRANTEE, upper + 1);
        }
        for (int link = FIRST_LINK; link < FIRST_LINK + 2; link++) {
            Expect.holds("another use as a table", frames.getType(table, FrameTable.TYPE_L1));
            Expect.holds("another reference", frames.get(table, Page.ORDER_4K, World.GRANTEE));
            world.machine().memory().store64(link(upper, link), Page.address(table) | LINK_FLAGS);
        }
        long base = (grantee.page(0) & -(1L << 30)) | Page.address(ENTRY);
        long once = base + ((long) FIRST_LINK << SPAN_SHIFT);
        long again = base + ((long) (FIRST_LINK + 1) << SPAN_SHIFT);
        tree.grant(INDEX, PAGE, V3Entry.W);
        mapped = grantee.call(byEntry);
        Expect.okay(mapped);
        grantee.store(once, 7);
        Sight.value(grantee, again, 7);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        Sight.nothing(grantee, once);
        Sight.nothing(grantee, again);
        expectPrivate(world);
        driver.letGo(mapped);
        for (int link = FIRST_LINK; link < FIRST_LINK + 2; link++) {
            world.machine().memory().store64(link(upper, link), 0);
            frames.putType(table);
            frames.put(table, Page.ORDER_4K);
        }
        frames.putType(table);
        world.machine().checkInvariants();
    }

    private static long link(long table, int index) {
        return Page.address(table) + (long) index * Long.BYTES;
    }

    @Clause(
            id = "SEARCH-02",
            promise =
                    "What the grantee reaches by no grant stays and is told: the page is not private. All grants are taken all the"
                            + " same, of a range and of a whole tree, and without it the next call says that it is over.",
            source = "grant-v3.md, 8.2, Audit")
    void residue(World world) {
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer range = driver.hold(tree.ref(INDEX), 0, WRITE);
        mapForeign(world, 1);
        expectResidue(world, revocation(tree, INDEX, 1), 1);
        Sight.nothing(world.grantee(), world.grantee().slot(0));
        Sight.value(world.grantee(), world.grantee().slot(1), 0);
        driver.letGo(range);
        unmapForeign(world, 1);
        expectTaken(world, revocation(tree, INDEX, 1), 0);
        expectPrivate(world);

        tree.grant(INDEX, PAGE, V3Entry.W);
        V3Answer whole = driver.hold(tree.ref(INDEX), 0, WRITE);
        mapForeign(world, 1);
        expectResidue(world, revocation(tree, 0, 0).and(V3Revoke.WHOLE_TREE), 1);
        unmapForeign(world, 1);
        expectPrivate(world);
        driver.letGo(whole);
        world.machine().checkInvariants();

        world.step("a tree that is to go with all that is in use");
        RawTree other = revocable(world);
        V3Answer last = driver.hold(other.grant(INDEX, PAGE, V3Entry.W), 0, WRITE);
        mapForeign(world, 1);
        V3Call destruction = other.naming(V3Form.TREE_DESTROY).and(V3TreeDestroy.REVOKE);
        Expect.status(Status.RESIDUAL, world.granter().call(destruction));
        Sight.nothing(world.grantee(), world.grantee().slot(0));
        unmapForeign(world, 1);
        expectPrivate(world);
        Expect.okay(world.granter().call(destruction));
        driver.letGo(last);
        world.machine().checkInvariants();
    }

    private static void expectResidue(World world, V3Call revocation, int mappings) {
        V3Answer answer = world.granter().call(revocation);
        Expect.status(Status.RESIDUAL, answer);
        Expect.equal("mappings removed", mappings, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("result", V3Revoke.RESIDUAL_REFS, answer.get(V3Revoke.RESULT));
    }

    /** As a privileged domain does it: with a reference, and without any grant. */
    private static void mapForeign(World world, int slot) {
        mapForeign(world, slot, world.granter().machineFrame(PAGE));
    }

    private static void mapForeign(World world, int slot, long frame) {
        long address = world.grantee().slot(slot);
        Domain grantee = world.grantee().domain();
        Expect.holds("a reference", world.machine().frames().get(frame, Page.ORDER_4K, World.GRANTER));
        if (world.grantee().translated()) {
            grantee.physicalMap().set(Page.frame(address), frame, Page.ORDER_4K, PhysicalMap.FOREIGN);
        } else {
            Expect.rc(0, grantee.addressSpace().mapForeign(address, frame, Access.READ, new AddressSpace.Mapped()));
        }
    }

    private static void unmapForeign(World world, int slot) {
        unmapForeign(world, slot, world.granter().machineFrame(PAGE));
    }

    private static void unmapForeign(World world, int slot, long frame) {
        Party grantee = world.grantee();
        long address = grantee.slot(slot);
        if (grantee.translated()) {
            grantee.domain().physicalMap().clear(Page.frame(address), Page.ORDER_4K);
            grantee.domain().addressSpace().flush();
            world.machine().frames().put(frame, Page.ORDER_4K);
        } else {
            Expect.rc(0, grantee.updateEntry(address, 0));
        }
    }

    @Clause(
            id = "SEARCH-03",
            promise =
                    "A page that is granted at two indices is taken at the one that is asked for. The mapping of the other one stays,"
                            + " and is no residue.",
            source = SOURCE)
    void twoLeavesOfAPage(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer[] mapped = new V3Answer[4];
        for (int n = 0; n < mapped.length; n++) {
            tree.grant(INDEX + n % 2, PAGE, V3Entry.W);
        }
        for (int n = 0; n < mapped.length; n++) {
            mapped[n] = driver.hold(tree.ref(INDEX + n % 2), n, WRITE);
        }
        grantee.store(grantee.slot(0), 8);
        expectTaken(world, revocation(tree, INDEX, 1), 2);
        Sight.nothing(grantee, grantee.slot(0));
        Sight.nothing(grantee, grantee.slot(2));
        Sight.value(grantee, grantee.slot(1), 8);
        Sight.value(grantee, grantee.slot(3), 8);
        expectTaken(world, revocation(tree, INDEX + 1, 1), 2);
        expectPrivate(world);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        world.machine().checkInvariants();
    }

    @Needs(format = "large-leaves", granter = "translated")
    @Clause(
            id = "SEARCH-04",
            promise = "Of a large leaf each mapping is found, also of single pages anywhere within it.",
            source = SOURCE)
    void partsOfALargeLeaf(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        long block = world.granter().kernel().allocatePages(Page.ORDER_2M);
        tree.put(2, 512, RawTree.leaf(world.granter().kernel().frameOf(block), V3Entry.W | V3Entry.DEV));
        int[] offsets = {0, 1, 77, 255, 510, 511};
        V3Answer[] mapped = new V3Answer[offsets.length];
        for (int n = 0; n < offsets.length; n++) {
            mapped[n] = driver.hold(tree.ref(512 + offsets[n]), n, WRITE);
        }
        long first = world.granter().domain().physicalMap().machineFrame(Page.frame(block));
        expectTaken(world, revocation(tree, 512, 512), offsets.length);
        for (int n = 0; n < offsets.length; n++) {
            Sight.nothing(grantee, grantee.slot(n));
            Reachability.expectPrivate(world, World.GRANTER, first + offsets[n]);
            driver.letGo(mapped[n]);
        }
        world.machine().checkInvariants();
    }

    @Clause(
            id = "SEARCH-05",
            promise =
                    "A privileged grantee that has the page by its frame number too is told of, whatever format the grant has: the"
                            + " mapping of the grant is gone, the other stays, and when that is gone too the page is private.",
            source = "grant-v3.md, 8.2, Audit; SEC-19")
    void privilegedGrantee(World world) {
        Party model = world.boot(
                DomainConfig.usual(MODEL, world.combination().granteePaging().name())
                        .withPrivilege());
        TreeDriver driver = new TreeDriver(model);
        RawTree tree = RawTree.of(
                world.granter(),
                RawTree.creation(world).with(V3TreeCreate.PEER, MODEL).and(V3TreeCreate.REVOCABLE_ONLY));
        tree.grant(INDEX, PAGE, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        byPrivilege(world, model);
        expectResidue(world, revocation(tree, INDEX, 1), 1);
        expectKept(world, model);
        expectTaken(world, revocation(tree, INDEX, 1), 0);
        expectPrivate(world);
        driver.letGo(mapped);

        FlatReferences.agree(model);
        FlatVersions.inEither(world, version -> {
            world.step("a reference of version " + version);
            FlatVersions.grant(world, version, REFERENCE, MODEL, PAGE, 0);
            Mapped old = FlatReferences.map(model, REFERENCE, 0);
            V3Answer alias = driver.hold(REFERENCE, 2, WRITE);
            byPrivilege(world, model);
            expectResidue(world, FlatReferences.revocation(REFERENCE, 1), 2);
            Sight.nothing(model, model.slot(2));
            expectKept(world, model);
            expectPrivate(world);
            driver.letGo(alias);
            FlatReferences.unmap(model, old, 0);
        });
        world.machine().checkInvariants();
    }

    private static void byPrivilege(World world, Party model) {
        int answer = model.kernel().mapForeign(World.GRANTER, world.granter().pageFrame(PAGE), model.slot(1));
        Expect.equal("mapping by privilege", 0, answer);
    }

    /** What was a grant is gone, and the other mapping reaches the page until it ends. */
    private static void expectKept(World world, Party model) {
        Sight.nothing(model, model.slot(0));
        world.granter().store(world.granter().page(PAGE), 31);
        Sight.value(model, model.slot(1), 31);
        Expect.equal("the end of it", 0, model.kernel().unmapForeign(model.slot(1)));
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "SEARCH-06",
            promise = "With ASYNC residue is told where the end is told, for a range and for a whole tree.",
            source = "grant-v3.md, 8.2, phases 4 and 5")
    void residueLater(World world) {
        EventRing ring = RevokeLater.ring(world);
        RawTree tree = RevokeLater.tree(world, ring);
        tree.grant(INDEX, PAGE, V3Entry.W);
        V3Answer mapped = new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        mapForeign(world, 1);
        expectResidueLater(world, ring, RevokeLater.later(tree, INDEX, 1), mapped);
        tree.grant(INDEX, PAGE, V3Entry.W);
        mapped = new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        expectResidueLater(world, ring, RevokeLater.later(tree, 0, 0).and(V3Revoke.WHOLE_TREE), mapped);
        unmapForeign(world, 1);
        expectPrivate(world);
        world.machine().checkInvariants();
    }

    private static void expectResidueLater(World world, EventRing ring, V3Call revocation, V3Answer mapped) {
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        device.beginWrite(grantee.translated() ? grantee.slot(0) : mapped.get(V3Map.DEV_ADDR));
        V3Answer answer = world.granter().call(revocation);
        Expect.okay(answer);
        Expect.bits("result", V3Revoke.DRAIN_PENDING, V3Revoke.DRAIN_PENDING, answer.get(V3Revoke.RESULT));
        Expect.equal("fault of the write that was under way", 0, device.finishWrite(UnderWay.VALUE));
        RevokeLater.expectDone(ring, answer, 1, V3Revoke.RESIDUAL_REFS);
        new TreeDriver(grantee).letGo(mapped);
    }

    @Needs(format = "large-leaves", granter = "translated", iommu = DeviceSight.CONFINED)
    @Clause(
            id = "SEARCH-07",
            promise =
                    "Of a large leaf all pages are looked at for residue when devices have forgotten it, not those alone that were"
                            + " mapped.",
            source = "grant-v3.md, 8.2, phases 4 and 5")
    void residueOfALargeLeaf(World world) {
        EventRing ring = RevokeLater.ring(world);
        RawTree tree = RevokeLater.tree(world, ring);
        long block = world.granter().kernel().allocatePages(Page.ORDER_2M);
        tree.put(2, 512, RawTree.leaf(world.granter().kernel().frameOf(block), V3Entry.W | V3Entry.DEV));
        V3Answer mapped = new TreeDriver(world.grantee()).hold(tree.ref(512), 0, WRITE);
        long other = world.granter().domain().physicalMap().machineFrame(Page.frame(block)) + 99;
        mapForeign(world, 1, other);
        expectResidueLater(world, ring, RevokeLater.later(tree, 512, 512), mapped);
        unmapForeign(world, 1, other);
        world.machine().checkInvariants();
    }
}
