package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.List;

/** v3_map: runs of leaves, what a mapping holds, and many trees at once. */
@Needs(format = "layout-tree")
final class Map3Runs {
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    @Clause(
            id = "MAP3-17",
            promise = "A run maps consecutive indices at consecutive places, across nodes too, behind one handle.",
            source = "grant-v3.md, 7.1")
    void run(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        int pages = 16;
        long first = tree.levels() > 1 ? 512 - 9 : 512 - pages;
        for (int n = 0; n < pages; n++) {
            tree.grant(first + n, n, V3Entry.W | (long) (n + 1) % 16 << V3Entry.GEN_SHIFT);
            granter.store(granter.page(n), 100 + n);
        }
        V3Answer mapped = grantee.call(
                driver.mapping(tree.ref(first), 20).and(V3Map.WRITE).with(V3Map.COUNT, pages));
        Expect.okay(mapped);
        Expect.equal("pages", pages, mapped.get(V3Map.DONE));
        Expect.equal("order", Page.ORDER_4K, mapped.get(V3Map.ORDER_GOT));
        Expect.equal("generation of the first leaf", 1, mapped.get(V3Map.ENTRY_GEN));
        long device = grantee.translated() ? -1 : Page.address(granter.machineFrame(0));
        Expect.equal("address for devices", device, mapped.get(V3Map.DEV_ADDR));
        for (int n = 0; n < pages; n++) {
            Sight.value(grantee, grantee.slot(20 + n), 100 + n);
            grantee.store(grantee.slot(20 + n) + 8, 200 + n);
            Expect.equal("what the granter loads", 200 + n, granter.load(granter.page(n) + 8));
        }
        Sight.nothing(grantee, grantee.slot(19));
        Sight.nothing(grantee, grantee.slot(20 + pages));
        driver.letGo(mapped);
        for (int n = 0; n < pages; n++) {
            Sight.nothing(grantee, grantee.slot(20 + n));
            Expect.bits("leaf " + n, IN_USE, 0, tree.get(first + n));
        }
    }

    @Clause(
            id = "MAP3-18",
            promise =
                    "A run that fails in the midst keeps what was mapped: done counts it, the handle is for it, the status"
                            + " is the first failure's.",
            source = "grant-v3.md, 7.1")
    void partOfARun(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 8; n++) {
            tree.grant(n, n, V3Entry.W);
            granter.store(granter.page(n), 100 + n);
        }
        long hole = RawTree.leaf(Page.frame(granter.slot(0)), V3Entry.W);
        long readOnly = RawTree.leaf(granter.pageFrame(5), 0);
        long closed = readOnly | V3Entry.TOMBSTONE;
        long[] words = {0, hole, readOnly, closed};
        List<Integer> statuses = List.of(Status.BAD_GNTREF, Status.BAD_PAGE, Status.PERMISSION_DENIED, Status.REVOKED);
        for (int n = 0; n < words.length; n++) {
            tree.put(5, words[n]);
            V3Answer mapped =
                    grantee.call(driver.mapping(tree.ref(0), 0).and(V3Map.WRITE).with(V3Map.COUNT, 8));
            Expect.status(statuses.get(n), mapped);
            Expect.equal("pages", 5, mapped.get(V3Map.DONE));
            Expect.different("handle", 0, mapped.get(V3Map.HANDLE));
            Sight.value(grantee, grantee.slot(4), 104);
            Sight.nothing(grantee, grantee.slot(5));
            Sight.nothing(grantee, grantee.slot(6));
            Expect.bits("the leaf behind", IN_USE, 0, tree.get(6));
            driver.letGo(mapped);
            Sight.nothing(grantee, grantee.slot(4));
        }
    }

    @Clause(
            id = "MAP3-19",
            promise = "A run that reaches the limit of the tree, or of max_active, stops there with what it has.",
            source = "grant-v3.md, WALK-1, MAP-25, 7.1")
    void runToTheLimit(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 8; n++) {
            tree.grant(n, n, 0);
        }
        V3Call run = driver.mapping(tree.ref(0), 0).with(V3Map.COUNT, 8);
        V3Call limits = tree.naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.LIMITS);
        Expect.okay(granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, 6)));
        expectStops(driver, grantee.call(run), Status.BAD_GNTREF, 6);
        Expect.okay(granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, 8).with(V3TreeUpdate.MAX_ACTIVE, 4)));
        expectStops(driver, grantee.call(run), Status.QUOTA, 4);
        Expect.okay(granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, 8).with(V3TreeUpdate.MAX_MAPPINGS, 3)));
        expectStops(driver, grantee.call(run), Status.QUOTA, 3);
        Expect.okay(granter.call(limits.with(V3TreeUpdate.INDEX_LIMIT, 8)));
        expectStops(driver, grantee.call(run), Status.OKAY, 8);
    }

    private static void expectStops(TreeDriver driver, V3Answer mapped, int status, int done) {
        Expect.status(status, mapped);
        Expect.equal("pages", done, mapped.get(V3Map.DONE));
        driver.letGo(mapped);
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MAP3-20",
            promise =
                    "Each mapping holds one reference of its own on the page, the writing ones its type too; all of them go.",
            source = "grant-v3.md, MAP-30, I1")
    void holds(World world) {
        TreeDriver driver = new TreeDriver(world.grantee());
        RawTree tree = RawTree.of(world);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        long before = world.references(0);
        V3Answer[] mapped = new V3Answer[6];
        for (int n = 0; n < mapped.length; n++) {
            mapped[n] = driver.hold(ref, n, n % 2 == 0 ? 0 : V3Map.WRITE);
            Expect.equal("references", before + n + 1, world.references(0));
        }
        for (V3Answer each : mapped) {
            driver.letGo(each);
        }
        Expect.equal("references", before, world.references(0));
    }

    @Clause(
            id = "MAP3-21",
            promise = "A reader's mapping takes no store; a writer's takes it to the granter's page.",
            source = "grant-v3.md, 7.1, I11")
    void access(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = RawTree.of(world);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        granter.store(granter.page(0), 42);
        V3Answer reader = driver.hold(ref, 0, 0);
        V3Answer writer = driver.hold(ref, 1, V3Map.WRITE);
        Sight.readOnly(grantee, grantee.slot(0), 42);
        grantee.store(grantee.slot(1), 43);
        Sight.value(granter, granter.page(0), 43);
        driver.letGo(writer);
        Sight.readOnly(grantee, grantee.slot(0), 43);
        driver.letGo(reader);
    }

    @Clause(
            id = "MAP3-22",
            promise = "Trees of one granter are told apart by their slots: the same index is another page in each.",
            source = "grant-v3.md, 4")
    void manyTrees(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < 4; n++) {
            RawTree tree = RawTree.of(world);
            granter.store(granter.page(n), 100 + n);
            driver.hold(tree.grant(INDEX, n, 0), n, 0);
            Expect.equal("index", INDEX, V3Ref.index(tree.ref(INDEX)));
        }
        for (int n = 0; n < 4; n++) {
            Sight.value(grantee, grantee.slot(n), 100 + n);
        }
    }
}
