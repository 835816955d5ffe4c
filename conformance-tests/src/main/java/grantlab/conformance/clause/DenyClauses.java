package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Access;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Concerns;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

/**
 * The frame table refuses one thing after the other that a call asks it for: a frame, a reference, a type. Whatever it is, the call fails and
 * nothing has changed, or it succeeds by another way and can be undone.
 */
@Interruptible
public final class DenyClauses implements ClauseFamily {
    private static final String SOURCE =
            "xen-semantics.md, 2.1 (rows 9 to 14: each failure undoes what came before), 3.7";
    private static final String SOURCE_V3 = "grant-v3.md, 7.1, I1, I8";

    /** No call of these asks for more. */
    private static final int MOST = 300;

    private static final int INDEX = 5;
    private static final int RUN = 12;
    private static final int BLOCK = 1 << Page.ORDER_2M;
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int ACCEPTED = V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_SNAPSHOT;

    /** For ServiceLoader. */
    public DenyClauses() {}

    @Override
    public String prefix() {
        return "DENY";
    }

    @Override
    public String title() {
        return "What is not to be had";
    }

    /** Makes a call. */
    @FunctionalInterface
    private interface Attempt {
        /** What it is about; nothing of it is refused. */
        default void prepare() {}

        /** The call itself. */
        Outcome make();
    }

    /**
     * What came of a call.
     *
     * @param succeeded all of it
     * @param undo takes back what it did
     */
    private record Outcome(boolean succeeded, Runnable undo) {}

    private static void refuseEach(World world, Attempt attempt) {
        Ledger ledger = Ledger.of(world, world.granter(), world.grantee());
        AtomicReference<Outcome> outcome = new AtomicReference<>();
        int request = 0;
        attempt.prepare();
        while (world.interruption().refusing(request, () -> outcome.set(attempt.make()))) {
            outcome.get().undo().run();
            ledger.check();
            world.machine().checkInvariants();
            request++;
            attempt.prepare();
            Expect.holds("a call asks for less than " + MOST + " things", request < MOST);
        }
        Expect.holds("the call asks for something", request > 0);
        Expect.holds("it succeeds when it gets everything", outcome.get().succeeded());
        outcome.get().undo().run();
        ledger.check();
    }

    // ---- operations 0 and 5

    private static Attempt mapping(Party grantee, MapCall call, boolean device) {
        return () -> {
            Mapped mapped = grantee.call(call);
            return new Outcome(mapped.isOkay(), () -> {
                if (mapped.isOkay()) {
                    UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
                    Expect.okay(grantee.call(device ? unmap.device(mapped.deviceAddress()) : unmap));
                }
            });
        };
    }

    @Needs(format = "flat-home")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "DENY-01",
            promise = "A map that does not get what it needs holds nothing, whatever it is, and its place is empty.",
            source = SOURCE)
    void mapped(World world) {
        MapCall call = MapCall.of(World.GRANTER, world.grant(0, READ_WRITE));
        refuseEach(world, mapping(world.grantee(), call.at(world.grantee().slot(0)), false));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home", grantee = "device-mappings")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "DENY-02",
            promise = "Nor does a map for CPU and device hold one part without the other.",
            source = SOURCE)
    void mappedForBoth(World world) {
        MapCall call = MapCall.of(World.GRANTER, world.grant(0, READ_WRITE))
                .at(world.grantee().slot(0))
                .flags(Gntmap.HOST_MAP | Gntmap.DEVICE_MAP);
        refuseEach(world, mapping(world.grantee(), call, true));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "DENY-03",
            promise = "A copy that does not get what it needs, of either page, holds neither.",
            source = "xen-semantics.md, 2.7.4, 3.6")
    void copied(World world) {
        Through through = Through.of(world, world.grant(0, READ_WRITE));
        for (CopyCall call : List.of(through.outCall(0, 8), through.inCall(0, 8))) {
            refuseEach(world, () -> new Outcome(world.grantee().call(call).isOkay(), () -> {}));
        }
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    // ---- grants v3

    private static Attempt mapping(Party grantee, V3Call call) {
        return () -> {
            V3Answer mapped = grantee.call(call);
            boolean whole = mapped.isOkay() && mapped.get(V3Map.DONE) == call.get(V3Map.COUNT);
            return new Outcome(whole, () -> {
                if (mapped.get(V3Map.HANDLE) != 0) {
                    Expect.okay(grantee.call(TreeDriver.unmapping(mapped)));
                }
            });
        };
    }

    @Needs(format = "layout-tree")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "DENY-04",
            promise = "A v3_map that does not get what it needs for its one leaf holds nothing.",
            source = SOURCE_V3)
    void leaf(World world) {
        RawTree tree = RawTree.of(world).forDevices();
        V3Call call = new TreeDriver(world.grantee()).mapping(tree.grant(INDEX, 0, V3Entry.W), 0);
        refuseEach(world, mapping(world.grantee(), call.and(V3Map.WRITE)));
        Expect.equal("use of the entry", 0, tree.get(INDEX) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
    }

    @Needs(format = "layout-tree")
    @Concerns(Member.IOMMU)
    @Clause(
            id = "DENY-05",
            promise =
                    "A v3_map of a run that does not get what it needs in the midst of it says how far it came, and holds nothing behind that.",
            source = SOURCE_V3)
    void run(World world) {
        RawTree tree = RawTree.of(world).forDevices();
        for (int n = 0; n < RUN; n++) {
            tree.grant(INDEX + n, n, V3Entry.W);
        }
        V3Call call =
                new TreeDriver(world.grantee()).mapping(tree.ref(INDEX), 0).with(V3Map.COUNT, RUN);
        refuseEach(world, mapping(world.grantee(), call.and(V3Map.WRITE)));
        for (int n = 0; n < RUN; n++) {
            Expect.equal("use of the entry", 0, tree.get(INDEX + n) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
        }
    }

    @Needs(
            format = {"layout-tree", "large-leaves"},
            granter = "translated",
            grantee = "large-mappings")
    @Clause(
            id = "DENY-10",
            promise = "Nor does a map of a block of 2 MiB, and where it goes page by page it says how far it came.",
            source = SOURCE_V3)
    void block(World world) {
        GuestKernel kernel = world.granter().kernel();
        RawTree tree = RawTree.of(world).forDevices();
        long frame = kernel.frameOf(kernel.allocatePages(Page.ORDER_2M));
        tree.put(2, BLOCK, RawTree.leaf(frame, V3Entry.W));
        long slot = world.grantee().kernel().allocateSlot(Page.ORDER_2M);
        V3Call call = new TreeDriver(world.grantee())
                .mapping(tree.ref(BLOCK), 0)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, BLOCK);
        refuseEach(world, mapping(world.grantee(), call.with(V3Map.ORDER_REQ, Page.ORDER_2M)));
        Expect.equal("use of the entry", 0, tree.get(2, BLOCK) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
    }

    @Needs(format = "layout-tree")
    @Concerns(Member.IOMMU)
    @Clause(id = "DENY-06", promise = "Nor does it through slot 0.", source = SOURCE_V3)
    void alias(World world) {
        long ref = world.grant(0, READ_WRITE);
        V3Call call = new TreeDriver(world.grantee()).mapping(FlatReferences.REF, 0);
        FlatVersions.grant(world, 1, FlatReferences.REF, 0, 0);
        Expect.different("reference", ref, (long) FlatReferences.REF);
        refuseEach(world, mapping(world.grantee(), call));
        FlatVersions.end(world, FlatReferences.REF);
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "DENY-07",
            promise = "A v3_copy that does not get what it needs holds neither page.",
            source = "grant-v3.md, 7.3, I1")
    void copied3(World world) {
        RawTree tree = RawTree.of(world);
        V3Call call = new TreeDriver(world.grantee()).copying(tree.grant(INDEX, 0, V3Entry.W), 1, 64);
        refuseEach(world, () -> new Outcome(world.grantee().call(call).isOkay(), () -> {}));
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "DENY-08",
            promise =
                    "A tree that does not get what it needs does not come into being, and its granter is charged for nothing.",
            source = "grant-v3.md, 6, v3_tree_create")
    void created(World world) {
        Party granter = world.granter();
        long root = granter.kernel().allocatePages(Page.ORDER_4K);
        V3Call call = RawTree.creation(world)
                .with(V3TreeCreate.ROOT_GFN, granter.kernel().frameOf(root));
        refuseEach(world, () -> {
            V3Answer created = granter.call(call);
            return new Outcome(created.isOkay(), () -> {
                if (created.isOkay()) {
                    Expect.okay(granter.call(destruction(created)));
                }
            });
        });
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "DENY-11",
            promise =
                    "A reserve of which a page is not to be had is none: what there was before stays, and the pages are the guest's.",
            source = "grant-v3.md, 8.3, v3_grantee_ctl")
    void reserved(World world) {
        Party grantee = world.grantee();
        long[] frames = LongStream.of(Reserves.pages(grantee, 4))
                .map(grantee.kernel()::frameOf)
                .toArray();
        V3Call call = Reserves.reserving(grantee, frames);
        refuseEach(world, () -> {
            boolean reserved = grantee.call(call).isOkay();
            return new Outcome(reserved, () -> Reserves.expectUnneeded(grantee));
        });
    }

    private static V3Call destruction(V3Answer created) {
        return V3Call.of(V3Form.TREE_DESTROY)
                .with(V3TreeDestroy.SLOT, created.get(V3TreeCreate.SLOT))
                .with(V3TreeDestroy.GEN, created.get(V3TreeCreate.GEN));
    }

    @Needs(format = "layout-tree")
    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "DENY-09",
            promise =
                    "A page is taken back whether or not there is something to stand in for it: when the call is over, nobody else reaches it.",
            source = "grant-v3.md, 8.3, SEC-5")
    void takenBack(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 2);
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = RevokeForms.revocable(world);
        refuseEach(world, new Attempt() {
            private int index = INDEX;
            private final V3Answer[] mapped = new V3Answer[1];

            @Override
            public void prepare() {
                tree.grant(++index, 0, V3Entry.W);
                mapped[0] = driver.hold(tree.ref(index), 0, ACCEPTED);
            }

            @Override
            public Outcome make() {
                V3Answer taken =
                        granter.call(revocation(tree, index, 1).with(V3Revoke.CPU_FATE, V3Revoke.CPU_SNAPSHOT));
                return new Outcome(taken.isOkay(), () -> {
                    if (!taken.isOkay()) {
                        Expect.okay(granter.call(revocation(tree, index, 1)));
                    }
                    expectPrivate(world, 0);
                    driver.letGo(mapped[0]);
                });
            }
        });
    }
}
