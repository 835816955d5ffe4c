package grantlab.conformance.clause;

import static grantlab.conformance.clause.DownForms.downgrade;
import static grantlab.conformance.clause.DownForms.expectDowngraded;
import static grantlab.conformance.clause.DownForms.frames;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** Downgrades that meet what others do: clear, map, overwrite, die, take back. */
@Needs(format = "layout-tree")
final class DownMeetings {
    private static final String SOURCE = "grant-v3.md, 8.3";
    private static final int INDEX = 5;
    private static final long MARKS = V3Entry.MAPPED_R | V3Entry.MAPPED_W | V3Entry.W_SEEN | V3Entry.W;
    private static final long READ_AND_WRITTEN = V3Entry.MAPPED_R | V3Entry.W_SEEN;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_DOWNGRADE;
    private static final int READ = 0;
    private static final int TURNS = 60;
    private static final long PRESENT_WRITABLE = 7;

    @Clause(
            id = "DOWN-09",
            promise =
                    "A granter whose leaf nobody writes clears W by itself, without a call: from then on nobody begins to write,"
                            + " and those who read go on.",
            source = "grant-v3.md, 3.3, rule (c); 8.3")
    void clearedByTheGranter(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 3, V3Entry.W);
        V3Answer reader = driver.hold(tree.ref(INDEX), 0, READ);
        long word = tree.get(INDEX);
        Expect.bits("the entry", MARKS, V3Entry.MAPPED_R | V3Entry.W, word);
        long entry = tree.entry(1, INDEX);
        Expect.equal(
                "fault of the granter's own entry",
                0,
                granter.vcpu().compareAndExchange(entry, Long.BYTES, word, word & ~V3Entry.W));
        Expect.status(Status.PERMISSION_DENIED, driver.map(tree.ref(INDEX), 1, WRITE));
        driver.letGo(driver.hold(tree.ref(INDEX), 1, READ));
        Sight.readOnly(world.grantee(), world.grantee().slot(0), 0);
        Expect.bits("the entry", MARKS, V3Entry.MAPPED_R, tree.get(INDEX));
        driver.letGo(reader);
    }

    @Clause(
            id = "DOWN-10",
            promise =
                    "Against a grantee that maps to write and unmaps all the time: when the call has returned 0 nobody writes,"
                            + " and the type of the page is as it was.",
            source = "grant-v3.md, DOWN-5, DOWN-6; PIN-5")
    void againstABusyGrantee(World world) {
        RawTree tree = RawTree.of(world);
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame = granter.machineFrame(3);
        long types = frames(world).typeUses(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        Race.run(
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer mapped = driver.map(tree.ref(INDEX), 0, turn % 4 == 0 ? READ : WRITE);
                        if (mapped.status() == Status.OKAY) {
                            world.grantee().tryStore(world.grantee().slot(0), turn);
                            V3Answer unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            for (int looks = 0; (int) unmapped.get(V3Unmap.STATUS) == Status.EAGAIN; looks++) {
                                Race.expectSoon("the end of what takes it", looks);
                                unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            }
                            Expect.okay(unmapped);
                        } else {
                            Expect.status(Status.PERMISSION_DENIED, mapped);
                        }
                    }
                },
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer answer = granter.call(downgrade(tree, INDEX, 1));
                        Expect.okay(answer);
                        Expect.equal("who writes", 0, tree.get(INDEX) & (V3Entry.MAPPED_W | V3Entry.W));
                        Expect.equal("uses of the type", types, frames(world).typeUses(frame));
                        long word = tree.get(INDEX);
                        granter.vcpu().compareAndExchange(tree.entry(1, INDEX), Long.BYTES, word, word | V3Entry.W);
                    }
                });
        world.machine().checkInvariants();
    }

    @Needs(grantee = "typed-frames")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "DOWN-11",
            promise =
                    "An entry of a page table that its guest overwrote is let be, and what it was made for counts as reading.",
            source = SOURCE)
    void overwrittenEntry(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        long frame = world.granter().machineFrame(3);
        long before = frames(world).references(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        grantee.store(grantee.slot(0), 99);
        Sight.value(grantee, grantee.slot(0), 99);
        Expect.bits("the entry", MARKS, READ_AND_WRITTEN, tree.get(INDEX));
        Expect.equal("references of the page", before, frames(world).references(frame));
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(0), 99);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "DOWN-12",
            promise =
                    "A tombstone that is in use, and an index that the granter emptied while it was in use, are downgraded as"
                            + " every leaf is.",
            source = SOURCE)
    void closedLeaves(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer closed = driver.hold(tree.grant(1, 3, V3Entry.W), 0, WRITE);
        V3Answer emptied = driver.hold(tree.grant(2, 4, V3Entry.W), 1, WRITE);
        tree.put(1, tree.get(1) | V3Entry.TOMBSTONE);
        tree.put(2, 0);
        expectDowngraded(world, downgrade(tree, 0, 4));
        Sight.readOnly(grantee, grantee.slot(0), 0);
        Sight.readOnly(grantee, grantee.slot(1), 0);
        Expect.bits("the tombstone", V3Entry.MAPPED_R | V3Entry.MAPPED_W, V3Entry.MAPPED_R, tree.get(1));
        driver.letGo(closed);
        driver.letGo(emptied);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "DOWN-13",
            promise = "A grantee that dies with what became read-only leaves nothing behind.",
            source = "grant-v3.md, I8")
    void granteeDies(World world) {
        RawTree tree = RawTree.of(world);
        long frame = world.granter().machineFrame(3);
        long before = frames(world).references(frame);
        long types = frames(world).typeUses(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, WRITE);
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        world.destroy(world.grantee());
        Expect.equal("references of the page", before, frames(world).references(frame));
        Expect.equal("uses of its type", types, frames(world).typeUses(frame));
        Expect.bits("the entry", MARKS, V3Entry.W_SEEN, tree.get(INDEX));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "DOWN-14",
            promise =
                    "What became read-only can be taken back like every other mapping, and v3_query announces downgrading.",
            source = "grant-v3.md, 8.2, 8.3, ABI-7")
    void takenBackAfterwards(World world) {
        V3Answer query = world.grantee().call(V3Call.of(V3Form.QUERY));
        Expect.bits("features", V3Query.DOWNGRADE, V3Query.DOWNGRADE, query.get(V3Query.FEATURES));
        RawTree tree = RevokeForms.revocable(world);
        Party grantee = world.grantee();
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE | V3Map.ACCEPT_FAULT);
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        Sight.readOnly(grantee, grantee.slot(0), 0);
        RevokeForms.expectTaken(world, RevokeForms.revocation(tree, INDEX, 1), 1);
        Sight.nothing(grantee, grantee.slot(0));
        expectDowngraded(world, downgrade(tree, INDEX, 1));
        world.machine().checkInvariants();
        driver.letGo(mapped);
    }

    @Interruptible
    @Clause(
            id = "DOWN-20",
            promise =
                    "Who maps a leaf to write and does not agree, before the granter's word forbids it, goes on writing: the call ends there, says so"
                            + " and how far it came, and what lies before only reads.",
            source = "grant-v3.md, DOWN-4, DOWN-5")
    void comesMeanwhile(World world) {
        RawTree tree = RawTree.of(world).forDevices();
        Meeting.expectOnce("once at least somebody came meanwhile", patience -> timesKept(world, tree, patience));
    }

    private static int timesKept(World world, RawTree tree, Duration patience) {
        TreeDriver driver = new TreeDriver(world.grantee());
        boolean came = true;
        int kept = 0;
        for (int moment = 0; came; moment++) {
            tree.grant(INDEX, 3, V3Entry.W);
            tree.grant(INDEX + 1, 4, V3Entry.W);
            V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
            AtomicReference<V3Answer> down = new AtomicReference<>();
            AtomicReference<V3Answer> late = new AtomicReference<>();
            Meeting meeting = new Meeting();
            came = world.interruption()
                    .before(
                            moment,
                            () -> meeting.begins(
                                    () -> late.set(driver.map(tree.ref(INDEX + 1L), 1, V3Map.WRITE)), patience),
                            () -> down.set(world.granter().call(downgrade(tree, INDEX, 2))));
            meeting.join();
            if (came && late.get().isOkay()) {
                Expect.status(Status.NOT_REVOCABLE, down.get());
                long done = down.get().get(V3SetAccess.DONE);
                kept += (int) done;
                world.grantee().store(world.grantee().slot(1), moment);
                Expect.equal(
                        "who writes to the first",
                        done == 0 ? V3Entry.MAPPED_W : 0,
                        tree.get(INDEX) & V3Entry.MAPPED_W);
                driver.letGo(late.get());
                expectDowngraded(world, downgrade(tree, INDEX, 2));
            } else {
                Expect.okay(down.get());
            }
            Sight.readOnly(world.grantee(), world.grantee().slot(0), 0);
            driver.letGo(mapped);
            world.machine().checkInvariants();
        }
        return kept;
    }
}
