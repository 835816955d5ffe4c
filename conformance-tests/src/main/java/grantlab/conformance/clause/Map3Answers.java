package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** What v3_map and its companions write into an element. */
@Needs(format = "layout-tree")
final class Map3Answers {
    private static final int INDEX = 5;
    private static final int GARBAGE = 7;
    private static final int PAGES = 16;

    @Clause(
            id = "MAP3-26",
            promise =
                    "An element that is refused says that nothing was done, whatever was in the fields of its answer before: by its"
                            + " form, its peer, its reference or its place.",
            source = "grant-v3.md, 7.1 and 7.2, out; ABI-16")
    void refusedElements(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        tree.grant(INDEX, 0, 0);
        V3Call map = driver.mapping(tree.ref(INDEX), 0)
                .with(V3Map.DONE, GARBAGE)
                .with(V3Map.HANDLE, GARBAGE)
                .with(V3Map.DEV_ADDR, GARBAGE);
        expectNothingMapped(Status.INVAL, grantee.call(map.with(V3Map.ZERO_60, 1)));
        expectNothingMapped(Status.BAD_DOMAIN, grantee.call(map.with(V3Map.PEER, 1234)));
        expectNothingMapped(Status.BAD_GNTREF, grantee.call(map.with(V3Map.REF, tree.ref(INDEX + 1))));
        expectNothingMapped(Status.PERMISSION_DENIED, grantee.call(map.and(V3Map.WRITE)));
        expectNothingMapped(Status.GENERAL_ERROR, grantee.call(map.with(V3Map.DEST, -Long.BYTES)));
        V3Answer unmapped =
                grantee.call(TreeDriver.unmapping(0x1234_5678_0000_0001L, 0, 1).with(V3Unmap.DONE, GARBAGE));
        Expect.equal("pages unmapped", 0, unmapped.get(V3Unmap.DONE));
        V3Answer copied =
                grantee.call(driver.copying(tree.ref(INDEX + 1), 0, Long.BYTES).with(V3Copy.DONE, GARBAGE));
        Expect.status(Status.BAD_GNTREF, copied);
        Expect.equal("bytes copied", 0, copied.get(V3Copy.DONE));
    }

    private static void expectNothingMapped(int status, V3Answer answer) {
        Expect.status(status, answer);
        Expect.equal("pages mapped", 0, answer.get(V3Map.DONE));
        Expect.equal("handle", 0, answer.get(V3Map.HANDLE));
        Expect.equal("address for devices", -1L, answer.get(V3Map.DEV_ADDR));
    }

    @Clause(
            id = "MAP3-27",
            promise =
                    "Of a run its first page's generation is told, and where machine addresses mean something its address, wherever it"
                            + " begins.",
            source = "grant-v3.md, 7.1, out; MAP-35")
    void firstPage(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world).forDevices();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < PAGES; n++) {
            tree.grant(n, n, generation(n));
        }
        for (int first = 0; first < PAGES - 1; first++) {
            V3Answer mapped = grantee.call(driver.mapping(tree.ref(first), 0).with(V3Map.COUNT, PAGES - first));
            Expect.okay(mapped);
            Expect.equal("generation of leaf " + first, first + 1, mapped.get(V3Map.ENTRY_GEN));
            long address = grantee.translated() ? -1 : Page.address(granter.machineFrame(first));
            Expect.equal("address for devices", address, mapped.get(V3Map.DEV_ADDR));
            driver.letGo(mapped);
        }
    }

    private static long generation(int n) {
        return (long) (n + 1) % PAGES << V3Entry.GEN_SHIFT;
    }

    @Clause(
            id = "MAP3-28",
            promise =
                    "An order is 0, 9 or 18, and the least is not above what is wanted: anything else is GNTST_bad_size, whatever the leaf is.",
            source = "grant-v3.md, MAP-4")
    void orders(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < PAGES; n++) {
            tree.grant(PAGES + n, n, 0);
        }
        V3Call map = driver.mapping(tree.ref(PAGES), 0).with(V3Map.COUNT, PAGES);
        V3Answer mapped = grantee.call(map.with(V3Map.ORDER_REQ, V3Map.BEST));
        Expect.okay(mapped);
        driver.letGo(mapped);
        // As many pages as are mapped, at a reference that fits.
        for (int order = 1; 1 << order <= PAGES; order++) {
            Expect.status(Status.BAD_SIZE, grantee.call(map.with(V3Map.ORDER_REQ, order)));
            Expect.status(
                    Status.BAD_SIZE,
                    grantee.call(map.with(V3Map.ORDER_REQ, V3Map.BEST).with(V3Map.ORDER_MIN, order)));
        }
        Expect.status(Status.BAD_SIZE, grantee.call(map.with(V3Map.ORDER_REQ, 0).with(V3Map.ORDER_MIN, Page.ORDER_2M)));
    }

    @Needs(grantee = "large-mappings")
    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "MAP3-29",
            promise = "Who accepts nothing but what stands in page by page may not ask for a block.",
            source = "grant-v3.md, MAP-14")
    void blockWithStandIns(World world) {
        Party grantee = world.grantee();
        RawTree tree = RevokeForms.revocable(world);
        V3Call map = new TreeDriver(grantee)
                .mapping(tree.ref(1 << Page.ORDER_2M), 0)
                .with(V3Map.DEST, Page.frame(grantee.kernel().allocateSlot(Page.ORDER_2M)))
                .with(V3Map.COUNT, 1 << Page.ORDER_2M)
                .with(V3Map.ORDER_REQ, Page.ORDER_2M)
                .with(V3Map.ORDER_MIN, Page.ORDER_2M)
                .and(V3Map.ACCEPT_ZERO);
        Expect.status(Status.BAD_SIZE, grantee.call(map));
        world.step("whoever may lose it whole may have it whole, if it were there");
        Expect.status(Status.BAD_GNTREF, grantee.call(map.and(V3Map.ACCEPT_FAULT)));
    }

    @Needs(grantee = "device-mappings")
    @Clause(
            id = "MAP3-30",
            promise =
                    "For devices alone nobody has to agree to a revocation, and a page of the reserve is not needed: it is for the CPU's place.",
            source = "grant-v3.md, MAP-13, MAP-15")
    void forDevicesAlone(World world) {
        Party grantee = world.grantee();
        RawTree tree = RevokeForms.revocable(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Call map = driver.mapping(tree.grant(INDEX, 0, 0), 0);
        Expect.status(Status.NOT_REVOCABLE, grantee.call(map));
        V3Answer mapped = grantee.call(map.with(V3Map.FLAGS, V3Map.DEVICE).with(V3Map.DEST, 0));
        Expect.okay(mapped);
        driver.letGo(mapped);
    }

    @Lacks(grantee = "device-mappings")
    @Clause(
            id = "MAP3-31",
            promise = "Who cannot map for devices is told so by v3_query, and by every v3_map that asks for it.",
            source = "grant-v3.md, 5.1 (DEVICE), MAP-1")
    void noDevices(World world) {
        Party grantee = world.grantee();
        Expect.bits("features", V3Query.DEVICE, 0, features(grantee));
        V3Call map = new TreeDriver(grantee).mapping(RawTree.of(world).grant(INDEX, 0, 0), 0);
        Expect.status(Status.UNSUPPORTED, grantee.call(map.and(V3Map.DEVICE)));
    }

    @Needs(grantee = "device-mappings")
    @Clause(id = "MAP3-32", promise = "Who can is told so too.", source = "grant-v3.md, 5.1 (DEVICE)")
    void devices(World world) {
        Expect.bits("features", V3Query.DEVICE, V3Query.DEVICE, features(world.grantee()));
    }

    private static long features(Party party) {
        V3Answer query = party.call(V3Call.of(V3Form.QUERY));
        Expect.okay(query);
        return query.get(V3Query.FEATURES);
    }

    @Clause(
            id = "MAP3-33",
            promise = "Domain 0 grants like any other: its leaves are mapped, copied and let go.",
            source = "grant-v3.md, 7.1; MAP-9 (peer)")
    void ofDomainZero(World world) {
        Party grantee = world.grantee();
        Party control = world.control();
        RawTree tree = RawTree.of(control, RawTree.creation(world));
        TreeDriver driver = new TreeDriver(grantee);
        control.store(control.page(0), GARBAGE);
        long ref = tree.grant(INDEX, 0, 0);
        V3Answer mapped = grantee.call(driver.mapping(ref, 0).with(V3Map.PEER, control.domid()));
        Expect.okay(mapped);
        Sight.value(grantee, grantee.slot(0), GARBAGE);
        Expect.okay(grantee.call(driver.copying(ref, 1, Long.BYTES).with(V3Copy.PEER, control.domid())));
        Sight.value(grantee, grantee.page(1), GARBAGE);
        driver.letGo(mapped);
    }
}
