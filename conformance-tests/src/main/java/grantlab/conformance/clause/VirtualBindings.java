package grantlab.conformance.clause;

import static grantlab.api.abi.VdomidBind.AUTO_RESUME;
import static grantlab.api.abi.VdomidBind.FORCE;
import static grantlab.conformance.clause.VirtualTrees.sees;
import static grantlab.conformance.clause.VirtualTrees.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Domctl;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabDomctl;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3TreeCreate;
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
import java.util.ArrayList;
import java.util.List;

/** vdomid_bind: who may, what follows, and what trees of a virtual domid see of it. */
@Needs(format = "layout-tree")
final class VirtualBindings {
    private static final int OWNER = World.GRANTER;
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL + 7;
    private static final int OTHER_VIRTUAL = VdomidBind.FIRST_VIRTUAL + VdomidBind.VIRTUALS - 1;
    private static final int NOT_THERE = 77;
    private static final int ROOT = 40;
    private static final int OTHER_ROOT = 41;
    private static final int PAGE = 3;
    private static final int INDEX = 5;
    private static final int SLOT = 9;

    /** More than are dropped between two flushes. */
    private static final int ALONE = 38;

    private static final int RUN = 24;
    private static final long GREETING = 0x6261_636b_656e_6421L;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    @Clause(
            id = "VDOM-01",
            promise = "The toolstack binds and nobody else: -EPERM for a guest, whatever it asks for.",
            source = "grant-v3.md, VDOM-1")
    void toolstackAlone(World world) {
        Toolstack guest = new Toolstack(world.granter());
        Expect.rc(-Errno.EPERM, guest.tryBind(OWNER, VIRTUAL, World.GRANTEE, 0));
        Expect.rc(-Errno.EPERM, guest.tryBind(NOT_THERE, 0, NOT_THERE, 0xffff));
        Expect.equal("epoch of the first binding", 1, Toolstack.of(world).bind(OWNER, VIRTUAL, World.GRANTEE, 0));
    }

    @Clause(
            id = "VDOM-02",
            promise = "Unknown flags, numbers that are not virtual and reserved bytes are -EINVAL, before domains are"
                    + " looked up.",
            source = "grant-v3.md, VDOM-2")
    void malformed(World world) {
        Toolstack toolstack = Toolstack.of(world);
        Expect.rc(-Errno.EINVAL, toolstack.tryBind(NOT_THERE, VIRTUAL, World.GRANTEE, 4));
        Expect.rc(-Errno.EINVAL, toolstack.tryBind(NOT_THERE, VIRTUAL, World.GRANTEE, 0x8000));
        Expect.rc(-Errno.EINVAL, toolstack.tryBind(OWNER, VdomidBind.FIRST_VIRTUAL - 1, World.GRANTEE, 0));
        Expect.rc(-Errno.EINVAL, toolstack.tryBind(OWNER, OTHER_VIRTUAL + 1, World.GRANTEE, 0));
        long good = Toolstack.halves(OWNER, VIRTUAL, World.GRANTEE, 0);
        int call = GnttabDomctl.VDOMID_BIND;
        Expect.rc(-Errno.EINVAL, toolstack.call(call, good, VdomidBind.EPOCH, 1L << Integer.SIZE));
        Expect.rc(-Errno.EINVAL, toolstack.call(call, good, VdomidBind.ZERO_16, 1));
        Expect.equal("epoch of the first binding", 1, toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0));
        Expect.equal("epoch of another's first", 1, toolstack.bind(OWNER, OTHER_VIRTUAL, World.GRANTEE, 0));
    }

    @Clause(
            id = "VDOM-20",
            promise =
                    "A domctl that is none of grants v3 is -ENOSYS; one of which head or payload cannot be read is -EFAULT, and nothing is bound.",
            source = "grant-v3.md, section 11; xen/include/public/domctl.h")
    void unreadable(World world) {
        Party control = world.control();
        Toolstack toolstack = Toolstack.of(world);
        long good = Toolstack.halves(OWNER, VIRTUAL, World.GRANTEE, 0);
        Expect.rc(-Errno.ENOSYS, toolstack.call(GnttabDomctl.VDOMID_BIND + 77, good));
        long nowhere = control.page(Party.PAGES - 1) + Page.SIZE;
        Expect.rc(-Errno.EFAULT, toolstack.callAt(nowhere));
        control.store(nowhere - Domctl.PAYLOAD, GnttabDomctl.VDOMID_BIND);
        Expect.rc(-Errno.EFAULT, toolstack.callAt(nowhere - Domctl.PAYLOAD));
        Expect.equal("epoch of the first binding", 1, toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0));
    }

    @Clause(
            id = "VDOM-03",
            promise = "Owner and domain must exist, else -ESRCH and nothing is bound; unbinding needs no domain.",
            source = "grant-v3.md, VDOM-3")
    void nobodyThere(World world) {
        Toolstack toolstack = Toolstack.of(world);
        Expect.rc(-Errno.ESRCH, toolstack.tryBind(NOT_THERE, VIRTUAL, World.GRANTEE, 0));
        Expect.rc(-Errno.ESRCH, toolstack.tryBind(OWNER, VIRTUAL, NOT_THERE, 0));
        Expect.rc(-Errno.ESRCH, toolstack.tryBind(OWNER, VIRTUAL, Domid.SELF, 0));
        Expect.rc(-Errno.ESRCH, toolstack.tryBind(OWNER, VIRTUAL, OTHER_VIRTUAL, 0));
        Expect.equal("epoch of what was never bound", 0, toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, 0));
        Expect.equal("epoch of the first binding", 1, toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0));
    }

    @Clause(
            id = "VDOM-04",
            promise = "Each binding has an epoch, one more than the last; unbinding tells the last one.",
            source = "grant-v3.md, VDOM-5")
    void epochs(World world) {
        world.third();
        Toolstack toolstack = Toolstack.of(world);
        Expect.equal("epoch", 1, toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0));
        Expect.equal("epoch of the same domain again", 2, toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0));
        Expect.equal("epoch after unbinding", 2, toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, 0));
        Expect.equal("epoch after unbinding again", 2, toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, 0));
        Expect.equal("epoch of another domain", 3, toolstack.bind(OWNER, VIRTUAL, World.THIRD, 0));
        Expect.equal("epoch of another owner", 1, toolstack.bind(World.GRANTEE, VIRTUAL, World.THIRD, 0));
    }

    @Clause(
            id = "VDOM-05",
            promise = "A tree whose virtual domid is not bound grants to nobody, and cannot be resumed; bound, it waits"
                    + " for the granter's RESUME with the epoch.",
            source = "grant-v3.md, TREE-25, TREE-26, MAP-9, MAP-11, VDOM-7")
    void bindsLater(World world) {
        Party grantee = world.grantee();
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        Expect.equal("peer_epoch", 0, tree.epoch());
        Expect.status(Status.BAD_TREE, tree.map(grantee, INDEX, SLOT, 0));
        Expect.status(Status.PAUSED, tree.resume(0));

        world.step("the toolstack binds it: the tree is the grantee's, and paused");
        int epoch = Toolstack.of(world).bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        Expect.status(Status.STALE, tree.map(grantee, INDEX, SLOT, 0));
        Expect.status(Status.PAUSED, tree.map(grantee, INDEX, SLOT, epoch));
        tree.expectMapped(INDEX, 0);

        world.step("the granter resumes with a wrong epoch, then with the right one");
        Expect.status(Status.STALE, tree.resume(0));
        Expect.status(Status.STALE, tree.resume(epoch + 1));
        Expect.status(Status.PAUSED, tree.map(grantee, INDEX, SLOT, epoch));
        Expect.okay(tree.resume(epoch));
        sees(world, grantee, tree, epoch);
    }

    @Clause(
            id = "VDOM-06",
            promise = "With AUTO_RESUME, of the tree or of the binding, a new binding pauses nothing; what the granter"
                    + " itself has paused stays so.",
            source = "grant-v3.md, section 11")
    void autoResume(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        OwnTree own = tree(world, VIRTUAL, ROOT, V3TreeCreate.AUTO_RESUME);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        sees(world, grantee, own, epoch);

        world.step("a tree without it, under a binding with it");
        OwnTree other = tree(world, OTHER_VIRTUAL, OTHER_ROOT, 0);
        sees(world, grantee, other, toolstack.bind(OWNER, OTHER_VIRTUAL, World.GRANTEE, AUTO_RESUME));

        world.step("the granter pauses both: no new binding ends that");
        Expect.okay(own.update(V3TreeUpdate.PAUSE, 0));
        Expect.okay(other.update(V3TreeUpdate.PAUSE, 0));
        int again = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        Expect.status(Status.PAUSED, own.map(grantee, INDEX, SLOT, again));
        again = toolstack.bind(OWNER, OTHER_VIRTUAL, World.GRANTEE, AUTO_RESUME);
        Expect.status(Status.PAUSED, other.map(grantee, INDEX, SLOT, again));
        Expect.okay(other.resume(again));
        sees(world, grantee, other, again);
    }

    @Clause(
            id = "VDOM-07",
            promise = "AUTO_RESUME of a tree needs a virtual peer: inval.",
            source = "grant-v3.md, TREE-3")
    void autoResumeOfARealPeer(World world) {
        Party granter = world.granter();
        V3Call request = OwnTree.request(granter, World.GRANTEE, ROOT);
        Expect.status(Status.INVAL, granter.call(request.and(V3TreeCreate.AUTO_RESUME)));
        Expect.okay(granter.call(request));
    }

    @Clause(
            id = "VDOM-08",
            promise =
                    "Unbinding while something is mapped is -EBUSY and changes nothing; with FORCE the mapping is gone"
                            + " with its references and its marks, and its handle is stale.",
            source = "grant-v3.md, VDOM-4, section 11")
    void unbinding(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        Expect.equal("peer_epoch", epoch, tree.epoch());
        long references = world.references(PAGE);
        V3Answer mapped = tree.map(grantee, INDEX, SLOT, epoch);
        Expect.okay(mapped);

        world.step("the toolstack unbinds, without and with FORCE");
        Expect.rc(-Errno.EBUSY, toolstack.tryBind(OWNER, VIRTUAL, Toolstack.NOBODY, 0));
        Sight.value(grantee, grantee.slot(SLOT), GREETING);
        tree.expectMapped(INDEX, IN_USE);
        Expect.okay(OwnTree.unmap(grantee, mapped));
        mapped = tree.map(grantee, INDEX, SLOT, epoch);
        Expect.okay(mapped);
        Expect.equal("epoch", epoch, toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE));

        world.step("the granter has its page alone, and the grantee nothing");
        tree.expectMapped(INDEX, 0);
        Expect.equal("references", references, world.references(PAGE));
        notThere(grantee);
        Expect.status(Status.STALE, OwnTree.unmap(grantee, mapped));
        Expect.status(Status.PAUSED, tree.map(grantee, INDEX, SLOT, epoch));
        Expect.status(Status.PAUSED, tree.resume(epoch));
        Expect.okay(tree.destroy());
    }

    @Clause(
            id = "VDOM-09",
            promise = "Binding another domain is -EBUSY while the first one has something mapped; afterwards the first"
                    + " one knows no tree, the second waits for the granter, and the old epoch is stale.",
            source = "grant-v3.md, VDOM-4, VDOM-6, VDOM-7")
    void rebinding(World world) {
        Party first = world.grantee();
        Party second = world.third();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        V3Answer mapped = tree.map(first, INDEX, SLOT, epoch);
        Expect.okay(mapped);
        Expect.rc(-Errno.EBUSY, toolstack.tryBind(OWNER, VIRTUAL, World.THIRD, AUTO_RESUME));
        Sight.value(first, first.slot(SLOT), GREETING);

        world.step("the toolstack forces it");
        int next = toolstack.bind(OWNER, VIRTUAL, World.THIRD, FORCE);
        Expect.equal("epoch", epoch + 1, next);
        tree.expectMapped(INDEX, 0);
        notThere(first);
        Expect.status(Status.BAD_TREE, tree.map(first, INDEX, SLOT, epoch));
        Expect.status(Status.BAD_TREE, tree.map(first, INDEX, SLOT, next));
        Expect.status(Status.STALE, tree.map(second, INDEX, SLOT, epoch));
        Expect.status(Status.PAUSED, tree.map(second, INDEX, SLOT, next));

        world.step("the granter resumes");
        Expect.status(Status.STALE, tree.resume(epoch));
        Expect.okay(tree.resume(next));
        Expect.status(Status.STALE, tree.map(second, INDEX, SLOT, epoch));
        sees(world, second, tree, next);
    }

    @Clause(
            id = "VDOM-22",
            promise = "A domain that has let go of everything is in nobody's way: another is bound without FORCE.",
            source = "grant-v3.md, VDOM-4, section 6 (in hand)")
    void leftForAnother(World world) {
        Party second = world.third();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        V3Answer mapped = tree.map(world.grantee(), INDEX, SLOT, epoch);
        Expect.okay(mapped);
        Expect.okay(OwnTree.unmap(world.grantee(), mapped));
        int next = toolstack.bind(OWNER, VIRTUAL, World.THIRD, AUTO_RESUME);
        sees(world, second, tree, next);
        Expect.status(Status.BAD_TREE, tree.map(world.grantee(), INDEX, SLOT, next));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "VDOM-10",
            promise = "Binding the same domain again begins an epoch and takes nothing away but with FORCE.",
            source = "grant-v3.md, section 11")
    void sameDomainAgain(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        V3Answer mapped = tree.map(grantee, INDEX, SLOT, epoch);
        Expect.okay(mapped);
        int next = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, 0);
        Sight.value(grantee, grantee.slot(SLOT), GREETING);
        Expect.status(Status.PAUSED, tree.map(grantee, INDEX, SLOT + 1, next));
        Expect.status(Status.STALE, tree.map(grantee, INDEX, SLOT + 1, epoch));
        toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, FORCE);
        tree.expectMapped(INDEX, 0);
        notThere(grantee);
    }

    @Clause(
            id = "VDOM-11",
            promise = "FORCE drops what trees of this virtual domid show, a run of many pages whole, and nothing else"
                    + " that the domain has mapped.",
            source = "grant-v3.md, VDOM-4")
    void dropsNothingElse(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, AUTO_RESUME);
        OwnTree tree = OwnTree.create(granter, VIRTUAL, ROOT, 0);
        OwnTree other = tree(world, World.GRANTEE, OTHER_ROOT, 0);
        for (int n = 0; n < 36; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
        Ledger ledger = Ledger.of(world, granter);
        V3Answer run = grantee.call(OwnTree.mapping(grantee, OWNER, tree.reference(0), 0)
                .with(V3Map.EPOCH, epoch)
                .with(V3Map.COUNT, 36));
        Expect.okay(run);
        V3Answer kept = other.map(grantee, INDEX, 50, 0);
        Expect.okay(kept);

        world.step("the toolstack unbinds with FORCE: more than one slice of mappings");
        toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE);
        for (int n = 0; n < 36; n++) {
            tree.expectMapped(n, 0);
        }
        Sight.value(grantee, grantee.slot(50), GREETING);
        other.expectMapped(INDEX, IN_USE);
        V3Answer used = grantee.call(V3Call.of(V3Form.QUERY));
        Expect.equal("records of the grantee", 1, used.get(V3Query.RECORDS_USED));
        Expect.okay(OwnTree.unmap(grantee, kept));
        ledger.check();
    }

    @Clause(
            id = "VDOM-21",
            promise =
                    "However many mappings of either kind a backend has, alone or of runs, an unbinding by force drops all, and their handles are"
                            + " stale.",
            source = "grant-v3.md, VDOM-4, VDOM-6, section 1")
    void dropsMany(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        Ledger ledger = Ledger.of(world, world.granter(), grantee);
        OwnTree tree = tree(world, VIRTUAL, ROOT, 0);
        for (int n = 0; n < RUN; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, AUTO_RESUME);
        List<V3Answer> mapped = new ArrayList<>();
        for (int n = 0; n < ALONE; n++) {
            mapped.add(tree.map(grantee, n % RUN, n, epoch));
        }
        V3Call run = OwnTree.mapping(grantee, OWNER, tree.reference(0), ALONE)
                .with(V3Map.EPOCH, epoch)
                .with(V3Map.COUNT, RUN);
        mapped.add(grantee.call(run));
        mapped.forEach(Expect::okay);
        toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE);
        for (int n = 0; n < RUN; n++) {
            tree.expectMapped(n, 0);
        }
        for (int n = 0; n < ALONE + RUN; n++) {
            Sight.nothing(grantee, grantee.slot(n));
        }
        for (V3Answer each : mapped) {
            Expect.status(Status.STALE, grantee.call(TreeDriver.unmapping(each)));
        }
        Expect.okay(tree.destroy());
        ledger.check();
        world.machine().checkInvariants();
    }

    @Clause(
            id = "VDOM-14",
            promise = "Several trees may have one virtual domid: all of them follow it.",
            source = "grant-v3.md, VDOM-9")
    void severalTrees(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        OwnTree one = tree(world, VIRTUAL, ROOT, 0);
        OwnTree other = tree(world, VIRTUAL, OTHER_ROOT, 0);
        int epoch = toolstack.bind(OWNER, VIRTUAL, World.GRANTEE, AUTO_RESUME);
        Expect.okay(one.map(grantee, INDEX, SLOT, epoch));
        sees(world, grantee, other, epoch);

        world.step("one of them is in use: none is unbound");
        Expect.rc(-Errno.EBUSY, toolstack.tryBind(OWNER, VIRTUAL, Toolstack.NOBODY, 0));
        sees(world, grantee, other, epoch);
        toolstack.bind(OWNER, VIRTUAL, Toolstack.NOBODY, FORCE);
        Expect.status(Status.PAUSED, one.map(grantee, INDEX, SLOT, epoch));
        Expect.status(Status.PAUSED, other.map(grantee, INDEX, SLOT, epoch));
    }

    @Clause(
            id = "VDOM-16",
            promise = "A grantee may name the granter by a virtual domid of its own, while that is bound: bad_domain"
                    + " else. The epoch is the tree's all the same.",
            source = "grant-v3.md, MAP-8, MAP-10")
    void granterByVirtualDomid(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        OwnTree tree = tree(world, World.GRANTEE, ROOT, 0);
        V3Call mapping = OwnTree.mapping(grantee, VIRTUAL, tree.reference(INDEX), SLOT);
        Expect.status(Status.BAD_DOMAIN, grantee.call(mapping));
        int epoch = toolstack.bind(World.GRANTEE, VIRTUAL, OWNER, 0);
        Expect.status(Status.STALE, grantee.call(mapping.with(V3Map.EPOCH, epoch)));
        V3Answer mapped = grantee.call(mapping);
        Expect.okay(mapped);
        Sight.value(grantee, grantee.slot(SLOT), GREETING);

        world.step("it is unbound: what is mapped stays, for the tree has a real peer");
        toolstack.bind(World.GRANTEE, VIRTUAL, Toolstack.NOBODY, 0);
        Sight.value(grantee, grantee.slot(SLOT), GREETING);
        Expect.status(Status.BAD_DOMAIN, grantee.call(mapping));
        Expect.okay(OwnTree.unmap(grantee, mapped));
    }

    /** What stands at the slot is not the page: a fault of a PV guest, ones of another. */
    private static void notThere(Party grantee) {
        if (grantee.tryLoad(grantee.slot(SLOT)) == 0) {
            Expect.equal("at the slot", -1L, grantee.vcpu().value());
        }
    }
}
