package grantlab.conformance.clause;

import static grantlab.conformance.clause.DownForms.downgrade;
import static grantlab.conformance.clause.DownForms.expectDowngraded;
import static grantlab.conformance.clause.DownForms.frames;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** What v3_set_access does: nobody writes any more, and the type goes. */
@Needs(format = "layout-tree")
final class DownEffects {
    private static final String SOURCE = "grant-v3.md, 8.3";
    private static final int INDEX = 5;
    private static final long MARKS = V3Entry.MAPPED_R | V3Entry.MAPPED_W | V3Entry.W_SEEN | V3Entry.W;
    private static final long READ_AND_WRITTEN = V3Entry.MAPPED_R | V3Entry.W_SEEN;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_DOWNGRADE;
    private static final int READ = 0;
    private static final int RUN = 16;
    private static final int GOES_ON = 6;
    private static final int MAPPINGS = 64;
    private static final long PRESENT_WRITABLE = 7;
    private static final long PRESENT_READABLE = 5;

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

    @Clause(
            id = "DOWN-17",
            promise =
                    "Pages of a run are asked each for itself: while one of them is written by somebody who did not agree, its leaf is"
                            + " not made read-only, and with the end of that mapping it is.",
            source = "grant-v3.md, DOWN-4; MAP-35")
    void runThatInsists(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < RUN; n++) {
            tree.grant(n, n, V3Entry.W);
        }
        V3Answer run =
                grantee.call(driver.mapping(tree.ref(0), 0).and(V3Map.WRITE).with(V3Map.COUNT, RUN));
        Expect.okay(run);
        for (int n = 0; n < RUN; n++) {
            Expect.status(Status.NOT_REVOCABLE, world.granter().call(downgrade(tree, n, 1)));
            grantee.store(grantee.slot(n), n);
        }
        Expect.okay(grantee.call(TreeDriver.unmapping(run.get(V3Map.HANDLE), 3, 1)));
        expectDowngraded(world, downgrade(tree, 3, 1));
        Expect.status(Status.NOT_REVOCABLE, world.granter().call(downgrade(tree, 0, RUN)));
        Expect.okay(grantee.call(TreeDriver.unmapping(run.get(V3Map.HANDLE), 0, 3)));
        Expect.okay(grantee.call(TreeDriver.unmapping(run.get(V3Map.HANDLE), 4, RUN - 4)));
        expectDowngraded(world, downgrade(tree, 0, RUN));
        V3Answer agreed = grantee.call(driver.mapping(tree.ref(0), 0).and(READ).with(V3Map.COUNT, RUN));
        Expect.okay(agreed);
        expectDowngraded(world, downgrade(tree, 0, RUN));
        driver.letGo(agreed);
    }

    @Clause(
            id = "DOWN-18",
            promise =
                    "A call that says how far it came before goes on from there: who writes what lies before need not agree and goes on; and"
                            + " it says how far it came.",
            source = "grant-v3.md, section 1; DOWN-4; v3_set_access: done")
    void goesOn(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        List<V3Answer> mapped = new ArrayList<>();
        for (int n = 0; n < RUN; n++) {
            tree.grant(n, n, V3Entry.W);
            mapped.add(driver.hold(tree.ref(n), n, n < GOES_ON ? V3Map.WRITE : WRITE));
        }
        int first = GOES_ON - 2;
        V3Answer answer =
                world.granter().call(downgrade(tree, first, RUN - first - 1).with(V3SetAccess.DONE, 2));
        Expect.okay(answer);
        Expect.equal("pages done", RUN - first - 1, answer.get(V3SetAccess.DONE));
        for (int n = 0; n < RUN; n++) {
            boolean down = n >= GOES_ON && n < RUN - 1;
            Expect.bits(
                    "leaf " + n, V3Entry.W | V3Entry.MAPPED_W, down ? 0 : V3Entry.W | V3Entry.MAPPED_W, tree.get(n));
        }
        Expect.status(
                Status.NOT_REVOCABLE,
                world.granter().call(downgrade(tree, first, RUN - first - 1).with(V3SetAccess.DONE, 1)));
        mapped.forEach(driver::letGo);
    }

    @Clause(
            id = "DOWN-19",
            promise =
                    "A leaf with more mappings than one slice of work is made read-only with all of them, wherever among them those are that"
                            + " write, and each is unmapped by its handle as before.",
            source = SOURCE + "; grant-v3.md, section 1")
    void moreThanASlice(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        IntPredicate[] writers = {n -> true, n -> n % 32 == 0, n -> n % 32 == 31, n -> n >= 34, n -> n == 0};
        for (IntPredicate writes : writers) {
            RawTree tree = RawTree.of(world).forDevices();
            tree.grant(INDEX, 3, V3Entry.W);
            V3Answer[] mapped = new V3Answer[MAPPINGS];
            for (int n = 0; n < MAPPINGS; n++) {
                mapped[n] = driver.hold(tree.ref(INDEX), n, writes.test(n) ? WRITE : READ);
            }
            world.granter().store(world.granter().page(3), 9);
            expectDowngraded(world, downgrade(tree, INDEX, 1));
            for (int n = 0; n < MAPPINGS; n++) {
                Sight.readOnly(grantee, grantee.slot(n), 9);
            }
            Expect.equal("use of the entry for writing", 0, tree.get(INDEX) & V3Entry.MAPPED_W);
            world.machine().checkInvariants();
            for (V3Answer one : mapped) {
                driver.letGo(one);
            }
            Expect.equal("use of the entry", 0, tree.get(INDEX) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
        }
    }
}
