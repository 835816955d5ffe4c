package grantlab.conformance.clause;

import static grantlab.api.abi.V3Probe.WORD_COPY_ONLY;
import static grantlab.api.abi.V3Probe.WORD_DEVICE;
import static grantlab.api.abi.V3Probe.WORD_ORDER_SHIFT;
import static grantlab.api.abi.V3Probe.WORD_READ;
import static grantlab.api.abi.V3Probe.WORD_REVOKED;
import static grantlab.api.abi.V3Probe.WORD_WRITE;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeRecord;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.VdomidBind;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.ArrayList;
import java.util.List;

/** How a domain finds out: what there is, which trees are granted to it, and what their leaves allow. */
@Needs(format = "layout-tree")
public final class ProbeClauses implements ClauseFamily {
    private static final int ROOT = 40;
    private static final int OTHER_ROOT = 41;
    private static final int NODE = 42;
    private static final int RESULT = 50;
    private static final int NOT_THERE = 77;
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL;
    private static final int DEVICE = 51712;
    private static final long UNTOUCHED = 0x5555_5555_5555_5555L;
    private static final int MOST_RECORDS = 128;
    private static final int MOST_WORDS = 2048;

    /** For ServiceLoader. */
    public ProbeClauses() {}

    @Override
    public String prefix() {
        return "PROBE";
    }

    @Override
    public String title() {
        return "Finding trees, looking at permissions";
    }

    @Clause(
            id = "PROBE-01",
            promise =
                    "v3_query tells what is there: pages of 4 KiB, four levels, 2^36 indices, revocation with all CPU"
                            + " and device fates, also without waiting, downgrading, exceptions, and nothing that is not built.",
            source = "grant-v3.md, 5.1, ABI-7")
    void query(World world) {
        V3Answer query = world.grantee().call(V3Call.of(V3Form.QUERY));
        Expect.okay(query);
        Expect.equal("page_shift", Page.SHIFT, query.get(V3Query.PAGE_SHIFT));
        Expect.equal("max_levels", 4, query.get(V3Query.MAX_LEVELS));
        Expect.equal("orders", world.grantee().translated() ? 7 : 1, query.get(V3Query.ORDERS));
        Expect.equal("max_trees", 64, query.get(V3Query.MAX_TREES));
        Expect.equal("max_ring_pages", 16, query.get(V3Query.MAX_RING_PAGES));
        Expect.equal("index_limit", 1L << 36, query.get(V3Query.INDEX_LIMIT));
        Expect.equal("records_used", 0, query.get(V3Query.RECORDS_USED));
        int cpuFates = 1 << V3Revoke.CPU_FAULT | 1 << V3Revoke.CPU_ZERO | 1 << V3Revoke.CPU_SNAPSHOT;
        Expect.equal("cpu_fates", cpuFates, query.get(V3Query.CPU_FATES));
        Expect.equal("dev_fates", 1 << V3Revoke.DEV_BLOCK | 1 << V3Revoke.DEV_SINK_WO, query.get(V3Query.DEV_FATES));
        Expect.bits(
                "features",
                ~(long) V3Query.DEVICE,
                V3Query.REVOKE | V3Query.REVOKE_FLAT | V3Query.ASYNC | V3Query.DOWNGRADE | V3Query.INJECT,
                query.get(V3Query.FEATURES));
        V3Call reserved = V3Call.of(V3Form.QUERY).with(V3Query.ZERO_60, 1);
        Expect.status(Status.INVAL, world.grantee().call(reserved));
        Expect.status(
                Status.UNSUPPORTED, world.grantee().call(V3Call.of(V3Form.QUERY).and(1)));
    }

    @Clause(
            id = "PROBE-03",
            promise =
                    "What is wrong with a probe is told in order: mode, dev_id, count, reference, peer, tree, page; and"
                            + " nothing is written.",
            source = "grant-v3.md, PROBE-1 to PROBE-7")
    void order(World world) {
        Party grantee = world.grantee();
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        V3Call range = range(grantee, tree.reference(0), 1);
        grantee.store(grantee.page(RESULT), UNTOUCHED);
        // From the last rule to the first: each answer comes although all later ones are broken too.
        V3Call broken = range.with(V3Probe.RESULT_GFN, 1L << 40);
        refused(grantee, Status.BAD_PAGE, broken);
        broken = broken.with(V3Probe.REF, V3Ref.of((int) tree.slot(), (int) tree.generation() + 1, 0));
        refused(grantee, Status.STALE, broken);
        broken = broken.with(V3Probe.REF, V3Ref.of(9, (int) tree.generation() + 1, 0));
        refused(grantee, Status.BAD_TREE, broken);
        refused(grantee, Status.BAD_TREE, range.with(V3Probe.REF, 8));
        broken = broken.with(V3Probe.PEER, NOT_THERE);
        refused(grantee, Status.BAD_DOMAIN, broken);
        refused(grantee, Status.BAD_DOMAIN, range.with(V3Probe.PEER, VIRTUAL));
        refused(grantee, Status.INVAL, broken.with(V3Probe.REF, 1L << 32));
        broken = broken.with(V3Probe.REF, 1L << 56);
        refused(grantee, Status.INVAL, broken);
        refused(grantee, Status.BAD_SIZE, broken.with(V3Probe.COUNT, 0));
        broken = broken.with(V3Probe.COUNT, MOST_WORDS + 1);
        refused(grantee, Status.BAD_SIZE, broken);
        broken = broken.with(V3Probe.DEV_ID, 1);
        refused(grantee, Status.INVAL, broken);
        refused(grantee, Status.UNSUPPORTED, broken.with(V3Probe.MODE, 2));
        refused(grantee, Status.BAD_SIZE, trees(grantee, 0, V3Probe.ANY_DEVICE, MOST_RECORDS + 1));
        Expect.equal("the page for results", UNTOUCHED, grantee.load(grantee.page(RESULT)));
        Expect.okay(grantee.call(range));
    }

    private static void refused(Party grantee, int status, V3Call probe) {
        V3Answer answer = grantee.call(probe.with(V3Probe.DONE, 99));
        Expect.status(status, answer);
        Expect.equal("done", 99, answer.get(V3Probe.DONE));
    }

    @Clause(
            id = "PROBE-04",
            promise =
                    "A grantee finds the trees that are granted to it, by slot, and is told all of each; those of others"
                            + " are as if they did not exist.",
            source = "grant-v3.md, 5.5, SEC-7")
    void findsItsOwn(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        OwnTree.create(granter, World.THIRD, 43, 0);
        OwnTree large = OwnTree.create(granter, World.GRANTEE, ROOT, V3TreeCreate.LARGE_OK);
        V3Call request = OwnTree.request(granter, World.GRANTEE, OTHER_ROOT)
                .with(V3TreeCreate.LEVELS, 3)
                .with(V3TreeCreate.INDEX_LIMIT, 12345)
                .with(V3TreeCreate.DEV_ID, DEVICE)
                .with(V3TreeCreate.SLOT, 4095)
                .with(V3TreeCreate.GEN, 255)
                .and(V3TreeCreate.DEVICE | V3TreeCreate.FIXED_ID | V3TreeCreate.PAUSED);
        OwnTree device = OwnTree.create(granter, OTHER_ROOT, request);

        world.step("all of them");
        Expect.equal("slots", List.of(large.slot(), device.slot()), slots(grantee, 0, V3Probe.ANY_DEVICE, 4));
        long record = grantee.page(RESULT) + V3TreeRecord.SIZE;
        Expect.equal("slot, gen, levels", 4095 | 255 << 16 | 3 << 24, grantee.load(record) & 0xffff_ffffL);
        long flags = V3TreeCreate.DEVICE | V3TreeCreate.FIXED_ID | V3TreeCreate.PAUSED;
        Expect.equal("flags", flags, grantee.load(record) >>> Integer.SIZE);
        Expect.equal("index_limit", 12345, grantee.load(record + V3TreeRecord.INDEX_LIMIT));
        Expect.equal("epoch and dev_id", (long) DEVICE << Integer.SIZE, grantee.load(record + V3TreeRecord.EPOCH));
        Expect.equal("base_ref", device.reference(0), grantee.load(record + V3TreeRecord.BASE_REF));
        Expect.equal("base_ref", V3Ref.of(4095, 255, 0), device.reference(0));
        Expect.equal("no device", 0xffff_ffffL, grantee.load(grantee.page(RESULT) + 16) >>> Integer.SIZE);

        world.step("by device, from a slot on, one at a time");
        Expect.equal("slots", List.of(device.slot()), slots(grantee, 0, DEVICE, 4));
        Expect.equal("slots", List.of(), slots(grantee, 0, DEVICE + 1, 4));
        Expect.equal("slots", List.of(large.slot()), slots(grantee, 0, V3Probe.ANY_DEVICE, 1));
        long behind = V3Ref.of((int) large.slot() + 1, 77, 5);
        Expect.equal("slots", List.of(device.slot()), slots(grantee, behind, V3Probe.ANY_DEVICE, 1));

        world.step("the granter destroys one; the third finds its own alone");
        Expect.okay(large.destroy());
        Expect.equal("slots", List.of(device.slot()), slots(grantee, 0, V3Probe.ANY_DEVICE, 4));
        Expect.equal("slots of the third", List.of(1L), slots(third, 0, V3Probe.ANY_DEVICE, 4));
        Expect.equal("slots of the granter", List.of(), slots(granter, 0, V3Probe.ANY_DEVICE, 4));
    }

    @Clause(id = "PROBE-05", promise = "PAUSED in a record is as it is now.", source = "grant-v3.md, 16.15")
    void pausedNow(World world) {
        Party grantee = world.grantee();
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, V3TreeCreate.PAUSED);
        Expect.equal("flags", V3TreeCreate.PAUSED, flagsOfFirst(grantee));
        Expect.okay(tree.resume(0));
        Expect.equal("flags", 0, flagsOfFirst(grantee));
        Expect.okay(tree.update(V3TreeUpdate.PAUSE, 0));
        Expect.equal("flags", V3TreeCreate.PAUSED, flagsOfFirst(grantee));
    }

    private static long flagsOfFirst(Party grantee) {
        Expect.equal("trees", 1, slots(grantee, 0, V3Probe.ANY_DEVICE, 1).size());
        return grantee.load(grantee.page(RESULT)) >>> Integer.SIZE;
    }

    @Clause(
            id = "PROBE-06",
            promise =
                    "A range tells for each page what its leaf allows, through all masks, and 0 for what is not granted;"
                            + " nothing is pinned.",
            source = "grant-v3.md, 5.5")
    void words(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        V3Call request = OwnTree.request(granter, World.GRANTEE, ROOT)
                .with(V3TreeCreate.LEVELS, 2)
                .with(V3TreeCreate.INDEX_LIMIT, 512 + 7);
        OwnTree tree = OwnTree.create(granter, ROOT, request);
        long node = Page.address(granter.pageFrame(NODE)) | V3Entry.TABLE;
        tree.setEntry(1, node | V3Entry.W | V3Entry.DEV);
        long leaf = Page.address(granter.pageFrame(0)) | V3Entry.LEAF;
        long[] entries = {
            0,
            leaf,
            leaf | V3Entry.W,
            leaf | V3Entry.W | V3Entry.DEV,
            leaf | V3Entry.COPY_ONLY,
            leaf | V3Entry.TOMBSTONE,
            leaf | 1L << 63,
            leaf | V3Entry.W
        };
        for (int n = 0; n < entries.length; n++) {
            granter.store(granter.page(NODE) + 8L * n, entries[n]);
        }
        int writable = WORD_READ | WORD_WRITE;
        Expect.equal(
                "words",
                List.of(
                        0,
                        0,
                        WORD_READ,
                        writable,
                        writable | WORD_DEVICE,
                        WORD_READ | WORD_COPY_ONLY,
                        WORD_REVOKED,
                        0,
                        0),
                words(grantee, tree, 511, 9));
        for (int n = 0; n < entries.length; n++) {
            Expect.equal("entry " + n, entries[n], granter.load(granter.page(NODE) + 8L * n));
        }

        world.step("the granter masks everything below");
        tree.setEntry(1, node);
        world.machine().dropCaches();
        Expect.equal("words", List.of(WORD_READ, WORD_READ, WORD_READ), words(grantee, tree, 513, 3));
        tree.setEntry(1, 0);
        world.machine().dropCaches();
        Expect.equal("words", List.of(0, 0, 0), words(grantee, tree, 513, 3));

        world.step("a page for results has room for 2048 words");
        Expect.equal("words", MOST_WORDS, words(grantee, tree, 0, MOST_WORDS).size());
    }

    @Needs(format = "large-leaves", granter = "translated")
    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PROBE-07",
            promise =
                    "Every page of a large leaf tells the leaf's order; where large leaves are not allowed, or one is not"
                            + " aligned, it tells nothing.",
            source = "grant-v3.md, 5.5, MAP-21, WALK-8")
    void largeLeaf(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        V3Call request = OwnTree.request(granter, World.GRANTEE, ROOT)
                .with(V3TreeCreate.LEVELS, 2)
                .with(V3TreeCreate.INDEX_LIMIT, 1 << 18);
        OwnTree large = OwnTree.create(granter, ROOT, request.and(V3TreeCreate.LARGE_OK));
        OwnTree small = OwnTree.create(granter, ROOT, request);
        long block = granter.kernel().frameOf(granter.kernel().allocatePages(Page.ORDER_2M));
        large.setEntry(3, Page.address(block) | OwnTree.WRITABLE);
        int word = WORD_READ | WORD_WRITE | Page.ORDER_2M << WORD_ORDER_SHIFT;
        Expect.equal("words", List.of(0, word, word), words(grantee, large, 3 * 512 - 1, 3));
        Expect.equal("words", List.of(word, 0), words(grantee, large, 4 * 512 - 1, 2));
        Expect.equal("words", List.of(0, 0), words(grantee, small, 3 * 512, 2));
        large.setEntry(3, Page.address(block + 1) | OwnTree.WRITABLE);
        Expect.equal("words", List.of(0, 0), words(grantee, large, 3 * 512, 2));
        large.setEntry(3, Page.address(block) | V3Entry.TOMBSTONE);
        word = WORD_REVOKED | Page.ORDER_2M << WORD_ORDER_SHIFT;
        Expect.equal("words", List.of(word), words(grantee, large, 3 * 512, 1));
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PROBE-08",
            promise =
                    "Others do not look into a tree: bad_tree for the granter and for a third one; of an unbound tree its"
                            + " last grantee sees nothing.",
            source = "grant-v3.md, PROBE-6, SEC-7")
    void others(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        Toolstack toolstack = Toolstack.of(world);
        toolstack.bind(World.GRANTER, VIRTUAL, World.GRANTEE, 0);
        OwnTree tree = OwnTree.create(granter, VIRTUAL, ROOT, 0);
        tree.grant(0, 0, OwnTree.WRITABLE);
        Expect.status(Status.BAD_TREE, third.call(range(third, tree.reference(0), 1)));
        Expect.status(Status.BAD_TREE, granter.call(range(granter, tree.reference(0), 1)));
        Expect.equal("words", List.of(WORD_READ | WORD_WRITE), words(grantee, tree, 0, 1));
        toolstack.bind(World.GRANTER, VIRTUAL, Toolstack.NOBODY, 0);
        Expect.equal("words", List.of(0), words(grantee, tree, 0, 1));
        Expect.equal("slots", List.of(), slots(grantee, 0, V3Probe.ANY_DEVICE, 4));
        toolstack.bind(World.GRANTER, VIRTUAL, World.THIRD, 0);
        Expect.status(Status.BAD_TREE, grantee.call(range(grantee, tree.reference(0), 1)));
        Expect.equal("words", List.of(WORD_READ | WORD_WRITE), words(third, tree, 0, 1));
    }

    @Needs(format = "layout-tree", grantee = "typed-frames")
    @Clause(
            id = "PROBE-09",
            promise = "Results are not written into a page table.",
            source = "grant-v3.md, PROBE-7, SEC-15")
    void notIntoAPageTable(World world) {
        Party grantee = world.grantee();
        long entry = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        V3Call probe = trees(grantee, 0, V3Probe.ANY_DEVICE, 1).with(V3Probe.RESULT_GFN, Page.frame(entry));
        refused(grantee, Status.BAD_PAGE, probe);
    }

    private static V3Call trees(Party grantee, long from, long device, int count) {
        return V3Call.of(V3Form.PROBE)
                .with(V3Probe.PEER, World.GRANTER)
                .with(V3Probe.MODE, V3Probe.TREES)
                .with(V3Probe.DEV_ID, device)
                .with(V3Probe.REF, from)
                .with(V3Probe.COUNT, count)
                .with(V3Probe.RESULT_GFN, grantee.pageFrame(RESULT));
    }

    @Clause(
            id = "PROBE-10",
            promise = "As many results are written as are asked for and found, and not a byte behind them.",
            source = "grant-v3.md, 5.2, out")
    void notOneMore(World world) {
        Party grantee = world.grantee();
        OwnTree tree = OwnTree.create(world.granter(), World.GRANTEE, ROOT, 0);
        long page = grantee.page(RESULT);
        int perWord = Long.BYTES / V3Probe.WORD_SIZE;
        for (int count = perWord; count <= 4 * perWord; count += perWord) {
            grantee.store(page + (long) count * V3Probe.WORD_SIZE, UNTOUCHED);
            words(grantee, tree, 0, count);
            Sight.value(grantee, page + (long) count * V3Probe.WORD_SIZE, UNTOUCHED);
        }
        for (int count = 1; count <= 2; count++) {
            grantee.store(page + (long) count * V3TreeRecord.SIZE, UNTOUCHED);
            Expect.equal(
                    "trees", count, slots(grantee, 0, V3Probe.ANY_DEVICE, count).size());
            Sight.value(grantee, page + (long) count * V3TreeRecord.SIZE, UNTOUCHED);
            OwnTree.create(world.granter(), World.GRANTEE, OTHER_ROOT + count, 0);
        }
    }

    private static V3Call range(Party grantee, long reference, int count) {
        return V3Call.of(V3Form.PROBE)
                .with(V3Probe.PEER, World.GRANTER)
                .with(V3Probe.MODE, V3Probe.RANGE)
                .with(V3Probe.REF, reference)
                .with(V3Probe.COUNT, count)
                .with(V3Probe.RESULT_GFN, grantee.pageFrame(RESULT));
    }

    private static List<Long> slots(Party grantee, long from, long device, int count) {
        V3Answer answer = grantee.call(trees(grantee, from, device, count));
        Expect.okay(answer);
        List<Long> slots = new ArrayList<>();
        for (int n = 0; n < answer.get(V3Probe.DONE); n++) {
            slots.add(grantee.load(grantee.page(RESULT) + (long) n * V3TreeRecord.SIZE) & 0xffff);
        }
        return slots;
    }

    private static List<Integer> words(Party grantee, OwnTree tree, long index, int count) {
        V3Answer answer = grantee.call(range(grantee, tree.reference(index), count));
        Expect.okay(answer);
        Expect.equal("done", count, answer.get(V3Probe.DONE));
        List<Integer> words = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            long four = grantee.load(grantee.page(RESULT) + n / 4 * 8L);
            words.add((int) (four >>> (n % 4 * 16)) & 0xffff);
        }
        return words;
    }
}
