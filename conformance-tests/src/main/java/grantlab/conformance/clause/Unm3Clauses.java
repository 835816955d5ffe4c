package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.RemoveFromPhysmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** v3_unmap. */
@Needs(format = "layout-tree")
public final class Unm3Clauses implements ClauseFamily {
    private static final int INDEX = 5;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final long ALL_ONES = -1;
    private static final int LONGEST = 300;
    private static final int SLOTS = 64;
    private static final int PAGES = 20;
    private static final int FIRST = 6;
    private static final int RUN = 20;

    /** For ServiceLoader. */
    public Unm3Clauses() {}

    @Override
    public String prefix() {
        return "UNM3";
    }

    @Override
    public String title() {
        return "v3_unmap";
    }

    /** Eight pages at slots 0 to 7, for writing, behind one handle. */
    private static V3Answer mapEight(World world, RawTree tree) {
        TreeDriver driver = new TreeDriver(world.grantee());
        for (int n = 0; n < 8; n++) {
            tree.grant(n, n, V3Entry.W);
            world.granter().store(world.granter().page(n), 100 + n);
        }
        V3Answer mapped = world.grantee()
                .call(driver.mapping(tree.ref(0), 0).and(V3Map.WRITE).with(V3Map.COUNT, 8));
        Expect.okay(mapped);
        return mapped;
    }

    private static void expectUnmapped(Party party, int status, int done, V3Call call) {
        V3Answer answer = party.call(call);
        Expect.status(status, answer);
        Expect.equal("pages unmapped", done, answer.get(V3Unmap.DONE));
    }

    @Clause(
            id = "UNM3-01",
            promise = "A handle that the caller was never given is bad: zero, any number, another domain's.",
            source = "grant-v3.md, UNMAP-3")
    void badHandles(World world) {
        Party grantee = world.grantee();
        V3Answer mapped = mapEight(world, RawTree.of(world));
        long handle = mapped.get(V3Map.HANDLE);
        for (Party party : new Party[] {world.granter(), world.third()}) {
            expectUnmapped(party, Status.BAD_HANDLE, 0, TreeDriver.unmapping(handle, 0, 8));
        }
        for (long wrong : new long[] {0, -1, handle + 1, handle | 1L << 31, 0x7fff_ffffL}) {
            expectUnmapped(grantee, Status.BAD_HANDLE, 0, TreeDriver.unmapping(wrong, 0, 8));
        }
        Sight.value(grantee, grantee.slot(7), 107);
        expectUnmapped(grantee, Status.OKAY, 8, TreeDriver.unmapping(handle, 0, 8));
    }

    @Clause(
            id = "UNM3-02",
            promise = "A handle whose mapping is gone is stale, also when its number is in use again.",
            source = "grant-v3.md, UNMAP-4, UNMAP-11, SEC-2")
    void stale(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call unmap = TreeDriver.unmapping(mapEight(world, tree));
        expectUnmapped(grantee, Status.OKAY, 8, unmap);
        expectUnmapped(grantee, Status.STALE, 0, unmap);
        V3Answer again = mapEight(world, tree);
        Expect.different("handle", unmap.get(V3Unmap.HANDLE), again.get(V3Map.HANDLE));
        expectUnmapped(grantee, Status.STALE, 0, unmap);
        world.step("a generation that is still to come");
        expectUnmapped(grantee, Status.BAD_HANDLE, 0, TreeDriver.unmapping(again.get(V3Map.HANDLE) + (1L << 32), 0, 8));
        Sight.value(grantee, grantee.slot(7), 107);
        expectUnmapped(grantee, Status.OKAY, 8, TreeDriver.unmapping(again));
    }

    @Clause(
            id = "UNM3-03",
            promise = "A part lies within what the handle maps, and has a page.",
            source = "grant-v3.md, UNMAP-5")
    void size(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Answer mapped = mapEight(world, tree);
        long handle = mapped.get(V3Map.HANDLE);
        long[][] wrong = {
            {0, 0},
            {3, 0},
            {0, 9},
            {8, 1},
            {7, 2},
            {1, 0xffff_ffffL},
            {0xffff_ffffL, 1},
            {0xffff_ffffL, 2},
            {1L << 31, 1}
        };
        for (long[] part : wrong) {
            expectUnmapped(grantee, Status.BAD_SIZE, 0, TreeDriver.unmapping(handle, part[0], part[1]));
        }
        for (int n = 0; n < 8; n++) {
            Sight.value(grantee, grantee.slot(n), 100 + n);
        }
        expectUnmapped(grantee, Status.OKAY, 8, TreeDriver.unmapping(mapped));
    }

    @Clause(
            id = "UNM3-04",
            promise =
                    "A part may go before the rest, in any order; a page that went is bad to name again, and done counts"
                            + " those before it.",
            source = "grant-v3.md, UNMAP-5, UNMAP-6, UNMAP-11")
    void parts(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Answer mapped = mapEight(world, tree);
        long handle = mapped.get(V3Map.HANDLE);
        expectUnmapped(grantee, Status.OKAY, 2, TreeDriver.unmapping(handle, 3, 2));
        for (int n = 0; n < 8; n++) {
            boolean gone = n == 3 || n == 4;
            if (gone) {
                Sight.nothing(grantee, grantee.slot(n));
            } else {
                Sight.value(grantee, grantee.slot(n), 100 + n);
            }
            Expect.bits("leaf " + n, IN_USE, gone ? 0 : IN_USE, tree.get(n));
        }
        expectUnmapped(grantee, Status.BAD_HANDLE, 0, TreeDriver.unmapping(handle, 3, 1));
        expectUnmapped(grantee, Status.BAD_HANDLE, 0, TreeDriver.unmapping(handle, 4, 2));
        expectUnmapped(grantee, Status.BAD_HANDLE, 2, TreeDriver.unmapping(handle, 1, 3));
        Sight.nothing(grantee, grantee.slot(2));
        Sight.value(grantee, grantee.slot(5), 105);
        expectUnmapped(grantee, Status.OKAY, 1, TreeDriver.unmapping(handle, 7, 1));
        expectUnmapped(grantee, Status.OKAY, 1, TreeDriver.unmapping(handle, 0, 1));
        expectUnmapped(grantee, Status.OKAY, 2, TreeDriver.unmapping(handle, 5, 2));
        expectUnmapped(grantee, Status.STALE, 0, TreeDriver.unmapping(handle, 5, 1));
        for (int n = 0; n < 8; n++) {
            Expect.bits("leaf " + n, IN_USE, 0, tree.get(n));
        }
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "UNM3-05",
            promise =
                    "With the last writer W of the use ends, with the last use the rest; W_SEEN stays for the granter.",
            source = "grant-v3.md, 7.2, I3")
    void bits(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        V3Answer reader = driver.hold(ref, 0, 0);
        V3Answer writer = driver.hold(ref, 1, V3Map.WRITE);
        tree.put(INDEX, tree.get(INDEX) & ~V3Entry.W_SEEN);
        driver.letGo(writer);
        Expect.bits("the leaf", IN_USE | V3Entry.W_SEEN, V3Entry.MAPPED_R | V3Entry.W_SEEN, tree.get(INDEX));
        tree.put(INDEX, tree.get(INDEX) & ~V3Entry.W_SEEN);
        driver.letGo(reader);
        Expect.equal("the leaf", RawTree.leaf(granter.pageFrame(0), V3Entry.W), tree.get(INDEX));
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "UNM3-06",
            promise =
                    "An unmap never fails for what the granter did to its entry: a tombstone loses the marks, a word of"
                            + " another grant is left alone.",
            source = "grant-v3.md, 7.2, PIN-2, SEC-3")
    void damaged(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long leaf = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        long marked = leaf | IN_USE | V3Entry.W_SEEN;
        long other = RawTree.leaf(granter.pageFrame(1), V3Entry.W) | IN_USE;
        long[][] words = {
            {marked | V3Entry.TOMBSTONE, (leaf | V3Entry.TOMBSTONE | V3Entry.W_SEEN)},
            {marked | V3Entry.SW_MASK, leaf | V3Entry.SW_MASK | V3Entry.W_SEEN},
            {leaf, leaf},
            {other, other},
            {marked | 1L << V3Entry.GEN_SHIFT, marked | 1L << V3Entry.GEN_SHIFT},
            {0, 0},
            {marked & ~V3Entry.TYPE_MASK, marked & ~V3Entry.TYPE_MASK},
        };
        long references = world.references(0);
        for (long[] word : words) {
            tree.put(INDEX, leaf);
            V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE);
            tree.put(INDEX, word[0]);
            driver.letGo(mapped);
            Expect.equal("the entry", word[1], tree.get(INDEX));
            Expect.equal("references on p0", references, world.references(0));
            Sight.nothing(world.grantee(), world.grantee().slot(0));
        }
        tree.put(INDEX, leaf);
        driver.expectMaps(tree.ref(INDEX));
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "UNM3-07",
            promise = "An unmap succeeds when the granter took away the node, too.",
            source = "grant-v3.md, 7.2, I13")
    void nodeGone(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long references = world.references(0);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 0, V3Map.WRITE);
        tree.put(2, INDEX, 0);
        Expect.okay(granter.call(tree.naming(V3Form.INVALIDATE).with(V3Invalidate.LEVEL, 2)));
        driver.letGo(mapped);
        Expect.equal("references on p0", references, world.references(0));
        Expect.okay(granter.call(tree.naming(V3Form.TREE_DESTROY)));
    }

    @Needs(grantee = "names-entries")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "UNM3-08",
            promise =
                    "PV: an entry that the guest overwrote is left alone; its reference went with it, the mark goes now.",
            source = "grant-v3.md, 7.2, 6")
    void overwrittenEntry(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long references = world.references(0);
        grantee.store(grantee.page(6), 600);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 0, V3Map.WRITE);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(grantee.pageFrame(6)) | 0x67));
        Expect.equal("references on p0", references, world.references(0));
        Expect.bits("the leaf", IN_USE, IN_USE, tree.get(INDEX));
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(0), 600);
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        Expect.equal("references on p0", references, world.references(0));
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "UNM3-09",
            promise =
                    "HVM: a frame number from which the guest removed the mapping is left alone; the mark goes with the"
                            + " unmap.",
            source = "grant-v3.md, 7.2, 6")
    void removedFrame(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long references = world.references(0);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 0, V3Map.WRITE);
        long rc = grantee.call(new RemoveFromPhysmapCall(Page.frame(grantee.slot(0))));
        boolean removed = rc == 0;
        Expect.equal("references on p0", removed ? references : references + 1, world.references(0));
        Expect.bits("the leaf", IN_USE, IN_USE, tree.get(INDEX));
        driver.letGo(mapped);
        Sight.nothing(grantee, grantee.slot(0));
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        Expect.equal("references on p0", references, world.references(0));
    }

    @Clause(
            id = "UNM3-10",
            promise =
                    "More mappings than one slice of work go with one call, and every CPU of the grantee has lost them.",
            source = "grant-v3.md, 7.2, I14, UNMAP-8")
    void many(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        int pages = 64;
        for (int n = 0; n < pages; n++) {
            tree.grant(n, n % 32, 0);
        }
        V3Answer mapped = grantee.call(driver.mapping(tree.ref(0), 0).with(V3Map.COUNT, pages));
        Expect.okay(mapped);
        for (int n = 0; n < pages; n++) {
            Expect.equal("fault", 0, second.load(grantee.slot(n), Long.BYTES));
        }
        driver.letGo(mapped);
        for (int n = 0; n < pages; n++) {
            boolean hole = second.load(grantee.slot(n), Long.BYTES) != 0 || second.value() == ALL_ONES;
            Expect.holds("CPU 1 reaches nothing at slot " + n, hole);
            Expect.bits("leaf " + n, IN_USE, 0, tree.get(n));
        }
    }

    @Clause(
            id = "UNM3-11",
            promise =
                    "A granter that sees the mark gone has the page alone: no store of a CPU that had used the mapping"
                            + " arrives any more.",
            source = "grant-v3.md, UNMAP-8, UNMAP-9, I4, SEC-5")
    void orderOfTheEnd(World world) {
        Party granter = world.granter();
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        Race.rounds(15, round -> {
            V3Answer mapped = driver.hold(ref, 0, V3Map.WRITE);
            AtomicBoolean over = new AtomicBoolean();
            Race.run(
                    () -> {
                        for (long n = 1; !over.get(); n++) {
                            second.store(grantee.slot(0), Long.BYTES, n);
                            Race.giveWayNowAndThen(n);
                        }
                    },
                    () -> driver.letGo(mapped),
                    () -> {
                        try {
                            for (int looks = 0; (tree.get(INDEX) & IN_USE) != 0; looks++) {
                                Race.expectSoon("the end of the mark", looks);
                                Race.giveWay();
                            }
                            granter.store(granter.page(0), ALL_ONES);
                            for (int n = 0; n < 100; n++) {
                                Sight.value(granter, granter.page(0), ALL_ONES);
                            }
                        } finally {
                            over.set(true);
                        }
                    });
        });
    }

    @Interruptible
    @Clause(
            id = "UNM3-13",
            promise =
                    "Who unmaps a run while one of its pages is just being taken back is told GNTST_eagain and how far it came; the rest goes with"
                            + " another call.",
            source = "grant-v3.md, REVOKE-16, 7.2")
    void amidRevocation(World world) {
        Party grantee = world.grantee();
        RawTree tree = RevokeForms.revocable(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < RUN; n++) {
            tree.grant(FIRST + n, n, V3Entry.W);
        }
        V3Call call = driver.mapping(tree.ref(FIRST), 0)
                .and(V3Map.WRITE | V3Map.ACCEPT_FAULT)
                .with(V3Map.COUNT, RUN);
        for (int taken = 0; taken < RUN; taken++) {
            V3Answer mapped = grantee.call(call);
            Expect.okay(mapped);
            V3Call unmap = TreeDriver.unmapping(mapped);
            AtomicReference<V3Answer> met = new AtomicReference<>();
            Meeting meeting = new Meeting();
            int index = FIRST + taken;
            int emptied = world.interruption()
                    .whenEmptied(
                            () -> Expect.holds(
                                    "an unmap waits for no revocation",
                                    meeting.returns(() -> met.set(grantee.call(unmap)))),
                            () -> RevokeForms.expectTaken(world, RevokeForms.revocation(tree, index, 1), 1));
            Expect.equal("places emptied", 1, emptied);
            meeting.join();
            Expect.status(Status.EAGAIN, met.get());
            Expect.equal("pages", taken, met.get().get(V3Unmap.DONE));
            RevokeForms.expectPrivate(world, taken);
            V3Answer rest = grantee.call(unmap.with(V3Unmap.FIRST, taken).with(V3Unmap.COUNT, RUN - taken));
            Expect.okay(rest);
            for (int n = 0; n < RUN; n++) {
                Expect.equal("use of leaf " + n, 0, tree.get(FIRST + n) & IN_USE);
            }
            tree.grant(index, taken, V3Entry.W);
            world.machine().checkInvariants();
        }
    }

    @Clause(
            id = "UNM3-12",
            promise =
                    "A part of a long run goes as a whole, wherever it begins and however many slices that takes; what lies before and behind"
                            + " stays.",
            source = "grant-v3.md, 7.2, section 1")
    void longPart(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < LONGEST; n++) {
            tree.grant(n, n % PAGES, 0);
            world.granter().store(world.granter().page(n % PAGES), 100 + n % PAGES);
        }
        // One that is longer than 256 mappings is kept in another way than one that is not.
        for (int length : new int[] {60, LONGEST}) {
            for (int first = 1; first < 10; first += 4) {
                V3Answer mapped = grantee.call(driver.mapping(tree.ref(0), 0).with(V3Map.COUNT, length));
                Expect.okay(mapped);
                long handle = mapped.get(V3Map.HANDLE);
                int end = length - first - 3;
                expectUnmapped(grantee, Status.OKAY, end - first, TreeDriver.unmapping(handle, first, end - first));
                expectMapped(world, tree, length, first, end);
                expectUnmapped(grantee, Status.OKAY, first, TreeDriver.unmapping(handle, 0, first));
                expectUnmapped(grantee, Status.OKAY, length - end, TreeDriver.unmapping(handle, end, length - end));
            }
        }
    }

    @Clause(
            id = "UNM3-14",
            promise =
                    "Each page of a run is unmapped once, also when that begins behind another mapping in one call: it is found under its handle"
                            + " no more, whatever was mapped since.",
            source = "grant-v3.md, 7.2, section 1")
    void behindAnother(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n <= LONGEST; n++) {
            tree.grant(n, n % PAGES, 0);
        }
        V3Answer single = grantee.call(driver.mapping(tree.ref(LONGEST), 0));
        V3Answer run = grantee.call(driver.mapping(tree.ref(0), 1).with(V3Map.COUNT, LONGEST));
        Expect.okay(single);
        Expect.okay(run);
        long handle = run.get(V3Map.HANDLE);
        int part = 64;
        grantee.gate()
                .batch(List.of(TreeDriver.unmapping(single), TreeDriver.unmapping(handle, 0, part)))
                .elements()
                .forEach(Expect::okay);
        V3Answer since = grantee.call(driver.mapping(tree.ref(0), 1).with(V3Map.COUNT, part));
        Expect.okay(since);
        for (int n = 0; n < part; n++) {
            expectUnmapped(grantee, Status.BAD_HANDLE, 0, TreeDriver.unmapping(handle, n, 1));
            Expect.bits("leaf " + n, IN_USE, V3Entry.MAPPED_R, tree.get(n));
        }
        expectUnmapped(grantee, Status.OKAY, LONGEST - part, TreeDriver.unmapping(handle, part, LONGEST - part));
        driver.letGo(since);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "UNM3-15",
            promise =
                    "What one call unmaps of several runs ends, and nothing of what was mapped together with it, in whatever order that is.",
            source = "grant-v3.md, 7.2, section 6")
    void partsOfRuns(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        int run = 24;
        for (int n = 0; n < 2 * run; n++) {
            tree.grant(n, n % PAGES, 0);
        }
        // The page by which a node becomes known goes by itself.
        driver.expectMaps(tree.ref(0));
        int[][][] parts = {
            {{0, 0, 1}, {1, 1, 7}},
            {{1, 8, 8}, {0, 0, 8}},
            {{1, 9, 7}, {0, 8, 1}},
            {{0, 8, 1}, {1, 9, 7}},
            {{0, 4, 8}},
            {{0, 3, 21}, {1, 0, 21}}
        };
        for (int[][] part : parts) {
            V3Answer[] mapped = new V3Answer[2];
            for (int n = 0; n < 2; n++) {
                mapped[n] = grantee.call(
                        driver.mapping(tree.ref((long) n * run), n * run).with(V3Map.COUNT, run));
                Expect.okay(mapped[n]);
            }
            boolean[] gone = new boolean[2 * run];
            List<V3Call> calls = new ArrayList<>();
            for (int[] some : part) {
                calls.add(TreeDriver.unmapping(mapped[some[0]].get(V3Map.HANDLE), some[1], some[2]));
                Arrays.fill(gone, some[0] * run + some[1], some[0] * run + some[1] + some[2], true);
            }
            grantee.gate().batch(calls).elements().forEach(Expect::okay);
            world.machine().checkInvariants();
            for (int n = 0; n < 2 * run; n++) {
                Expect.bits("leaf " + n, IN_USE, gone[n] ? 0 : V3Entry.MAPPED_R, tree.get(n));
            }
            for (int n = 0; n < 2 * run; n++) {
                if (!gone[n]) {
                    long handle = mapped[n / run].get(V3Map.HANDLE);
                    Expect.okay(grantee.call(TreeDriver.unmapping(handle, n % run, 1)));
                }
            }
        }
        world.machine().checkInvariants();
    }

    /** What may become of one page of a run. */
    @FunctionalInterface
    private interface Fate {
        /** @return what is to be done about it when the run is over */
        Runnable befall(int page);
    }

    @Clause(
            id = "UNM3-16",
            promise =
                    "What becomes of one page of a run becomes of that page alone, wherever in the run it is: the others stay where they are, and"
                            + " what is left of the run is unmapped in one call.",
            source = "grant-v3.md, 7.2, section 6")
    void oneOfARun(World world) {
        Party grantee = world.grantee();
        RawTree tree = RevokeForms.revocable(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < PAGES; n++) {
            tree.grant(n, n, V3Entry.W);
            world.granter().store(world.granter().page(n), 100 + n);
        }
        driver.letGo(driver.hold(tree.ref(0), 0, V3Map.WRITE | V3Map.ACCEPT_FAULT));
        V3Call more = driver.mapping(tree.ref(0), PAGES).and(V3Map.ACCEPT_FAULT);
        List<Fate> fates = List.of(
                page -> {
                    V3Answer second = grantee.call(more.with(V3Map.REF, tree.ref(page)));
                    Expect.okay(second);
                    return () -> {
                        Sight.value(grantee, grantee.slot(PAGES), 100 + page);
                        driver.letGo(second);
                    };
                },
                page -> {
                    driver.letGo(grantee.call(more.with(V3Map.REF, tree.ref(page))));
                    return () -> {};
                },
                page -> {
                    DownForms.expectDowngraded(world, DownForms.downgrade(tree, page, 1));
                    Sight.readOnly(grantee, grantee.slot(page), 100 + page);
                    return () -> tree.grant(page, page, V3Entry.W);
                },
                page -> {
                    RevokeForms.expectTaken(world, RevokeForms.revocation(tree, page, 1), 1);
                    Sight.nothing(grantee, grantee.slot(page));
                    return () -> tree.grant(page, page, V3Entry.W);
                });
        for (int page : new int[] {0, 1, 2, 7, 8, 14, PAGES - 1}) {
            for (Fate fate : fates) {
                V3Answer run = grantee.call(driver.mapping(tree.ref(0), 0)
                        .and(V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE)
                        .with(V3Map.COUNT, PAGES));
                Expect.okay(run);
                Runnable rest = fate.befall(page);
                world.machine().checkInvariants();
                for (int n = 0; n < PAGES; n++) {
                    if (n != page) {
                        Sight.value(grantee, grantee.slot(n), 100 + n);
                    }
                }
                Expect.okay(grantee.call(TreeDriver.unmapping(run)));
                rest.run();
                world.machine().checkInvariants();
                for (int n = 0; n < PAGES; n++) {
                    Expect.bits("leaf " + n, IN_USE, 0, tree.get(n));
                    Sight.nothing(grantee, grantee.slot(n));
                }
            }
        }
    }

    /** Of a run what lies before and behind a part. */
    private static void expectMapped(World world, RawTree tree, int length, int first, int end) {
        Party grantee = world.grantee();
        for (int n = 0; n < length; n++) {
            boolean there = n < first || n >= end;
            Expect.bits("leaf " + n, IN_USE, there ? V3Entry.MAPPED_R : 0, tree.get(n));
            if (n < SLOTS && there) {
                Sight.value(grantee, grantee.slot(n), 100 + n % PAGES);
            } else if (n < SLOTS) {
                Sight.nothing(grantee, grantee.slot(n));
            }
        }
    }
}
