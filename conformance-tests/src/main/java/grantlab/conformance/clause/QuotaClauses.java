package grantlab.conformance.clause;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3TreeCreate;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.invariant.Charges;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What grants cost the hypervisor: who is charged for it, and each bound from both sides. */
@Needs(format = "layout-tree")
public final class QuotaClauses implements ClauseFamily {
    private static final String BOUNDS = "grant-v3.md, QUOTA-5, section 6";
    private static final int NOT_THERE = 77;
    private static final int ROOT = 40;
    private static final int OTHER_ROOT = 41;
    private static final int THIRD_ROOT = 42;
    private static final long PLENTY = 1000;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int USUAL_TREES = 64;
    private static final int RECORDS_OF_A_PAGE = 64;
    private static final int LONG_RUN = 300;
    private static final int HELD = 60;
    private static final int PAGES_OF_RUN = 30;
    private static final int MOST_PAGES = 40;

    /** For ServiceLoader. */
    public QuotaClauses() {}

    @Override
    public String prefix() {
        return "QUOTA";
    }

    @Override
    public String title() {
        return "Who is charged for what";
    }

    @Override
    public List<Object> parts() {
        return List.of(new QuotaInHand());
    }

    @Clause(
            id = "QUOTA-01",
            promise = "gnt_quota and gnt_policy are the toolstack's: -EPERM for a guest.",
            source = "grant-v3.md, QUOTA-1, section 8.4")
    void toolstackAlone(World world) {
        Toolstack guest = new Toolstack(world.grantee());
        Expect.rc(-Errno.EPERM, guest.tryQuota(World.GRANTEE, 0, 0, PLENTY));
        Expect.rc(-Errno.EPERM, guest.tryQuota(NOT_THERE, 0xffff, 0, -1));
        Expect.rc(-Errno.EPERM, guest.tryPolicy(World.GRANTEE, 0, 0));
        Expect.rc(0, Toolstack.of(world).tryQuota(World.GRANTEE, 0, 0, PLENTY));
        Expect.rc(0, Toolstack.of(world).tryPolicy(World.GRANTEE, 0, 0));
    }

    @Clause(
            id = "QUOTA-02",
            promise = "Pages beyond 2^31 - 1, trees beyond 4095, reserved bytes and fates that are not announced are"
                    + " -EINVAL, and change nothing.",
            source = "grant-v3.md, QUOTA-2, section 8.4")
    void malformed(World world) {
        Toolstack toolstack = Toolstack.of(world);
        toolstack.quota(World.GRANTEE, 7, 0, PLENTY);
        Expect.rc(-Errno.EINVAL, toolstack.tryQuota(NOT_THERE, 0, 0, 1L << 31));
        Expect.rc(-Errno.EINVAL, toolstack.tryQuota(World.GRANTEE, 0, 0, -1));
        Expect.rc(-Errno.EINVAL, toolstack.tryQuota(World.GRANTEE, 4096, 0, PLENTY));
        Expect.rc(-Errno.EINVAL, toolstack.tryPolicy(World.GRANTEE, 1, 0));
        for (int bit : new int[] {1, 2, 3, 16, 17, 31}) {
            Expect.rc(-Errno.EINVAL, toolstack.tryPolicy(World.GRANTEE, 0, 1L << bit));
        }
        V3Answer query = query(world.grantee());
        Expect.equal("max_trees", 7, query.get(V3Query.MAX_TREES));
        Expect.equal("records_quota", PLENTY * RECORDS_OF_A_PAGE, query.get(V3Query.RECORDS_QUOTA));
        toolstack.quota(World.GRANTEE, 4095, 0xffff_ffffL, Integer.MAX_VALUE);
        query = query(world.grantee());
        Expect.equal("max_trees", 4095, query.get(V3Query.MAX_TREES));
        Expect.equal("records_quota", (long) Integer.MAX_VALUE * RECORDS_OF_A_PAGE, query.get(V3Query.RECORDS_QUOTA));
        toolstack.quota(World.GRANTEE, 0, 0, PLENTY);
        Expect.equal("max_trees", USUAL_TREES, query(world.grantee()).get(V3Query.MAX_TREES));
    }

    @Clause(id = "QUOTA-03", promise = "The domain must exist: -ESRCH.", source = "grant-v3.md, QUOTA-3, section 8.4")
    void nobodyThere(World world) {
        Toolstack toolstack = Toolstack.of(world);
        Expect.rc(-Errno.ESRCH, toolstack.tryQuota(NOT_THERE, 0, 0, PLENTY));
        Expect.rc(-Errno.ESRCH, toolstack.tryPolicy(NOT_THERE, 0, 0));
    }

    @Clause(
            id = "QUOTA-04",
            promise = "max_mappings bounds the mappings of a tree: the next is refused and leaves nothing behind; one"
                    + " that ends makes room.",
            source = BOUNDS)
    void maxMappings(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        OwnTree tree = OwnTree.create(
                granter, ROOT, OwnTree.request(granter, World.GRANTEE, ROOT).with(V3TreeCreate.MAX_MAPPINGS, 2));
        grantSome(tree, 4);
        V3Answer first = mapped(tree, grantee, 0);
        // The same leaf once more is a mapping, and no leaf more.
        V3Answer second = tree.map(grantee, 0, 1, 0);
        Expect.okay(second);
        refused(world, tree, grantee, 2);

        world.step("a run that has room for a part: what fits is mapped");
        Expect.okay(OwnTree.unmap(grantee, second));
        V3Answer run = grantee.call(
                OwnTree.mapping(grantee, World.GRANTER, tree.reference(1), 1).with(V3Map.COUNT, 2));
        Expect.status(Status.QUOTA, run);
        Expect.equal("done", 1, run.get(V3Map.DONE));
        tree.expectMapped(1, IN_USE);
        tree.expectMapped(2, 0);

        world.step("one ends, another begins");
        Expect.okay(OwnTree.unmap(grantee, first));
        mapped(tree, grantee, 2);
        refused(world, tree, grantee, 3);
    }

    @Clause(
            id = "QUOTA-05",
            promise =
                    "max_active bounds the leaves in use, by copies too: more of a leaf in use is no more; the next leaf"
                            + " is refused.",
            source = BOUNDS + ", MAP-25")
    void maxActive(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        OwnTree tree = OwnTree.create(
                granter, ROOT, OwnTree.request(granter, World.GRANTEE, ROOT).with(V3TreeCreate.MAX_ACTIVE, 2));
        grantSome(tree, 4);
        V3Answer first = mapped(tree, grantee, 0);
        mapped(tree, grantee, 1);
        Expect.okay(tree.map(grantee, 0, 2, 0));
        refused(world, tree, grantee, 3);
        Driver driver = new Driver(grantee);
        Expect.status("copy of another leaf", Status.QUOTA, driver.copyOut(tree.reference(3), 0));
        Expect.status("copy of a leaf in use", Status.OKAY, driver.copyOut(tree.reference(1), 0));

        world.step("the leaf that is mapped twice stays in use until both end");
        Expect.okay(OwnTree.unmap(grantee, first));
        refused(world, tree, grantee, 3);

        world.step("the granter sets the bound higher, then lower");
        Expect.okay(tree.limits(0, 3));
        mapped(tree, grantee, 3);
        Expect.okay(tree.limits(0, 1));
        tree.expectMapped(1, IN_USE);
        tree.expectMapped(3, IN_USE);
        refused(world, tree, grantee, 2);
    }

    @Clause(
            id = "QUOTA-06",
            promise = "The share bounds what one granter's trees take together of a grantee, and no other granter's.",
            source = BOUNDS + ", QUOTA-6")
    void share(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Toolstack.of(world).quota(World.GRANTEE, 0, 3, PLENTY);
        OwnTree one = tree(granter, ROOT);
        OwnTree other = tree(granter, OTHER_ROOT);
        mapped(one, grantee, 0);
        mapped(one, grantee, 1);
        V3Answer last = mapped(other, grantee, 2);
        refused(world, one, grantee, 3);
        refused(world, other, grantee, 3);

        world.step("another granter has a share of its own");
        OwnTree third = tree(world.third(), ROOT);
        V3Answer foreign = third.map(grantee, 3, 3, 0);
        Expect.okay(foreign);
        Expect.okay(OwnTree.unmap(grantee, foreign));
        Expect.okay(OwnTree.unmap(grantee, last));
        mapped(one, grantee, 3);

        world.step("the toolstack takes the bound away");
        refused(world, other, grantee, 2);
        Toolstack.of(world).quota(World.GRANTEE, 0, 0, PLENTY);
        mapped(other, grantee, 2);
    }

    @Clause(
            id = "QUOTA-07",
            promise =
                    "A pool without a page left gives nothing and takes nothing away: maps and trees answer quota until"
                            + " there is room.",
            source = BOUNDS + ", QUOTA-4")
    void pool(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        OwnTree tree = tree(granter, ROOT);

        world.step("pages one by one, until a map succeeds");
        int pages = 0;
        toolstack.quota(World.GRANTEE, 0, 0, pages);
        V3Answer answer = tree.map(grantee, 0, 0, 0);
        while (answer.status() == Status.QUOTA && pages < 16) {
            tree.expectMapped(0, 0);
            toolstack.quota(World.GRANTEE, 0, 0, ++pages);
            answer = tree.map(grantee, 0, 0, 0);
        }
        Expect.okay(answer);
        Expect.equal(
                "pages of the pool that are used",
                pages,
                charges(world, World.GRANTEE).pages());
        Expect.status(Status.QUOTA, grantee.call(OwnTree.request(grantee, World.GRANTER, ROOT)));

        world.step("less than what is used: nothing goes, and what has a page goes on");
        toolstack.quota(World.GRANTEE, 0, 0, 0);
        tree.expectMapped(0, IN_USE);
        mapped(tree, grantee, 1);
        Expect.status(Status.QUOTA, grantee.call(OwnTree.request(grantee, World.GRANTER, ROOT)));
        toolstack.quota(World.GRANTEE, 0, 0, pages + 1);
        Expect.okay(grantee.call(OwnTree.request(grantee, World.GRANTER, ROOT)));
        Expect.equal(
                "pages of the pool that are used",
                pages + 1,
                charges(world, World.GRANTEE).pages());
    }

    @Clause(
            id = "QUOTA-08",
            promise =
                    "A domain has as many trees as the toolstack says, each at the cost of a page of its pool; one that"
                            + " is destroyed makes room.",
            source = BOUNDS + ", TREE-8")
    void trees(World world) {
        Party granter = world.granter();
        Toolstack.of(world).quota(World.GRANTER, 2, 0, PLENTY);
        OwnTree first = tree(granter, ROOT);
        tree(granter, OTHER_ROOT);
        Expect.equal(
                "pages of the pool that are used",
                2,
                charges(world, World.GRANTER).pages());
        V3Call another = OwnTree.request(granter, World.GRANTEE, THIRD_ROOT);
        Expect.status(Status.QUOTA, granter.call(another));
        V3Call fixed = another.and(V3TreeCreate.FIXED_ID).with(V3TreeCreate.SLOT, 9);
        Expect.status(Status.QUOTA, granter.call(fixed));

        world.step("the slot is looked at before the quota, the root after it");
        Expect.status(Status.BUSY, granter.call(fixed.with(V3TreeCreate.SLOT, first.slot())));
        Expect.status(Status.QUOTA, granter.call(another.with(V3TreeCreate.ROOT_GFN, 1L << 40)));
        Expect.okay(first.destroy());
        Expect.equal(
                "pages of the pool that are used",
                1,
                charges(world, World.GRANTER).pages());
        Expect.okay(granter.call(fixed));
        Expect.status(Status.QUOTA, granter.call(another));

        world.step("fewer than there are takes none away");
        Toolstack.of(world).quota(World.GRANTER, 1, 0, PLENTY);
        Expect.equal("trees", 2, charges(world, World.GRANTER).trees());
        Expect.status(Status.QUOTA, granter.call(another));
    }

    @Clause(
            id = "QUOTA-09",
            promise = "A grantee that uses up what a granter allows leaves a third one all of its own.",
            source = "grant-v3.md, QUOTA-6")
    void othersAreUntouched(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        OwnTree tree = OwnTree.create(
                granter, ROOT, OwnTree.request(granter, World.GRANTEE, ROOT).with(V3TreeCreate.MAX_MAPPINGS, 1));
        grantSome(tree, 2);
        mapped(tree, grantee, 0);
        refused(world, tree, grantee, 1);
        Toolstack.of(world).quota(World.GRANTEE, 0, 0, 0);
        OwnTree other = OwnTree.create(granter, OTHER_ROOT, OwnTree.request(granter, World.THIRD, OTHER_ROOT));
        grantSome(other, 4);
        for (int n = 0; n < 4; n++) {
            Expect.okay(other.map(third, n, n, 0));
        }
    }

    @Clause(
            id = "QUOTA-10",
            promise =
                    "What a grantee is charged for is what lives: records by granter, leaves and mappings by tree; all"
                            + " unmapped, it is nothing.",
            source = "grant-v3.md, I8, 5.1")
    void whatLives(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        OwnTree tree = tree(granter, ROOT);
        V3Answer first = mapped(tree, grantee, 0);
        V3Answer second = tree.map(grantee, 0, 1, 0);
        Expect.okay(second);
        Charges charged = charges(world, World.GRANTEE);
        Expect.equal("records", 2, charged.records());
        Expect.equal("records for d1", 2, charged.recordsFor(World.GRANTER));
        Expect.equal("records_used", 2, query(grantee).get(V3Query.RECORDS_USED));
        Charges.TreeUse use = charges(world, World.GRANTER).uses().getFirst();
        Expect.equal("leaves in use", 1, use.leaves());
        Expect.equal("mappings", 2, use.mappings());
        Expect.equal("grantee", World.GRANTEE, use.grantee());
        Expect.equal("records_used of the granter", 0, query(granter).get(V3Query.RECORDS_USED));
        Expect.okay(OwnTree.unmap(grantee, first));
        Expect.okay(OwnTree.unmap(grantee, second));
        Expect.equal("records", 0, charges(world, World.GRANTEE).records());
        use = charges(world, World.GRANTER).uses().getFirst();
        Expect.equal("leaves in use", 0, use.leaves());
        Expect.equal("mappings", 0, use.mappings());
    }

    @Clause(
            id = "QUOTA-11",
            promise =
                    "The death of a domain gives back what it was charged for, long runs of mappings included, and frees"
                            + " the bounds of others' trees.",
            source = "grant-v3.md, QUOTA-7, I8")
    void death(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        OwnTree tree = OwnTree.create(
                granter, ROOT, OwnTree.request(granter, World.GRANTEE, ROOT).with(V3TreeCreate.MAX_ACTIVE, 32));
        grantSome(tree, 32);
        V3Call run = OwnTree.mapping(grantee, World.GRANTER, tree.reference(0), 0);
        Expect.okay(grantee.call(run.with(V3Map.COUNT, 32)));
        V3Answer own = grantee.call(OwnTree.request(grantee, World.GRANTER, ROOT));
        Expect.okay(own);
        OwnTree held = tree(grantee, World.GRANTER, OTHER_ROOT);
        Expect.okay(held.map(granter, 0, 0, 0));

        world.step("the grantee dies, but for a page that the granter has mapped");
        world.destroy(grantee);
        Charges left = charges(world, World.GRANTEE);
        Expect.equal("records", 0, left.records());
        Expect.equal("trees", 1, left.trees());
        Expect.equal("pages of the pool that are used", 1, left.pages());
        Charges.TreeUse use = charges(world, World.GRANTER).uses().getFirst();
        Expect.equal("leaves in use", 0, use.leaves());
        Expect.equal("mappings", 0, use.mappings());
        for (int n = 0; n < 32; n++) {
            tree.expectMapped(n, 0);
        }
    }

    @Clause(
            id = "QUOTA-12",
            promise =
                    "A run whose grantee's pool ends in its midst keeps what was mapped until then: so many leaves are in use, no other; with"
                            + " each page more it comes further, and all of it can be given back.",
            source = BOUNDS + ", MAP-25, MAP-32")
    void poolEndsAmidARun(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world).forDevices();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < LONG_RUN; n++) {
            tree.grant(n, n % PAGES_OF_RUN, 0);
        }
        V3Call run = driver.mapping(tree.ref(0), 0).with(V3Map.COUNT, LONG_RUN);
        expectToEndAmid(world, tree, run, 0);
        world.step("once more where the first leaves are in use, so that these pages go by themselves");
        Toolstack.of(world).quota(World.GRANTEE, 0, 0, PLENTY);
        V3Answer held = grantee.call(run.with(V3Map.COUNT, HELD));
        Expect.okay(held);
        long behind = grantee.translated() ? HELD : (long) HELD * Long.BYTES;
        expectToEndAmid(world, tree, run.with(V3Map.DEST, run.get(V3Map.DEST) + behind), HELD);
        driver.letGo(held);
    }

    /** With each page of the pool more it comes further, or as far. */
    private static void expectToEndAmid(World world, RawTree tree, V3Call run, int held) {
        Party grantee = world.grantee();
        long idle = references(world);
        long before = 0;
        for (int pages = 0; before < LONG_RUN; pages++) {
            Toolstack.of(world).quota(World.GRANTEE, 0, 0, pages);
            V3Answer mapped = grantee.call(run);
            long done = mapped.get(V3Map.DONE);
            Expect.status(done == LONG_RUN ? Status.OKAY : Status.QUOTA, mapped);
            Expect.holds("it comes as far as with a page less", done >= before && pages < MOST_PAGES);
            for (int n = 0; n < LONG_RUN; n++) {
                Expect.bits("leaf " + n, IN_USE, n < Math.max(held, done) ? V3Entry.MAPPED_R : 0, tree.get(n));
            }
            Expect.equal("records", held + done, charges(world, World.GRANTEE).records());
            if (done != 0) {
                new TreeDriver(grantee).letGo(mapped);
            }
            Expect.equal(
                    "records afterwards", held, charges(world, World.GRANTEE).records());
            Expect.equal("references of all pages afterwards", idle, references(world));
            before = done;
        }
    }

    private static long references(World world) {
        return IntStream.range(0, PAGES_OF_RUN).mapToLong(world::references).sum();
    }

    @Clause(
            id = "QUOTA-13",
            promise =
                    "Who lets go in one call of what several granters granted, now of the one and now of the other, is charged for nothing of"
                            + " any of them.",
            source = "grant-v3.md, I8, 7.2")
    void severalGranters(World world) {
        Party grantee = world.grantee();
        List<OwnTree> trees = List.of(tree(world.granter(), ROOT), tree(world.third(), ROOT));
        List<V3Call> unmaps = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
            for (OwnTree tree : trees) {
                int peer = tree == trees.getFirst() ? World.GRANTER : World.THIRD;
                V3Answer mapped = grantee.call(OwnTree.mapping(grantee, peer, tree.reference(n), unmaps.size()));
                Expect.okay(mapped);
                unmaps.add(TreeDriver.unmapping(mapped));
            }
        }
        Expect.equal("shares", 2, charges(world, World.GRANTEE).shares().size());
        grantee.elements(unmaps).elements().forEach(Expect::okay);
        Charges left = charges(world, World.GRANTEE);
        Expect.equal("records", 0, left.records());
        Expect.equal(
                "mappings of each",
                List.of(),
                left.shares().stream().filter(share -> share.records() != 0).toList());
    }

    private static OwnTree tree(Party granter, int root) {
        return tree(granter, World.GRANTEE, root);
    }

    private static OwnTree tree(Party granter, int peer, int root) {
        OwnTree tree = OwnTree.create(granter, peer, root, 0);
        grantSome(tree, 4);
        return tree;
    }

    /** Index n is page n. */
    private static void grantSome(OwnTree tree, int count) {
        for (int n = 0; n < count; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
    }

    private static V3Answer mapped(OwnTree tree, Party grantee, int index) {
        V3Answer mapped = tree.map(grantee, index, 10 * (int) tree.slot() + index, 0);
        Expect.okay(mapped);
        return mapped;
    }

    /** A bound is met: nothing changes. */
    private static void refused(World world, OwnTree tree, Party grantee, int index) {
        world.step("one more is refused, and leaves nothing behind");
        Charges before = charges(world, grantee.domid());
        long references = world.references(index);
        Expect.status(Status.QUOTA, tree.map(grantee, index, 60, 0));
        tree.expectMapped(index, 0);
        Expect.equal("references", references, world.references(index));
        Expect.equal("what the grantee is charged for", before, charges(world, grantee.domid()));
    }

    private static Charges charges(World world, int domid) {
        world.machine().dropCaches();
        return world.machine().charges(domid);
    }

    private static V3Answer query(Party party) {
        V3Answer answer = party.call(V3Call.of(V3Form.QUERY));
        Expect.okay(answer);
        return answer;
    }
}
