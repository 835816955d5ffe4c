package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READONLY;
import static grantlab.api.abi.Gtf.SUB_PAGE;

import grantlab.api.Status;
import grantlab.api.abi.Copy;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import java.util.List;

/** Grants of a part of a page: for copies, which stay inside. */
@Needs(format = {"flat-home", "layout-v2", "sub-page"})
public final class SubPageClauses implements ClauseFamily {
    private static final String WINDOW = "xen-semantics.md, 2.7.7; recording subpage";
    private static final int REF = 8;
    private static final long THEIRS = 1;
    private static final long OURS = 2;

    /** For ServiceLoader. */
    public SubPageClauses() {}

    @Override
    public String prefix() {
        return "SUBP";
    }

    @Override
    public String title() {
        return "Parts of pages";
    }

    @Clause(
            id = "SUBP-01",
            promise = "A copy out of a part of a page must lie inside: one byte too early or too late is"
                    + " GNTST_general_error, and nothing is copied.",
            source = WINDOW + " lines 43..57")
    void copyOut(World world) {
        Through copies = part(world, 16, 32);
        int[][] inside = {{16, 32}, {16, 1}, {47, 1}, {20, 8}};
        int[][] outside = {{0, 8}, {15, 1}, {15, 2}, {16, 33}, {47, 2}, {48, 1}, {4095, 1}, {0, Page.SIZE}, {15, 34}};
        for (int[] range : outside) {
            Expect.status(Status.GENERAL_ERROR, copies.out(range[0], range[1]));
        }
        Sight.filled(world.grantee(), world.grantee().page(Through.OUT), OURS);
        for (int[] range : inside) {
            Expect.okay(copies.out(range[0], range[1]));
        }
        for (int offset = 8; offset <= 48; offset += 8) {
            Party origin = offset >= 16 && offset < 48 ? world.granter() : world.grantee();
            long page = origin == world.granter() ? origin.page(0) : origin.page(Through.IN);
            Sight.value(world.grantee(), world.grantee().page(Through.OUT) + offset, origin.load(page + offset));
        }
    }

    @Clause(
            id = "SUBP-02",
            promise = "A copy into a part of a page changes nothing outside of it.",
            source = WINDOW + " lines 59, 60")
    void copyIn(World world) {
        Through copies = part(world, 16, 32);
        for (int[] range : new int[][] {{8, 8}, {15, 2}, {40, 16}, {48, 8}, {0, 64}}) {
            Expect.status(Status.GENERAL_ERROR, copies.in(range[0], range[1]));
        }
        Sight.filled(world.granter(), world.granter().page(0), THEIRS);
        Expect.okay(copies.in(16, 32));
        long ours = world.grantee().page(Through.IN);
        Sight.value(
                world.granter(), world.granter().page(0) + 16, world.grantee().load(ours + 16));
        Sight.value(
                world.granter(), world.granter().page(0) + 40, world.grantee().load(ours + 40));
        Sight.value(
                world.granter(),
                world.granter().page(0) + 8,
                world.granter().load(world.granter().page(7) + 8));
        Sight.value(
                world.granter(),
                world.granter().page(0) + 48,
                world.granter().load(world.granter().page(7) + 48));
    }

    @Clause(
            id = "SUBP-03",
            promise = "Of the offset 15 bits count: 0x8010 means 0x10.",
            source = "xen-semantics.md, 2.7.7, 3.1 (start 15 bit)")
    void fifteenBits(World world) {
        Through copies = part(world, 0x8010, 32);
        Expect.okay(copies.out(0x10, 32));
        Expect.okay(copies.in(0x2f, 1));
        Expect.status(Status.GENERAL_ERROR, copies.out(0x0f, 1));
        Expect.status(Status.GENERAL_ERROR, copies.out(0x30, 1));
    }

    @Clause(
            id = "SUBP-04",
            promise = "The end of the page is judged before the part: beyond it is GNTST_bad_copy_arg, even where the"
                    + " part reaches further.",
            source = WINDOW + " (the page limit is tested first)")
    void pageFirst(World world) {
        Through copies = part(world, 4090, 100);
        Expect.okay(copies.out(4090, 6));
        Expect.okay(copies.in(4095, 1));
        Expect.status(Status.BAD_COPY_ARG, copies.out(4090, 7));
        Expect.status(Status.BAD_COPY_ARG, copies.in(4000, 100));
        Expect.status(Status.GENERAL_ERROR, copies.out(4089, 6));
        world.step("the part begins beyond the page");
        copies = part(world, 0x1000, 0xffff);
        Expect.status(Status.GENERAL_ERROR, copies.out(4095, 1));
        Expect.status(Status.BAD_COPY_ARG, copies.out(4096, 1));
    }

    @Clause(
            id = "SUBP-05",
            promise = "A part of no bytes, and the place behind a part, admit a copy of nothing and no other.",
            source = WINDOW + " lines 54..57; xen-semantics.md, 2.7.6 (4.17)")
    void nothing(World world) {
        Through copies = part(world, 64, 0);
        Expect.okay(copies.out(64, 0));
        Expect.status(Status.GENERAL_ERROR, copies.out(64, 1));
        Expect.status(Status.GENERAL_ERROR, copies.out(63, 0));
        Expect.status(Status.GENERAL_ERROR, copies.out(65, 0));
        copies = part(world, 16, 32);
        Expect.okay(copies.in(48, 0));
        Expect.status(Status.GENERAL_ERROR, copies.in(49, 0));
        Expect.status(Status.GENERAL_ERROR, copies.in(15, 0));
    }

    @Clause(
            id = "SUBP-06",
            promise = "A part of a page is mapped by nobody, not even the whole of it; nothing is marked.",
            source = "xen-semantics.md, 3.4; recording subpage lines 38..41")
    void notMappable(World world) {
        for (int length : new int[] {32, Page.SIZE, 0xffff}) {
            part(world, 0, length);
            for (MapCall call : List.of(map(world), map(world).readonly())) {
                Expect.status(Status.GENERAL_ERROR, world.grantee().call(call));
            }
            Expect.equal(
                    "flags and marks",
                    PERMIT_ACCESS | SUB_PAGE,
                    world.granter().entry(REF).flags());
        }
        Sight.nothing(world.grantee(), world.grantee().slot(0));
    }

    @Clause(id = "SUBP-07", promise = "A read-only part is read and not written.", source = WINDOW)
    void readOnly(World world) {
        Through copies = part(world, 0, 64);
        world.granter().entry(REF).set("flags", PERMIT_ACCESS | SUB_PAGE | READONLY);
        copies.readOnly();
        Sight.filled(world.granter(), world.granter().page(0), THEIRS);
        Expect.equal(
                "flags and marks",
                PERMIT_ACCESS | SUB_PAGE | READONLY,
                world.granter().entry(REF).flags());
    }

    @Clause(
            id = "SUBP-08",
            promise = "What a page was mapped with holds for copies beside the mapping: a part that the granter writes"
                    + " into the entry meanwhile counts after the last unmap.",
            source = "xen-semantics.md, 2.7.4 rows 4 to 7")
    void narrowedWhileMapped(World world) {
        EntriesV2.page(world.granter(), REF, World.GRANTEE, 0);
        Driver.Handle handle = Driver.hold(world.grantee(), map(world).readonly());
        Through copies = part(world, 16, 32);
        world.step("the grantee copies beside its mapping, out and in");
        Expect.okay(copies.out(0, Page.SIZE));
        Expect.okay(copies.in(0, Page.SIZE));
        handle.letGo();
        Expect.status(Status.GENERAL_ERROR, copies.out(0, Page.SIZE));
        Expect.okay(copies.out(16, 32));
    }

    @Clause(
            id = "SUBP-09",
            promise = "While a part is in use by one side of a copy the other side, the first to write, insists on the"
                    + " same part: an entry whose part changed in between is GNTST_general_error.",
            source = "xen-semantics.md, 2.7.4 row 6; 8.1 row 35 (XSA-500)")
    void partChanged(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        part(world, 0, 64);
        world.step("the granter grants its table too, so that a copy in the middle of a call changes the entry");
        granter.entry(9)
                .set("domid", World.GRANTEE)
                .set("frame", OwnFrames.shared(granter, 0, 9))
                .set("flags", PERMIT_ACCESS);
        int both = Copy.SOURCE_GREF | Copy.DEST_GREF;
        CopyCall.End first = CopyCall.of(World.GRANTER, REF, 0);
        CopyCall.End second = CopyCall.of(World.GRANTER, REF, 32);
        // The first four bytes of the part are the part that the entry is to name: all but its last byte.
        granter.store(granter.page(0), 63L << 16);
        CopyCall within = new CopyCall(first, second, 8, both);
        CopyCall narrow = new CopyCall(first, CopyCall.of(World.GRANTER, 9, 16 * REF + 4), 4, both);
        Expect.okay(grantee.call(within));
        List<Answer> answers = grantee.batch(List.of(within, narrow, within));
        Expect.okay(answers.get(0));
        Expect.okay(answers.get(1));
        Expect.status(
                "status of the third", Status.GENERAL_ERROR, answers.get(2).status());
        Expect.equal("length", 63, granter.entry(REF).get("len"));
        Expect.equal(
                "flags and marks", PERMIT_ACCESS | SUB_PAGE, granter.entry(REF).flags());
        world.step("by itself the changed part is fine");
        Expect.okay(grantee.call(within));
        Expect.status(Status.GENERAL_ERROR, grantee.call(new CopyCall(first, first, 64, both)));
    }

    /** The granter fills p0 and grants a part of it; p7 has the same contents. */
    private static Through part(World world, int start, int length) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        world.step("the granter grants " + length + " bytes from " + start + " on");
        Sight.fill(granter, granter.page(0), THEIRS);
        Sight.fill(granter, granter.page(7), THEIRS);
        Sight.fill(grantee, grantee.page(Through.OUT), OURS);
        Sight.fill(grantee, grantee.page(Through.IN), OURS);
        EntriesV2.part(granter, REF, World.GRANTEE, 0, start, length);
        return Through.of(world, REF);
    }

    private static MapCall map(World world) {
        return MapCall.of(World.GRANTER, REF).at(world.grantee().slot(0));
    }
}
