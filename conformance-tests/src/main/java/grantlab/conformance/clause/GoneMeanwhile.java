package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Another CPU of the granter takes a page out of its map while the grantee is in the midst of mapping it, before each thing in turn that the
 * hypervisor asks the frame table for. Somebody else has the page mapped all the while, so that it stays the granter's: only the map says that it
 * is not to be had any more.
 */
@Interruptible
@Needs(format = "layout-tree", granter = "translated")
final class GoneMeanwhile {
    private static final int OTHER_INDEX = 300;
    private static final int FIRST = 9;
    private static final int RUN = 6;
    private static final int GOES = 3;
    private static final int OTHER_SLOT = 30;

    /** No map of a few pages asks for more. */
    private static final int MOST = 100;

    private static final String SOURCE = "grant-v3.md, MAP-30, MAP-35";

    /** Which page goes, and who keeps it. */
    private record Departure(World world, int page, V3Answer keeper, long references) {
        static Departure of(World world, RawTree tree, int page) {
            V3Answer keeper = new TreeDriver(world.grantee()).hold(tree.grant(OTHER_INDEX, page, 0), OTHER_SLOT, 0);
            return new Departure(world, page, keeper, world.references(page));
        }

        /** Whether the page went before the map had anything of it. */
        boolean goes() {
            Party granter = world.granter();
            FrameTable frames = world.machine().frames();
            boolean untouched = frames.references(granter.machineFrame(page)) == references;
            boolean gone = new Meeting().returns(() -> granter.call(ReservationCall.decrease(granter.pageFrame(page))));
            Expect.holds("a page goes without waiting for a map", gone);
            return untouched;
        }

        /** Who kept it lets go, and it is nobody's. */
        void end(long frame) {
            new TreeDriver(world.grantee()).letGo(keeper);
            Expect.equal(
                    "owner of the page",
                    FrameTable.NO_OWNER,
                    world.machine().frames().owner(frame));
        }
    }

    /** Pages of a run, of which one goes. */
    private static void eachMoment(World world, int count, int goes) {
        RawTree tree = RawTree.of(world).forDevices();
        TreeDriver driver = new TreeDriver(world.grantee());
        boolean came = true;
        int before = 0;
        for (int request = 0; came; request++) {
            // The one that goes is a new one each time; the others stay.
            int page = RUN + request;
            for (int n = 0; n < count; n++) {
                tree.grant(FIRST + n, n == goes ? page : n, V3Entry.W);
            }
            Departure departure = Departure.of(world, tree, page);
            long frame = world.granter().machineFrame(page);
            V3Call call = driver.mapping(tree.ref(FIRST), 0).and(V3Map.WRITE).with(V3Map.COUNT, count);
            AtomicBoolean gone = new AtomicBoolean();
            AtomicReference<V3Answer> mapped = new AtomicReference<>();
            came = world.interruption()
                    .beforeRequest(
                            request,
                            () -> gone.set(departure.goes()),
                            () -> mapped.set(world.grantee().call(call)));
            V3Answer answer = mapped.get();
            if (gone.get()) {
                before++;
                Expect.status(Status.BAD_PAGE, answer);
                Expect.equal("pages mapped", goes, answer.get(V3Map.DONE));
            } else {
                Expect.okay(answer);
            }
            if (answer.get(V3Map.HANDLE) != 0) {
                driver.letGo(answer);
            }
            if (came) {
                departure.end(frame);
            } else {
                driver.letGo(departure.keeper());
            }
            Expect.equal("use of the entry", 0, tree.get(FIRST + (long) goes) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
            world.machine().checkInvariants();
            Expect.holds("a map asks for less than " + MOST + " things", request < MOST);
        }
        Expect.holds("the page went before the map had it, once at least", before > 0);
    }

    @Clause(
            id = "RACE-33",
            promise = "A page that leaves the granter's map amid a v3_map of it is not mapped, though others keep it.",
            source = SOURCE)
    void alone(World world) {
        eachMoment(world, 1, 0);
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(id = "RACE-34", promise = "Nor is it among others of a run, which ends before it.", source = SOURCE)
    void ofARun(World world) {
        eachMoment(world, RUN, GOES);
    }
}
