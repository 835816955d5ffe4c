package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectFree;
import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.expectTaken;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;
import static grantlab.conformance.clause.RevokeForms.status;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;

/** Revocations that meet what others do: map, overwrite, die. */
@Needs(format = "layout-tree")
@Concerns({Member.IOMMU, Member.SEARCH})
final class RevokeMeetings {
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int READ = V3Map.ACCEPT_FAULT;
    private static final int TURNS = 30;
    private static final long PRESENT_WRITABLE = 7;

    @Clause(
            id = "REVOKE-08",
            promise = "A grantee that dies with something to acknowledge leaves nothing behind.",
            source = "grant-v3.md, 8.2, phase 7; I8")
    void granteeDies(World world) {
        RawTree tree = revocable(world);
        for (int n = 0; n < 4; n++) {
            tree.grant(n, n, V3Entry.W);
            new TreeDriver(world.grantee()).hold(tree.ref(n), n, WRITE);
        }
        expectTaken(world, revocation(tree, 1, 2), 2);
        expectPrivate(world, 1, 2);
        world.destroy(world.grantee());
        expectFree(tree, 1);
        expectFree(tree, 2);
        Expect.equal("use of the others", 0, (tree.get(0) | tree.get(3)) & IN_USE);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-09",
            promise =
                    "What a granter that dies took back is free at once, though nothing was acknowledged; of it itself no more"
                            + " is left than the nodes of the tree, until then.",
            source = "grant-v3.md, 8.2")
    void granterDies(World world) {
        RawTree tree = revocable(world);
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        long frame = world.granter().machineFrame(3);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world, 3);
        int granter = world.granter().domid();
        world.destroy(world.granter());
        Expect.equal(
                "owner of the page",
                FrameTable.NO_OWNER,
                world.machine().frames().owner(frame));
        Expect.holds("the tree is all that is left", world.machine().frames().pages(granter) <= tree.levels());
        driver.letGo(mapped);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "REVOKE-13",
            promise =
                    "A grantee that maps and unmaps all the time keeps nothing: when the call returns the page is the granter's"
                            + " alone.",
            source = "grant-v3.md, 8.2; I6")
    void againstABusyGrantee(World world) {
        RawTree tree = revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long frame = world.granter().machineFrame(3);
        long before = world.machine().frames().references(frame);
        Race.run(
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        V3Answer mapped = driver.map(tree.ref(INDEX), 0, turn % 2 == 0 ? WRITE : READ);
                        if (mapped.get(V3Map.STATUS) == 0) {
                            V3Answer unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            for (int looks = 0; status(unmapped, V3Unmap.STATUS) == Status.EAGAIN; looks++) {
                                Race.expectSoon("the end of what takes it", looks);
                                unmapped = world.grantee().call(TreeDriver.unmapping(mapped));
                            }
                            Expect.okay(unmapped);
                        }
                    }
                },
                () -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        if ((tree.get(INDEX) & (IN_USE | V3Entry.ATTACHED)) == 0) {
                            tree.grant(INDEX, 3, V3Entry.W);
                        }
                        V3Answer answer = world.granter().call(revocation(tree, INDEX, 1));
                        if (status(answer, V3Revoke.STATUS) != Status.UNSTABLE) {
                            Expect.okay(answer);
                            expectPrivate(world, 3);
                            Expect.equal("use of the entry", 0, tree.get(INDEX) & IN_USE);
                            Expect.equal(
                                    "references of the page",
                                    before,
                                    world.machine().frames().references(frame));
                        }
                    }
                });
        world.machine().checkInvariants();
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "REVOKE-14",
            promise =
                    "An entry of a page table that its guest overwrote is let be; the reference that it had is gone once.",
            source = "grant-v3.md, 8.2, phase 3")
    void overwrittenEntry(World world) {
        RawTree tree = revocable(world);
        Party grantee = world.grantee();
        long frame = world.granter().machineFrame(3);
        long before = world.machine().frames().references(frame);
        tree.grant(INDEX, 3, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, WRITE);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
        grantee.store(grantee.slot(0), 99);
        expectTaken(world, revocation(tree, INDEX, 1), 1);
        expectPrivate(world, 3);
        Expect.equal("references of the page", before, world.machine().frames().references(frame));
        Sight.value(grantee, grantee.slot(0), 99);
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(0), 99);
        world.machine().checkInvariants();
    }
}
