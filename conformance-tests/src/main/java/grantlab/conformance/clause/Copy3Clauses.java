package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
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

/** v3_copy. */
@Needs(format = "layout-tree")
public final class Copy3Clauses implements ClauseFamily {
    private static final int INDEX = 5;
    private static final long MOST_BYTES = 1 << 21;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    /** For ServiceLoader. */
    public Copy3Clauses() {}

    @Override
    public String prefix() {
        return "COPY3";
    }

    @Override
    public String title() {
        return "v3_copy";
    }

    private static void expectCopied(Party party, long bytes, V3Call call) {
        V3Answer copied = party.call(call);
        Expect.okay(copied);
        Expect.equal("bytes copied", bytes, copied.get(V3Copy.DONE));
    }

    private static void expectRefused(Party party, int status, long bytes, V3Call call) {
        V3Answer refused = party.call(call);
        Expect.status(status, refused);
        Expect.equal("bytes copied", bytes, refused.get(V3Copy.DONE));
    }

    @Clause(
            id = "COPY3-01",
            promise = "What is wrong with an element is found in the order of the rules; without fault it copies.",
            source = "grant-v3.md, COPY-1 to COPY-5")
    void order(World world) {
        RawTree tree = RawTree.of(world);
        new Faults()
                .then(Status.UNSUPPORTED, call -> call.and(2))
                .then(Status.INVAL, V3Copy.ZERO_40, 1)
                .then(Status.BAD_COPY_ARG, V3Copy.LOCAL_OFFSET, Page.SIZE)
                .then(Status.INVAL, call -> call.with(V3Copy.REF, call.get(V3Copy.REF) | 1L << 56))
                .then(Status.BAD_DOMAIN, V3Copy.PEER, 77)
                .then(Status.BAD_TREE, call -> call.with(V3Copy.REF, call.get(V3Copy.REF) | 0xfffL << 36))
                .then(Status.STALE, V3Copy.EPOCH, 1)
                .then(Status.BAD_GNTREF, call -> call.with(V3Copy.REF, call.get(V3Copy.REF) + 1))
                .then(Status.PERMISSION_DENIED, call -> call.and(V3Copy.TO_REMOTE))
                .then(
                        Status.BAD_PAGE,
                        V3Copy.LOCAL_GFN,
                        Page.frame(world.grantee().slot(9)))
                .tryEach(world.grantee(), new TreeDriver(world.grantee()).copying(tree.grant(INDEX, 0, 0), 0, 64));
    }

    @Clause(
            id = "COPY3-02",
            promise = "Offsets are below 4096 and the length at most 2^21; the borders are met.",
            source = "grant-v3.md, COPY-3")
    void limits(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call sound = new TreeDriver(grantee).copying(tree.grant(INDEX, 0, 0), 0, 1);
        for (int offset : new int[] {V3Copy.LOCAL_OFFSET, V3Copy.REMOTE_OFFSET}) {
            for (long wrong : new long[] {Page.SIZE, 0xffff_ffffL, 1L << 31}) {
                expectRefused(grantee, Status.BAD_COPY_ARG, 0, sound.with(offset, wrong));
            }
            expectCopied(grantee, 1, sound.with(offset, Page.SIZE - 1));
        }
        for (long wrong : new long[] {MOST_BYTES + 1, 0xffff_ffffL}) {
            expectRefused(grantee, Status.BAD_COPY_ARG, 0, sound.with(V3Copy.LENGTH, wrong));
        }
        world.step("the longest that is allowed fails at the second page, which is not granted");
        expectRefused(grantee, Status.BAD_GNTREF, Page.SIZE, sound.with(V3Copy.LENGTH, MOST_BYTES));
    }

    @Clause(
            id = "COPY3-03",
            promise =
                    "Nothing is copied, successfully, where length is 0: only the reference's form, granter and tree are"
                            + " looked at.",
            source = "grant-v3.md, 7.3")
    void nothing(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call none = new TreeDriver(grantee).copying(tree.ref(INDEX), 0, 0);
        expectCopied(grantee, 0, none.with(V3Copy.LOCAL_GFN, -1));
        expectRefused(grantee, Status.BAD_DOMAIN, 0, none.with(V3Copy.PEER, 77));
        expectRefused(grantee, Status.STALE, 0, none.with(V3Copy.EPOCH, 1));
        expectRefused(grantee, Status.BAD_COPY_ARG, 0, none.with(V3Copy.LOCAL_OFFSET, Page.SIZE));
    }

    @Clause(
            id = "COPY3-04",
            promise =
                    "A copy brings the granter's bytes to the caller, or with TO_REMOTE the caller's to the granter, and no"
                            + " others.",
            source = "grant-v3.md, COPY-7")
    void bothWays(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call out = new TreeDriver(grantee)
                .copying(tree.grant(INDEX, 0, V3Entry.W), 0, 16)
                .with(V3Copy.LOCAL_OFFSET, 128)
                .with(V3Copy.REMOTE_OFFSET, 256);
        Sight.fill(granter, granter.page(0), 1);
        expectCopied(grantee, 16, out);
        for (int at = 0; at < 16; at += 8) {
            Expect.equal("copied", granter.load(granter.page(0) + 256 + at), grantee.load(grantee.page(0) + 128 + at));
        }
        Sight.value(grantee, grantee.page(0) + 120, 0);
        Sight.value(grantee, grantee.page(0) + 144, 0);
        Sight.filled(granter, granter.page(0), 1);

        Sight.fill(grantee, grantee.page(0), 2);
        long before = granter.load(granter.page(0) + 248);
        long behind = granter.load(granter.page(0) + 272);
        expectCopied(grantee, 16, out.and(V3Copy.TO_REMOTE));
        for (int at = 0; at < 16; at += 8) {
            Expect.equal("copied", grantee.load(grantee.page(0) + 128 + at), granter.load(granter.page(0) + 256 + at));
        }
        Sight.value(granter, granter.page(0) + 248, before);
        Sight.value(granter, granter.page(0) + 272, behind);
        Sight.filled(grantee, grantee.page(0), 2);
    }

    @Clause(
            id = "COPY3-05",
            promise = "A copy crosses pages on both sides, at whatever offsets, byte by byte right.",
            source = "grant-v3.md, 7.3")
    void acrossPages(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        if (!grantee.translated()) {
            // Frames of a PV guest lie one behind the other here; that is what local_gfn counts.
            for (int n = 0; n < 3; n++) {
                Expect.equal("frame", grantee.pageFrame(0) + n, grantee.pageFrame(n));
            }
        }
        for (int n = 0; n < 4; n++) {
            tree.grant(INDEX + n, 3 - n, V3Entry.W);
        }
        V3Call call = new TreeDriver(grantee).copying(tree.ref(INDEX), 0, 2 * Page.SIZE + 24);
        for (long[] offsets : new long[][] {{0, 0}, {8, 0}, {0, 4088}, {4088, 4080}, {2000, 3000}}) {
            for (int n = 0; n < 4; n++) {
                Sight.fill(granter, granter.page(n), 10 + n);
                Sight.fill(grantee, grantee.page(n), 20 + n);
            }
            V3Call each = call.with(V3Copy.LOCAL_OFFSET, offsets[0]).with(V3Copy.REMOTE_OFFSET, offsets[1]);
            boolean toRemote = offsets[1] % 16 != 0;
            expectCopied(grantee, 2 * Page.SIZE + 24, toRemote ? each.and(V3Copy.TO_REMOTE) : each);
            for (long at = 0; at < 2 * Page.SIZE + 24; at += 8) {
                long here = offsets[0] + at;
                long there = offsets[1] + at;
                Expect.equal(
                        "8 bytes at " + at,
                        granter.load(granter.page(3 - (int) Page.frame(there)) + Page.offset(there)),
                        grantee.load(grantee.page((int) Page.frame(here)) + Page.offset(here)));
            }
        }
    }

    @Clause(
            id = "COPY3-06",
            promise = "A copy that fails at a page keeps what was copied before it: done counts the bytes.",
            source = "grant-v3.md, 7.3")
    void part(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        V3Call call = new TreeDriver(grantee)
                .copying(tree.grant(INDEX, 0, V3Entry.W), 0, 2 * Page.SIZE)
                .with(V3Copy.REMOTE_OFFSET, 4000);
        Sight.fill(granter, granter.page(0), 1);
        tree.put(INDEX + 1, 0);
        expectRefused(grantee, Status.BAD_GNTREF, 96, call);
        Expect.equal("copied", granter.load(granter.page(0) + 4000), grantee.load(grantee.page(0)));
        Sight.value(grantee, grantee.page(0) + 96, 0);
        tree.put(INDEX + 1, RawTree.leaf(granter.pageFrame(1), 0) | V3Entry.TOMBSTONE);
        expectRefused(grantee, Status.REVOKED, 96, call);
        tree.put(INDEX + 1, RawTree.leaf(granter.pageFrame(1), 0));
        expectRefused(grantee, Status.PERMISSION_DENIED, 96, call.and(V3Copy.TO_REMOTE));
        tree.grant(INDEX + 1, 1, 0);
        tree.grant(INDEX + 2, 2, 0);
        expectCopied(grantee, 2 * Page.SIZE, call);
    }

    @Clause(
            id = "COPY3-07",
            promise = "COPY_ONLY is no obstacle for a copy; W is needed to copy in, as for mapping.",
            source = "grant-v3.md, COPY-5, MAP-22")
    void rights(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (long bits : new long[] {0, V3Entry.W, V3Entry.COPY_ONLY, V3Entry.COPY_ONLY | V3Entry.W}) {
            V3Call out = driver.copying(tree.grant(INDEX, 0, bits), 0, 8);
            expectCopied(grantee, 8, out);
            if ((bits & V3Entry.W) != 0) {
                expectCopied(grantee, 8, out.and(V3Copy.TO_REMOTE));
            } else {
                expectRefused(grantee, Status.PERMISSION_DENIED, 0, out.and(V3Copy.TO_REMOTE));
            }
            Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        }
    }

    @Clause(
            id = "COPY3-08",
            promise = "The caller's page is its own memory: no hole, nobody else's, nothing behind a grant.",
            source = "grant-v3.md, COPY-6, SEC-18")
    void ownPage(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Call out = driver.copying(tree.grant(INDEX, 0, V3Entry.W), 0, 8);
        driver.hold(tree.grant(INDEX + 1, 1, V3Entry.W), 7, V3Map.WRITE);
        long granted = grantee.translated() ? Page.frame(grantee.slot(7)) : granter.machineFrame(1);
        long references = world.references(0);
        for (long frame :
                new long[] {Page.frame(grantee.slot(3)), granted, world.third().machineFrame(0), Page.FRAME_LIMIT, -1
                }) {
            expectRefused(grantee, Status.BAD_PAGE, 0, out.with(V3Copy.LOCAL_GFN, frame));
            expectRefused(grantee, Status.BAD_PAGE, 0, out.and(V3Copy.TO_REMOTE).with(V3Copy.LOCAL_GFN, frame));
            Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
            Expect.equal("references on p0", references, world.references(0));
        }
        expectCopied(grantee, 8, out);
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "COPY3-09",
            promise = "A PV caller's page table is not copied into.",
            source = "grant-v3.md, COPY-6, SEC-14")
    void ownPageTable(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        long entry = grantee.domain().addressSpace().entryAddress(grantee.page(0));
        long before = world.machine().memory().load64(entry);
        V3Call out = new TreeDriver(grantee)
                .copying(tree.grant(INDEX, 0, 0), 0, 4096)
                .with(V3Copy.LOCAL_GFN, Page.frame(entry));
        expectRefused(grantee, Status.BAD_PAGE, 0, out);
        Expect.equal("the entry", before, world.machine().memory().load64(entry));
    }

    @Clause(
            id = "COPY3-10",
            promise = "A copy leaves no mark and no reference, beside a mapping neither.",
            source = "grant-v3.md, COPY-7, PIN-8")
    void leavesNothing(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        long references = world.references(0);
        expectCopied(grantee, 8, driver.copying(ref, 0, 8));
        Expect.bits("the leaf", IN_USE | V3Entry.W_SEEN, 0, tree.get(INDEX));
        expectCopied(grantee, 8, driver.copying(ref, 0, 8).and(V3Copy.TO_REMOTE));
        Expect.bits("the leaf", IN_USE | V3Entry.W_SEEN, V3Entry.W_SEEN, tree.get(INDEX));
        V3Answer mapped = driver.hold(ref, 0, 0);
        expectCopied(grantee, 8, driver.copying(ref, 0, 8).and(V3Copy.TO_REMOTE));
        Expect.bits("the leaf", IN_USE, V3Entry.MAPPED_R, tree.get(INDEX));
        driver.letGo(mapped);
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        Expect.equal("references on p0", references, world.references(0));
    }

    @Clause(
            id = "COPY3-11",
            promise = "Sides that overlap are copied forward, so that bytes already written are read again.",
            source = "grant-v3.md, 7.3, SELF-1")
    void overlap(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(granter, RawTree.creation(world).with(V3TreeCreate.PEER, World.GRANTER));
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        granter.store(granter.page(0), 0x1122_3344_5566_7788L);
        V3Call call = new TreeDriver(granter).copying(ref, 0, 800).with(V3Copy.LOCAL_OFFSET, 8);
        expectCopied(granter, 800, call);
        for (int at = 0; at <= 800; at += 8) {
            Sight.value(granter, granter.page(0) + at, 0x1122_3344_5566_7788L);
        }
        Sight.value(granter, granter.page(0) + 808, 0);
    }
}
