package grantlab.conformance.clause;

import static grantlab.api.abi.V3Entry.ATTACHED;
import static grantlab.api.abi.V3Entry.MAPPED_R;
import static grantlab.api.abi.V3Entry.MAPPED_W;
import static grantlab.api.abi.V3Entry.W_SEEN;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Sync;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** The bits that say in use, written anew from what is in use. */
@Needs(format = "layout-tree")
public final class SyncClauses implements ClauseFamily {
    private static final int ROOT = 40;
    private static final int MOST = 1 << 18;
    private static final long IN_USE = MAPPED_R | MAPPED_W;
    private static final long NEXT_GENERATION = 1L << V3Entry.GEN_SHIFT;

    /** For ServiceLoader. */
    public SyncClauses() {}

    @Override
    public String prefix() {
        return "SYNC";
    }

    @Override
    public String title() {
        return "Bits written anew";
    }

    @Clause(
            id = "SYNC-01",
            promise = "What is wrong with a sync is told in order: tree, generation, count, range, done; and nothing is"
                    + " written.",
            source = "grant-v3.md, SYNC-1 to SYNC-4")
    void order(World world) {
        Party granter = world.granter();
        OwnTree tree = tree(world);
        tree.setEntry(0, tree.entry(0) | IN_USE);
        V3Call sync = sync(tree, 0, 1);
        refused(granter, Status.INVAL, sync.with(V3Sync.DONE, 2));
        refused(granter, Status.INVAL, sync.with(V3Sync.DONE, -1));
        V3Call broken = sync.with(V3Sync.DONE, 7).with(V3Sync.FIRST, OwnTree.SPAN);
        refused(granter, Status.BAD_GNTREF, broken);
        refused(granter, Status.BAD_GNTREF, sync.with(V3Sync.COUNT, OwnTree.SPAN + 1));
        refused(granter, Status.BAD_GNTREF, sync.with(V3Sync.FIRST, -1));
        refused(granter, Status.BAD_GNTREF, sync.with(V3Sync.FIRST, Long.MAX_VALUE));
        refused(granter, Status.BAD_SIZE, broken.with(V3Sync.COUNT, 0));
        refused(granter, Status.BAD_SIZE, broken.with(V3Sync.COUNT, -1));
        broken = broken.with(V3Sync.COUNT, MOST + 1);
        refused(granter, Status.BAD_SIZE, broken);
        broken = broken.with(V3Sync.GEN, tree.generation() + 1);
        refused(granter, Status.STALE, broken);
        refused(granter, Status.BAD_TREE, broken.with(V3Sync.SLOT, 9));
        refused(granter, Status.BAD_TREE, broken.with(V3Sync.SLOT, 0));
        refused(granter, Status.BAD_TREE, broken.with(V3Sync.SLOT, 0xffff));
        tree.expectMapped(0, IN_USE);
        Expect.okay(granter.call(sync));
        tree.expectMapped(0, 0);
        V3Call foreign = sync(tree, 0, 1);
        Expect.status(Status.BAD_TREE, world.grantee().call(foreign));
    }

    private static void refused(Party granter, int status, V3Call sync) {
        V3Answer answer = granter.call(sync);
        Expect.status(status, answer);
        Expect.equal("done", sync.get(V3Sync.DONE), answer.get(V3Sync.DONE));
    }

    @Clause(
            id = "SYNC-02",
            promise =
                    "Leaves say again what is mapped through them and how, whatever the granter wrote there; bits of a"
                            + " use that nobody has go.",
            source = "grant-v3.md, 7.6, I3")
    void asItIs(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        OwnTree tree = tree(world);
        V3Answer writer = tree.map(grantee, 0, 0, 0);
        Expect.okay(writer);
        V3Call reading = OwnTree.mapping(grantee, World.GRANTER, tree.reference(1), 1);
        V3Answer reader = grantee.call(reading.with(V3Map.FLAGS, reading.get(V3Map.FLAGS) & ~V3Map.WRITE));
        Expect.okay(reader);

        world.step("the granter loses the bits of two and forges those of two others");
        tree.setEntry(0, tree.entry(0) & ~(IN_USE | W_SEEN));
        tree.setEntry(1, (tree.entry(1) & ~IN_USE) | MAPPED_W);
        tree.setEntry(2, tree.entry(2) | MAPPED_R);
        tree.setEntry(3, tree.entry(3) | IN_USE);
        Expect.okay(granter.call(sync(tree, 0, 4)));
        tree.expectMapped(0, IN_USE);
        tree.expectMapped(1, MAPPED_R);
        tree.expectMapped(2, 0);
        tree.expectMapped(3, 0);
        Expect.bits("entry 0", W_SEEN, W_SEEN, tree.entry(0));

        world.step("all end: the bits go as ever");
        Expect.okay(OwnTree.unmap(grantee, writer));
        Expect.okay(OwnTree.unmap(grantee, reader));
        tree.expectMapped(0, 0);
        tree.expectMapped(1, 0);
    }

    @Clause(
            id = "SYNC-03",
            promise = "A tombstone in use says so, and ATTACHED goes where nothing is held.",
            source = "grant-v3.md, 7.6")
    void tombstones(World world) {
        Party granter = world.granter();
        OwnTree tree = tree(world);
        Expect.okay(tree.map(world.grantee(), 0, 0, 0));
        tree.setEntry(0, (tree.entry(0) & ~IN_USE) | V3Entry.TOMBSTONE);
        tree.setEntry(1, tree.entry(1) | V3Entry.TOMBSTONE | ATTACHED | MAPPED_R);
        Expect.okay(granter.call(sync(tree, 0, 2)));
        Expect.bits("entry 0", IN_USE | ATTACHED, IN_USE, tree.entry(0));
        Expect.bits("entry 1", IN_USE | ATTACHED, 0, tree.entry(1));
    }

    @Clause(
            id = "SYNC-04",
            promise = "A leaf of another generation is another grant: the use of the old one is not its own.",
            source = "grant-v3.md, PIN-7, 7.6")
    void anotherGeneration(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        OwnTree tree = tree(world);
        V3Answer mapped = tree.map(grantee, 0, 0, 0);
        Expect.okay(mapped);
        long word = tree.entry(0);
        tree.setEntry(0, word + NEXT_GENERATION);
        Expect.okay(granter.call(sync(tree, 0, 1)));
        tree.expectMapped(0, 0);
        tree.setEntry(0, word & ~IN_USE);
        Expect.okay(granter.call(sync(tree, 0, 1)));
        tree.expectMapped(0, IN_USE);
        Expect.okay(OwnTree.unmap(grantee, mapped));
        tree.expectMapped(0, 0);
    }

    @Clause(
            id = "SYNC-05",
            promise =
                    "Done counts the pages of the range; it begins where the caller says; empty and reserved entries are"
                            + " passed over, and what software keeps stays.",
            source = "grant-v3.md, SYNC-4, 7.6")
    void done(World world) {
        Party granter = world.granter();
        OwnTree tree = tree(world);
        long software = 0x5aL << V3Entry.SW_SHIFT;
        tree.setEntry(0, tree.entry(0) | IN_USE);
        tree.setEntry(1, tree.entry(1) | IN_USE | software);
        tree.setEntry(2, tree.entry(2) | IN_USE | 1L << 63);
        tree.setEntry(4, IN_USE);
        V3Answer answer = granter.call(sync(tree, 0, OwnTree.SPAN).with(V3Sync.DONE, 1));
        Expect.okay(answer);
        Expect.equal("done", OwnTree.SPAN, answer.get(V3Sync.DONE));
        tree.expectMapped(0, IN_USE);
        Expect.bits("entry 1", IN_USE | V3Entry.SW_MASK, software, tree.entry(1));
        tree.expectMapped(2, IN_USE);
        tree.expectMapped(4, IN_USE);
        answer = granter.call(sync(tree, 0, 1).with(V3Sync.DONE, 1));
        Expect.okay(answer);
        tree.expectMapped(0, IN_USE);
    }

    @Needs(format = "large-leaves", granter = "translated")
    @Clause(
            id = "SYNC-06",
            promise = "A large leaf is one, from whatever page of it a range begins; levels that are missing are passed"
                    + " over.",
            source = "grant-v3.md, 7.6, section 10")
    void largeLeaf(World world) {
        Party granter = world.granter();
        V3Call request = OwnTree.request(granter, World.GRANTEE, ROOT)
                .with(V3TreeCreate.LEVELS, 2)
                .with(V3TreeCreate.INDEX_LIMIT, MOST);
        OwnTree tree = OwnTree.create(granter, ROOT, request.and(V3TreeCreate.LARGE_OK));
        long block = granter.kernel().frameOf(granter.kernel().allocatePages(Page.ORDER_2M));
        tree.setEntry(3, Page.address(block) | OwnTree.WRITABLE);
        V3Call mapping = OwnTree.mapping(world.grantee(), World.GRANTER, tree.reference(3 * 512 + 17), 0);
        Expect.okay(world.grantee().call(mapping));
        tree.setEntry(3, tree.entry(3) & ~IN_USE);
        V3Answer answer = granter.call(sync(tree, 3 * 512 + 500, 600));
        Expect.okay(answer);
        Expect.equal("done", 600, answer.get(V3Sync.DONE));
        tree.expectMapped(3, IN_USE);
        tree.setEntry(3, tree.entry(3) & ~IN_USE);
        answer = granter.call(sync(tree, 0, MOST));
        Expect.okay(answer);
        Expect.equal("done", MOST, answer.get(V3Sync.DONE));
        tree.expectMapped(3, IN_USE);
    }

    @Clause(
            id = "SYNC-08",
            promise = "Every leaf of a range is looked at, wherever the range begins; none before it, none behind it.",
            source = "grant-v3.md, SYNC-5, 7.6")
    void fromAnywhere(World world) {
        Party granter = world.granter();
        OwnTree tree = OwnTree.create(granter, World.GRANTEE, ROOT, 0);
        int leaves = 12;
        for (int n = 0; n < leaves; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
        for (int first = 1; first < leaves; first += 3) {
            int count = Math.min(4, leaves - first);
            for (int n = 0; n < leaves; n++) {
                tree.setEntry(n, tree.entry(n) | IN_USE);
            }
            V3Answer answer = granter.call(sync(tree, first, count));
            Expect.okay(answer);
            Expect.equal("done", count, answer.get(V3Sync.DONE));
            for (int n = 0; n < leaves; n++) {
                tree.expectMapped(n, n >= first && n < first + count ? 0 : IN_USE);
            }
        }
        for (int n = 0; n < leaves; n++) {
            tree.setEntry(n, tree.entry(n) & ~IN_USE);
        }
    }

    @Clause(
            id = "SYNC-07",
            promise = "Looking costs a grantee nothing, also one that never mapped and one that is gone.",
            source = "grant-v3.md, section 6")
    void costsNothing(World world) {
        Party granter = world.granter();
        OwnTree tree = tree(world);
        tree.setEntry(0, tree.entry(0) | IN_USE);
        Expect.okay(granter.call(sync(tree, 0, 4)));
        tree.expectMapped(0, 0);
        Expect.equal(
                "pages of the grantee's pool",
                0,
                world.machine().charges(World.GRANTEE).pages());
        world.destroy(world.grantee());
        tree.setEntry(0, tree.entry(0) | IN_USE);
        Expect.okay(granter.call(sync(tree, 0, 4)));
        tree.expectMapped(0, 0);
    }

    /** Of d1 to d2; index n is page n, up to 3. */
    private static OwnTree tree(World world) {
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        for (int n = 0; n < 4; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
        return tree;
    }

    private static V3Call sync(OwnTree tree, long first, long count) {
        return V3Call.of(V3Form.SYNC)
                .with(V3Sync.SLOT, tree.slot())
                .with(V3Sync.GEN, tree.generation())
                .with(V3Sync.FIRST, first)
                .with(V3Sync.COUNT, count);
    }
}
