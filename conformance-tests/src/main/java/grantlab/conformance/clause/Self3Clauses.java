package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.FrameTable;
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

/** A domain that maps what it granted to itself, through a tree. */
@Needs(format = "layout-tree")
public final class Self3Clauses implements ClauseFamily {
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    /** For ServiceLoader. */
    public Self3Clauses() {}

    @Override
    public String prefix() {
        return "SELF3";
    }

    @Override
    public String title() {
        return "A domain's own grants through a tree";
    }

    private static RawTree toItself(World world) {
        return RawTree.of(world.granter(), RawTree.creation(world).with(V3TreeCreate.PEER, World.GRANTER));
    }

    @Clause(
            id = "SELF3-01",
            promise =
                    "A domain maps its own grant at one more place: the page stays where it was, with its number, and both"
                            + " places are the same memory.",
            source = "grant-v3.md, SELF-1 to SELF-3, SEC-11")
    void oneMorePlace(World world) {
        Party self = world.granter();
        TreeDriver driver = new TreeDriver(self);
        RawTree tree = toItself(world);
        FrameTable frames = world.machine().frames();
        long frame = self.machineFrame(0);
        long number = frames.machineToPhysical(frame);
        long pages = frames.pages(World.GRANTER);
        long references = world.references(0);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 7, V3Map.WRITE);
        self.store(self.slot(7), 42);
        Sight.value(self, self.page(0), 42);
        self.store(self.page(0), 43);
        Sight.value(self, self.slot(7), 43);
        Expect.equal("machine frame", frame, self.machineFrame(0));
        Expect.equal("number of the frame", number, frames.machineToPhysical(frame));
        Expect.equal("pages", pages, frames.pages(World.GRANTER));
        Expect.equal("references", references + 1, world.references(0));
        driver.letGo(mapped);
        Sight.nothing(self, self.slot(7));
        Sight.value(self, self.page(0), 43);
        Expect.equal("machine frame", frame, self.machineFrame(0));
        Expect.equal("number of the frame", number, frames.machineToPhysical(frame));
        Expect.equal("references", references, world.references(0));
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
    }

    @Clause(
            id = "SELF3-02",
            promise = "A reader's mapping of one's own page takes no store, though the page does.",
            source = "grant-v3.md, SELF-2")
    void readOnly(World world) {
        Party self = world.granter();
        TreeDriver driver = new TreeDriver(self);
        RawTree tree = toItself(world);
        long ref = tree.grant(INDEX, 0, 0);
        self.store(self.page(0), 42);
        Expect.status(Status.PERMISSION_DENIED, driver.map(ref, 7, V3Map.WRITE));
        V3Answer mapped = driver.hold(ref, 7, 0);
        Sight.readOnly(self, self.slot(7), 42);
        self.store(self.page(0), 43);
        Sight.readOnly(self, self.slot(7), 43);
        driver.letGo(mapped);
    }

    @Clause(
            id = "SELF3-03",
            promise = "Several places of one's own page come and go one by one, in any order.",
            source = "grant-v3.md, SELF-2")
    void several(World world) {
        Party self = world.granter();
        TreeDriver driver = new TreeDriver(self);
        RawTree tree = toItself(world);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        V3Answer[] mapped = new V3Answer[3];
        for (int n = 0; n < 3; n++) {
            mapped[n] = driver.hold(ref, n, V3Map.WRITE);
        }
        self.store(self.slot(2), 42);
        for (int n : new int[] {1, 0, 2}) {
            driver.letGo(mapped[n]);
            Sight.nothing(self, self.slot(n));
            Sight.value(self, self.page(0), 42);
        }
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
    }

    @Clause(
            id = "SELF3-04",
            promise =
                    "block-attach: a domain maps what it granted to a backend, while the backend has it too, and neither's"
                            + " end is the other's.",
            source = "grant-v3.md, SELF-1 to SELF-3")
    void blockAttach(World world) {
        Party self = world.granter();
        Party backend = world.grantee();
        TreeDriver own = new TreeDriver(self);
        TreeDriver theirs = new TreeDriver(backend);
        RawTree toBackend = RawTree.of(world);
        RawTree toSelf = toItself(world);
        long references = world.references(0);
        world.step("one page, granted in two trees");
        V3Answer backends = theirs.hold(toBackend.grant(INDEX, 0, V3Entry.W), 0, V3Map.WRITE);
        V3Answer selfs = own.hold(toSelf.grant(INDEX, 0, V3Entry.W), 7, V3Map.WRITE);
        self.store(self.slot(7), 42);
        Sight.value(backend, backend.slot(0), 42);
        backend.store(backend.slot(0), 43);
        Sight.value(self, self.slot(7), 43);
        Sight.value(self, self.page(0), 43);
        own.letGo(selfs);
        Sight.value(backend, backend.slot(0), 43);
        Sight.value(self, self.page(0), 43);
        Expect.bits("the backend's leaf", IN_USE, IN_USE, toBackend.get(INDEX));
        selfs = own.hold(toSelf.ref(INDEX), 7, V3Map.WRITE);
        theirs.letGo(backends);
        Sight.value(self, self.slot(7), 43);
        own.letGo(selfs);
        Expect.equal("references", references, world.references(0));
    }

    @Clause(
            id = "SELF3-05",
            promise = "The page that a domain gives back lives on in its own mapping until that is undone.",
            source = "grant-v3.md, SELF-2, I2")
    void givenBack(World world) {
        Party self = world.granter();
        TreeDriver driver = new TreeDriver(self);
        RawTree tree = toItself(world);
        FrameTable frames = world.machine().frames();
        long frame = self.machineFrame(0);
        self.store(self.page(0), 42);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 7, V3Map.WRITE);
        if (!self.translated()) {
            Expect.rc(0, self.updateEntry(self.page(0), 0));
        }
        Expect.rc(1, self.call(ReservationCall.decrease(self.pageFrame(0))).rc());
        Sight.value(self, self.slot(7), 42);
        Expect.equal("owner", World.GRANTER, frames.owner(frame));
        driver.letGo(mapped);
        Sight.nothing(self, self.slot(7));
        Expect.different("owner", World.GRANTER, frames.owner(frame));
    }

    @Clause(
            id = "SELF3-06",
            promise = "A tree to oneself is destroyed as every other: not while a leaf is in use.",
            source = "grant-v3.md, SELF-1, TREE-42")
    void destroyed(World world) {
        Party self = world.granter();
        TreeDriver driver = new TreeDriver(self);
        RawTree tree = toItself(world);
        V3Call destroy = tree.naming(V3Form.TREE_DESTROY);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, 0), 7, 0);
        Expect.status(Status.BUSY, self.call(destroy));
        world.step("the tree is the domain's alone");
        Expect.status(Status.BAD_TREE, new TreeDriver(world.grantee()).map(tree.ref(INDEX), 0, 0));
        driver.letGo(mapped);
        Expect.okay(self.call(destroy));
    }

    @Clause(
            id = "SELF3-07",
            promise = "A domain that dies with mappings of its own grants leaves nothing behind.",
            source = "grant-v3.md, SELF-2, SEC-10, I8")
    void dies(World world) {
        Party self = world.granter();
        TreeDriver driver = new TreeDriver(self);
        RawTree tree = toItself(world);
        long frame = self.machineFrame(0);
        driver.hold(tree.grant(INDEX, 0, V3Entry.W), 7, V3Map.WRITE);
        driver.hold(tree.grant(INDEX + 1, 0, 0), 8, 0);
        world.destroy(self);
        Expect.different("owner", World.GRANTER, world.machine().frames().owner(frame));
    }
}
