package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectDead;
import static grantlab.conformance.clause.RevokeForms.expectFree;
import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.expectPrivateFrame;
import static grantlab.conformance.clause.RevokeForms.expectTaken;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;
import static grantlab.conformance.clause.RevokeForms.revocationOfAll;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** What v3_revoke takes: mappings of leaves, of many, of large ones, of whole trees. */
@Needs(format = "layout-tree")
@Concerns({Member.IOMMU, Member.SEARCH})
final class RevokeEffects {
    private static final String SOURCE = "grant-v3.md, 8.2";
    private static final int INDEX = 5;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int READ = V3Map.ACCEPT_FAULT;

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
        Expect.status(Status.REVOKED, driver.map(tree.ref(512 + 10), 1, READ));
        Expect.status(Status.REVOKED, grantee.call(driver.copying(tree.ref(512 + 10), 0, Long.BYTES)));
        driver.letGo(whole);
        Expect.equal("what is left to be acknowledged", V3Entry.ATTACHED, tree.get(2, 512) & V3Entry.ATTACHED);
        driver.letGo(page);
        Expect.equal("what is left to be acknowledged", 0, tree.get(2, 512) & V3Entry.ATTACHED);
    }

    @Clause(
            id = "REVOKE-59",
            promise =
                    "A leaf that its granter puts back by the same word while what was taken of it is not acknowledged grants nothing; with the"
                            + " acknowledgement it does.",
            source = "grant-v3.md, 8.2, phase 7; MAP-27")
    void putBack(World world) {
        RawTree tree = revocable(world);
        long ref = tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(ref, 0, WRITE);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        long references = world.references(3);
        tree.grant(INDEX, 3, V3Entry.W);
        Expect.status(Status.REVOKED, driver.map(ref, 1, WRITE));
        Expect.status(Status.REVOKED, world.grantee().call(driver.copying(ref, 0, Long.BYTES)));
        Expect.equal("references of the page", references, world.references(3));
        expectPrivate(world, 3);
        driver.letGo(mapped);
        driver.letGo(driver.hold(tree.grant(INDEX, 3, V3Entry.W), 0, WRITE));
    }
}
