package grantlab.conformance.clause;

import static grantlab.conformance.clause.RingForms.expectNext;
import static grantlab.conformance.clause.RingForms.expectNothing;
import static grantlab.conformance.clause.RingForms.expectUnmapped;
import static grantlab.conformance.clause.RingForms.granteeRing;
import static grantlab.conformance.clause.RingForms.granterRing;
import static grantlab.conformance.clause.RingForms.header;
import static grantlab.conformance.clause.RingForms.request;
import static grantlab.conformance.clause.RingForms.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.VdomidBind;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What is told through a ring: ends of uses, quotas, pauses and deaths. */
@Needs(format = "layout-tree")
@SuppressWarnings("UnnecessaryLongToIntConversion") // counters of 32 bits
final class RingEvents {
    private static final int PORT = 7;
    private static final int GRANTEE_PORT = 9;
    private static final int ROOT = 40;
    private static final int OTHER_ROOT = 41;
    private static final int PAGE = 3;
    private static final int SLOT = 9;
    private static final int NOT_THERE = 77;
    private static final long COOKIE = 0x636f_6f6b_6965_2121L;
    private static final long WATCHED = OwnTree.WRITABLE | V3Entry.NOTIFY;
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL + 1;

    private static long kicks(World world) {
        return world.granter().vcpu().notifications(PORT);
    }

    @Clause(
            id = "RING-05",
            promise =
                    "UNMAPPED comes when the last use of a NOTIFY leaf ended, after its bits are clear and the page is"
                            + " the granter's alone, and notifies the port once; no other leaf has one.",
            source = "grant-v3.md, 7.2, UNMAP-9, RING-15")
    void unmapped(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        long references = world.references(PAGE);
        tree.grant(4, PAGE, WATCHED);
        tree.grant(5, PAGE, OwnTree.WRITABLE);
        V3Answer first = tree.map(grantee, 4, SLOT, 0);
        V3Answer second = tree.map(grantee, 4, SLOT + 1, 0);
        V3Answer other = tree.map(grantee, 5, SLOT + 2, 0);
        Expect.okay(OwnTree.unmap(grantee, first));
        Expect.okay(OwnTree.unmap(grantee, other));
        expectNothing(ring);
        Expect.equal("notifications", 0, kicks(world));
        Expect.okay(OwnTree.unmap(grantee, second));
        tree.expectMapped(4, 0);
        Expect.equal("references", references, world.references(PAGE));
        expectUnmapped(ring, tree, 4, 1);
        expectNothing(ring);
        Expect.equal("notifications", 1, kicks(world));
        Expect.equal("prod", 1, (int) header(world.granter(), ring, V3RingHeader.PROD));
        Expect.equal("lost", 0, header(world.granter(), ring, V3RingHeader.LOST));
    }

    @Clause(
            id = "RING-06",
            promise = "A granter that asks while the leaf is in use is told; so is one that closed it; a copy is a use,"
                    + " and a map that failed behind the mark was one.",
            source = "grant-v3.md, 7.2 (NOTIFY is seen with the bits), I9")
    void askedLate(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        tree.grant(4, PAGE, OwnTree.WRITABLE);
        V3Answer mapped = tree.map(grantee, 4, SLOT, 0);
        tree.setEntry(4, tree.entry(4) | V3Entry.NOTIFY | V3Entry.TOMBSTONE);
        Expect.okay(OwnTree.unmap(grantee, mapped));
        expectUnmapped(ring, tree, 4, 1);

        world.step("a copy");
        tree.grant(6, PAGE, WATCHED);
        Expect.okay(grantee.call(new TreeDriver(grantee).copying(tree.reference(6), 0, Long.BYTES)));
        expectUnmapped(ring, tree, 6, 1);

        world.step("a map of what the granter does not have");
        tree.setEntry(8, RawTree.leaf(Page.frame(world.granter().slot(0)), WATCHED));
        Expect.status(Status.BAD_PAGE, tree.map(grantee, 8, SLOT, 0));
        expectUnmapped(ring, tree, 8, 1);
        expectNothing(ring);
    }

    @Clause(
            id = "RING-07",
            promise = "Neighbours whose last use ends in one call are one entry and one notification, up or down; those"
                    + " of two calls are two, and an entry that was published stays as it is.",
            source = "grant-v3.md, RING-14, RING-15")
    void merged(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        List<V3Call> unmaps = new ArrayList<>();
        for (int index : new int[] {10, 11, 12, 9, 20, 14, 13}) {
            tree.grant(index, PAGE, WATCHED);
            V3Answer mapped = tree.map(grantee, index, SLOT + unmaps.size(), 0);
            Expect.okay(mapped);
            unmaps.add(TreeDriver.unmapping(mapped));
        }
        grantee.elements(unmaps.subList(0, 6)).elements().forEach(Expect::okay);
        Expect.equal("notifications", 1, kicks(world));
        Expect.okay(grantee.call(unmaps.get(6)));
        Expect.equal("notifications", 2, kicks(world));
        expectUnmapped(ring, tree, 9, 4);
        expectUnmapped(ring, tree, 20, 1);
        expectUnmapped(ring, tree, 14, 1);
        expectUnmapped(ring, tree, 13, 1);
        expectNothing(ring);
    }

    @Clause(
            id = "RING-08",
            promise = "A bound of the tree that a grantee meets is told, with the index and which bound; a bound of the"
                    + " grantee's own is not.",
            source = "grant-v3.md, 7.1, 9 (QUOTA_HIT)")
    void quotaHit(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        for (int index = 0; index < 4; index++) {
            tree.grant(index, PAGE, OwnTree.WRITABLE);
        }
        Expect.okay(tree.limits(2, 1));
        Expect.okay(tree.map(grantee, 1, SLOT, 0));
        Expect.status(Status.QUOTA, tree.map(grantee, 3, SLOT + 1, 0));
        Event event = expectNext(ring, V3RingEntry.QUOTA_HIT);
        Expect.equal("index", 3, event.first);
        Expect.equal("reason: max_active", 1, event.reason);
        Expect.equal("cookie", COOKIE, event.cookie);
        Expect.okay(tree.map(grantee, 1, SLOT + 1, 0));
        Expect.status(Status.QUOTA, tree.map(grantee, 1, SLOT + 2, 0));
        event = expectNext(ring, V3RingEntry.QUOTA_HIT);
        Expect.equal("index", 1, event.first);
        Expect.equal("reason: max_mappings", 0, event.reason);

        world.step("the grantee lowers its own share");
        Expect.okay(tree.limits(0, 0));
        Expect.okay(grantee.call(control(V3GranteeCtl.SHARE_SET, World.GRANTER).with(V3GranteeCtl.SHARE, 2)));
        Expect.status(Status.QUOTA, tree.map(grantee, 1, SLOT + 2, 0));
        expectNothing(ring);
    }

    @Clause(
            id = "RING-09",
            promise = "The grantee hears of pauses and resumptions in the ring that it chose; of each at most one is"
                    + " unread, and more of them mark the tree as dirty.",
            source = "grant-v3.md, TREE-24, TREE-26, 9")
    void pauses(World world) {
        OwnTree silent = OwnTree.create(world.granter(), World.GRANTEE, OTHER_ROOT, 0);
        Expect.okay(silent.update(V3TreeUpdate.PAUSE, 0));
        EventRing ring = granteeRing(world);
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.okay(tree.resume(0));
        Expect.okay(silent.resume(0));
        Expect.holds("no tree is dirty", ring.takeDirty().isEmpty());
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.equal("dirty trees", BitSet.valueOf(new long[] {1L << tree.slot()}), ring.takeDirty());
        Event event = expectNext(ring, V3RingEntry.TREE_PAUSED);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("cookie", 0L, event.cookie);
        event = expectNext(ring, V3RingEntry.TREE_RESUMED);
        Expect.equal("slot", tree.slot(), event.slot);
        event = expectNext(ring, V3RingEntry.TREE_RESUMED);
        Expect.equal("slot", silent.slot(), event.slot);
        expectNothing(ring);

        world.step("all is read: the next is told again");
        Expect.okay(tree.resume(0));
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        expectNext(ring, V3RingEntry.TREE_RESUMED);
        expectNext(ring, V3RingEntry.TREE_PAUSED);
        expectNothing(ring);
        Expect.holds("no tree is dirty", ring.takeDirty().isEmpty());
    }

    @Clause(
            id = "RING-10",
            promise =
                    "A grantee that dies is told of after its leaves, tree by tree, with one notification; a new binding"
                            + " of a virtual domid too, and its end.",
            source = "grant-v3.md, 9 (GRANTEE_DEAD, VDOMID_REBOUND), 11, SEC-10")
    void granteeDies(World world) {
        Party grantee = world.grantee();
        EventRing ring = granterRing(world);
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(World.GRANTER, VIRTUAL, World.GRANTEE, VdomidBind.AUTO_RESUME);
        OwnTree tree = OwnTree.create(world.granter(), ROOT, request(world, VIRTUAL, ROOT, ring));
        OwnTree other = OwnTree.create(world.granter(), OTHER_ROOT, request(world, VIRTUAL, OTHER_ROOT, ring));
        for (int index = 4; index < 7; index++) {
            tree.grant(index, PAGE, WATCHED);
            Expect.okay(tree.map(grantee, index, SLOT + index, epoch));
        }
        world.destroy(grantee);
        Expect.equal("notifications", 1, kicks(world));
        expectUnmapped(ring, tree, 4, 3);
        Event event = expectNext(ring, V3RingEntry.GRANTEE_DEAD);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("epoch", epoch, event.first);
        event = expectNext(ring, V3RingEntry.GRANTEE_DEAD);
        Expect.equal("slot", other.slot(), event.slot);
        expectNothing(ring);

        world.step("a third domain is bound");
        world.third();
        int next = toolstack.bind(World.GRANTER, VIRTUAL, World.THIRD, 0);
        Expect.equal("notifications", 2, kicks(world));
        event = expectNext(ring, V3RingEntry.VDOMID_REBOUND);
        Expect.equal("epoch", next, event.first);
        expectNext(ring, V3RingEntry.VDOMID_REBOUND);
        expectNothing(ring);

        world.step("and taken away, alive");
        toolstack.bind(World.GRANTER, VIRTUAL, Toolstack.NOBODY, 0);
        event = expectNext(ring, V3RingEntry.GRANTEE_DEAD);
        Expect.equal("slot", tree.slot(), event.slot);
        Expect.equal("epoch", next, event.first);
        expectNext(ring, V3RingEntry.GRANTEE_DEAD);
        expectNothing(ring);
        toolstack.bind(World.GRANTER, VIRTUAL, Toolstack.NOBODY, 0);
        expectNothing(ring);
        world.step("whoever it was taken from dies");
        world.destroy(world.third());
        expectNothing(ring);
    }

    @Clause(
            id = "RING-11",
            promise = "A granter that dies is told of once in each ring that serves it, which serves nobody then; what"
                    + " ends later is told to nobody.",
            source = "grant-v3.md, 9 (GRANTER_DEAD), 11")
    void granterDies(World world) {
        Party grantee = world.grantee();
        EventRing own = granterRing(world);
        EventRing ring = granteeRing(world);
        OwnTree tree = tree(world, own);
        OwnTree.create(world.granter(), World.GRANTEE, OTHER_ROOT, 0);
        tree.grant(4, PAGE, WATCHED);
        V3Answer mapped = tree.map(grantee, 4, SLOT, 0);
        world.destroy(world.granter());
        Event event = expectNext(ring, V3RingEntry.GRANTER_DEAD);
        Expect.equal("slot", 0, event.slot);
        Expect.equal("generation", 0, event.generation);
        expectNothing(ring);
        Expect.equal("notifications", 1, grantee.vcpu().notifications(GRANTEE_PORT));
        Expect.status("status of RING_SET", Status.BAD_DOMAIN, ring.serve(World.GRANTER));
        Expect.status("status of the removal", Status.OKAY, ring.remove());
        Expect.okay(OwnTree.unmap(grantee, mapped));
    }

    private static V3Call control(int flags, int granter) {
        return V3Call.of(V3Form.GRANTEE_CTL).with(V3Head.FLAGS, flags).with(V3GranteeCtl.GRANTER, granter);
    }

    @Clause(
            id = "RING-17",
            promise = "v3_grantee_ctl refuses what is not announced, fields without their flag, granters that are not"
                    + " there, rings of the other kind and those that serve another.",
            source = "grant-v3.md, FAULT-1 to FAULT-5, FAULT-8")
    void control(World world) {
        Party grantee = world.grantee();
        EventRing ring = granteeRing(world);
        int set = V3GranteeCtl.RING_SET;
        int share = V3GranteeCtl.SHARE_SET;
        Expect.status(Status.UNSUPPORTED, grantee.call(control(1 << 5, 0)));
        Expect.okay(grantee.call(control(0, 0)));
        Expect.okay(grantee.call(control(V3GranteeCtl.FAULT_MODE_SET, 0)));
        Expect.status(Status.INVAL, grantee.call(control(0, World.GRANTER)));
        Expect.status(Status.INVAL, grantee.call(control(0, 0).with(V3GranteeCtl.FAULT_MODE, V3GranteeCtl.INJECT)));
        Expect.status(Status.INVAL, grantee.call(control(set, World.GRANTER).with(V3GranteeCtl.SHARE, 1)));
        Expect.status(Status.INVAL, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.RING_ID, 1)));
        Expect.status(Status.INVAL, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.RESERVE_PAGES, 1)));
        Expect.status(Status.INVAL, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.LEGACY_FATES, 1)));
        Expect.status(
                Status.UNSUPPORTED,
                grantee.call(control(V3GranteeCtl.FAULT_MODE_SET | set, NOT_THERE)
                        .with(V3GranteeCtl.FAULT_MODE, V3GranteeCtl.INJECT + 1)));
        Expect.status(Status.BAD_DOMAIN, grantee.call(control(set, NOT_THERE).with(V3GranteeCtl.RING_ID, NOT_THERE)));
        Expect.status(
                Status.BAD_HANDLE, grantee.call(control(set, World.GRANTER).with(V3GranteeCtl.RING_ID, NOT_THERE)));
        world.third();
        Expect.status("status of a second granter", Status.BUSY, ring.serve(World.THIRD));
        Expect.status("status of the same granter", Status.OKAY, ring.serve(World.GRANTER));
        EventRing other = EventRing.register(grantee.kernel(), 1, V3RingRegister.GRANTEE, GRANTEE_PORT);
        Expect.status("status of another ring for it", Status.OKAY, other.serve(World.GRANTER));
        Expect.status("status of a second granter", Status.OKAY, ring.serve(World.THIRD));

        world.step("the share");
        Toolstack.of(world).quota(World.GRANTEE, 0, 5, 100);
        Expect.status(Status.QUOTA, grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.SHARE, 6)));
        Expect.okay(grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.SHARE, 5)));
        Expect.okay(grantee.call(control(share, World.GRANTER).with(V3GranteeCtl.SHARE, 1)));
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        tree.grant(0, PAGE, OwnTree.WRITABLE);
        Expect.okay(tree.map(grantee, 0, SLOT, 0));
        Expect.status(Status.QUOTA, tree.map(grantee, 0, SLOT + 1, 0));
        Expect.okay(grantee.call(control(share, World.GRANTER)));
        Expect.okay(tree.map(grantee, 0, SLOT + 1, 0));
    }
}
