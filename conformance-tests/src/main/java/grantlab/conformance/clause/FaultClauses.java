package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.util.List;

/** What a grantee arranges for the case that something is taken from it. */
@Needs(format = "layout-tree")
public final class FaultClauses implements ClauseFamily {
    private static final int MOST = 512;
    private static final int INDEX = 5;
    private static final int PAGE = 3;

    /** For ServiceLoader. */
    public FaultClauses() {}

    @Override
    public String prefix() {
        return "FAULT";
    }

    @Override
    public String title() {
        return "What a grantee arranges for, and meets";
    }

    @Override
    public List<Object> parts() {
        return List.of(new FaultDeliveries());
    }

    @Clause(
            id = "FAULT-01",
            promise =
                    "The reserve has at most 512 pages, each plain memory of the caller and there once, as the list is; a refusal"
                            + " leaves no page held.",
            source = "grant-v3.md, FAULT-1, FAULT-6")
    void refusals(World world) {
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        long[] pages = Reserves.pages(grantee, 3);
        long[] numbers = new long[pages.length];
        long[] held = new long[pages.length];
        for (int n = 0; n < pages.length; n++) {
            numbers[n] = grantee.kernel().frameOf(pages[n]);
            held[n] = frames.references(Reserves.machineFrame(grantee, pages[n]));
        }
        V3Call sound = Reserves.reserving(grantee, numbers);
        Expect.status(Status.INVAL, grantee.call(sound.with(V3Head.FLAGS, 0)));
        Expect.status(Status.BAD_SIZE, grantee.call(sound.with(V3GranteeCtl.RESERVE_PAGES, MOST + 1)));
        Expect.status(Status.BAD_PAGE, grantee.call(sound.with(V3GranteeCtl.RESERVE_LIST_GFN, -1)));
        Expect.status(Status.BAD_PAGE, grantee.call(Reserves.reserving(grantee, numbers[0], numbers[1], numbers[0])));
        Expect.status(Status.BAD_PAGE, grantee.call(Reserves.reserving(grantee, numbers[0], numbers[1], -1)));
        Expect.status(Status.BAD_PAGE, grantee.call(Reserves.reserving(grantee, numbers[0], numbers[1], 0x7fff_ffffL)));
        for (int n = 0; n < pages.length; n++) {
            Expect.equal(
                    "references of page " + n, held[n], frames.references(Reserves.machineFrame(grantee, pages[n])));
        }
        Expect.okay(grantee.call(sound));
        for (int n = 0; n < pages.length; n++) {
            long frame = Reserves.machineFrame(grantee, pages[n]);
            Expect.equal("references of page " + n, held[n] + 1, frames.references(frame));
            Expect.equal("type of page " + n, FrameTable.TYPE_WRITABLE, frames.type(frame));
        }
        world.step("another reserve lets the first one go");
        Reserves.reserve(grantee, 1);
        for (int n = 0; n < pages.length; n++) {
            Expect.equal(
                    "references of page " + n, held[n], frames.references(Reserves.machineFrame(grantee, pages[n])));
        }
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "FAULT-02",
            promise =
                    "The reserve stays what it is while a page of it is promised to a mapping or stands in for one, and whatever"
                            + " else that call would have set stays too.",
            source = "grant-v3.md, FAULT-7")
    void busy(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 2);
        RawTree tree = RevokeForms.revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.ACCEPT_SNAPSHOT);
        long[] others = Reserves.pages(grantee, 1);
        V3Call other = Reserves.reserving(grantee, grantee.kernel().frameOf(others[0]));
        Expect.status(Status.BUSY, grantee.call(other));
        V3Call share = other.and(V3GranteeCtl.SHARE_SET)
                .with(V3GranteeCtl.GRANTER, World.GRANTER)
                .with(V3GranteeCtl.SHARE, 1);
        Expect.status(Status.BUSY, grantee.call(share));
        V3Answer second = driver.hold(tree.ref(INDEX), 1, V3Map.ACCEPT_SNAPSHOT);
        driver.letGo(mapped);
        Expect.okay(world.granter().call(RevokeForms.revocation(tree, INDEX, 1)));
        Expect.status(Status.BUSY, grantee.call(other));
        driver.letGo(second);
        Expect.okay(grantee.call(share));
        world.step("and the other way round");
        V3Call unshared = Reserves.reserving(grantee)
                .and(V3GranteeCtl.SHARE_SET)
                .with(V3GranteeCtl.GRANTER, World.GRANTER)
                .with(V3GranteeCtl.SHARE, -1);
        long frame = Reserves.machineFrame(grantee, others[0]);
        long held = world.machine().frames().references(frame);
        Expect.status(Status.QUOTA, grantee.call(unshared));
        Expect.equal("references of the page", held, world.machine().frames().references(frame));
        tree.grant(INDEX + 1, PAGE, V3Entry.W);
        driver.letGo(driver.hold(tree.ref(INDEX + 1), 0, V3Map.ACCEPT_SNAPSHOT));
    }
}
