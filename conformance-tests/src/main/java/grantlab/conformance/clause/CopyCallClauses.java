package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.List;

/** GNTTABOP_copy: who may be named how, which test comes first, and what one element means for the next. */
@Needs(format = "flat-home")
public final class CopyCallClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int NO_DOMAIN = 9;
    private static final long NO_REF = 99_999;
    private static final long NO_FRAME = 0x7fff_ffff;
    private static final long THEIRS = 1;
    private static final long OURS = 2;

    /** For ServiceLoader. */
    public CopyCallClauses() {}

    @Override
    public String prefix() {
        return "GCOPY";
    }

    @Override
    public String title() {
        return "Copy requests and the order of their tests";
    }

    @Clause(
            id = "GCOPY-01",
            promise = "A frame is only ever the caller's own, named with DOMID_SELF: any other existing domain is"
                    + " -8, its own"
                    + " number too, and one that does not exist -2.",
            source = "xen-semantics.md, 2.7.2; xen-semantics.md, 12.13")
    void framesAreOwn(World world) {
        long ref = filled(world);
        CopyCall.End own = CopyCall.own(world.grantee().pageFrame(0), 0);
        CopyCall.End grant = CopyCall.of(World.GRANTER, ref, 0);
        world.step("the grantee names frames by domain");
        for (int dom : new int[] {World.GRANTER, World.GRANTEE}) {
            CopyCall.End frame = CopyCall.of(dom, world.granter().pageFrame(0), 0);
            refused(world, Status.PERMISSION_DENIED, new CopyCall(frame, own, 8, 0));
            refused(world, Status.PERMISSION_DENIED, new CopyCall(own, frame, 8, 0));
            refused(world, Status.PERMISSION_DENIED, CopyCall.from(grant, frame, 8));
            refused(world, Status.PERMISSION_DENIED, CopyCall.to(frame, grant, 8));
        }
        for (int dom : new int[] {NO_DOMAIN, Domid.IO, Domid.XEN, Domid.COW, Domid.INVALID, Domid.IDLE, 0xffff}) {
            CopyCall.End nobodys = CopyCall.of(dom, ref, 0);
            refused(world, Status.BAD_DOMAIN, new CopyCall(nobodys, own, 8, 0));
            refused(world, Status.BAD_DOMAIN, CopyCall.from(nobodys, own, 8));
            refused(world, Status.BAD_DOMAIN, CopyCall.to(own, nobodys, 8));
        }
        unchanged(world);
    }

    @Clause(
            id = "GCOPY-02",
            promise =
                    "The tests come in order: domains, source, destination, page limit; the first that fails decides.",
            source = "xen-semantics.md, 2.7.2; recording questions_v1 lines 9..24")
    void orderOfTests(World world) {
        long ref = filled(world);
        long mine = world.grantee().pageFrame(0);
        CopyCall.End far = CopyCall.own(mine, 4090);
        world.step("each element is wrong in several ways");
        refused(world, Status.BAD_GNTREF, CopyCall.from(CopyCall.of(World.GRANTER, NO_REF, 4090), far, 100));
        refused(world, Status.GENERAL_ERROR, CopyCall.from(CopyCall.of(World.GRANTER, ref + 1, 4090), far, 100));
        refused(world, Status.BAD_DOMAIN, CopyCall.from(CopyCall.of(NO_DOMAIN, NO_REF, 4090), far, 100));
        refused(world, Status.BAD_PAGE, new CopyCall(CopyCall.own(NO_FRAME, 5000), far, 100, 0));
        refused(world, Status.BAD_PAGE, new CopyCall(far, CopyCall.own(NO_FRAME, 5000), 100, 0));
        CopyCall.End byNumber = CopyCall.of(World.GRANTEE, mine, 0);
        refused(world, Status.BAD_GNTREF, CopyCall.from(CopyCall.of(World.GRANTER, NO_REF, 0), byNumber, 8));
        refused(world, Status.PERMISSION_DENIED, CopyCall.from(CopyCall.of(World.GRANTER, ref, 5000), byNumber, 8));
        refused(world, Status.BAD_PAGE, new CopyCall(CopyCall.own(NO_FRAME, 0), byNumber, 8, 0));
        CopyCall.End badRef = CopyCall.of(World.GRANTER, NO_REF, 0);
        refused(world, Status.BAD_DOMAIN, new CopyCall(badRef, CopyCall.of(NO_DOMAIN, 0, 0), 8, Copy.SOURCE_GREF));
        refused(world, Status.BAD_COPY_ARG, CopyCall.from(CopyCall.of(World.GRANTER, ref, 4090), far, 100));
        unchanged(world);
    }

    @Clause(
            id = "GCOPY-03",
            promise = "A copy of no bytes is checked like any other.",
            source = "xen-semantics.md, 2.7.6 (4.17); recording questions_v1 lines 16..17")
    void nothingIsChecked(World world) {
        long ref = filled(world);
        CopyCall.End own = CopyCall.own(world.grantee().pageFrame(0), 0);
        world.step("the grantee copies nothing, wrongly");
        refused(world, Status.BAD_GNTREF, CopyCall.from(CopyCall.of(World.GRANTER, NO_REF, 0), own, 0));
        refused(world, Status.GENERAL_ERROR, CopyCall.from(CopyCall.of(World.GRANTER, ref + 1, 4097), own, 0));
        refused(world, Status.BAD_DOMAIN, CopyCall.from(CopyCall.of(NO_DOMAIN, ref, 0), own, 0));
        refused(world, Status.PERMISSION_DENIED, new CopyCall(CopyCall.of(World.GRANTER, ref, 0), own, 0, 0));
        refused(world, Status.BAD_PAGE, new CopyCall(CopyCall.own(NO_FRAME, 0), own, 0, 0));
        refused(world, Status.BAD_COPY_ARG, CopyCall.from(CopyCall.of(World.GRANTER, ref, 4097), own, 0));
        Expect.okay(world.grantee().call(CopyCall.from(CopyCall.of(World.GRANTER, ref, 4096), own, 0)));
        unchanged(world);
    }

    @Clause(
            id = "GCOPY-04",
            promise = "The rule that a frame is the caller's own holds for each element, whatever the one before it"
                    + " named.",
            source = "xen-semantics.md, 2.7.2; XSA-523")
    void eachElementJudged(World world) {
        Party grantee = world.grantee();
        long ref = filled(world);
        CopyCall.End own = CopyCall.own(grantee.pageFrame(1), 0);
        long theirFrame = world.granter().pageFrame(0);
        world.step("a batch: out of the grant, then out of the frame, and of a frame whose number is the reference");
        CopyCall good = CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), own, 8);
        CopyCall frame = new CopyCall(CopyCall.of(World.GRANTER, theirFrame, 8), own, 8, 0);
        CopyCall sameNumber = new CopyCall(CopyCall.of(World.GRANTER, ref, 8), own, 8, 0);
        statuses(grantee.batch(List.of(good, frame, good, sameNumber)), 0, -8, 0, -8);

        world.step("a batch: into the grant, then into the frame, and into the frame of that number");
        CopyCall.End source = CopyCall.own(grantee.pageFrame(0), 0);
        CopyCall in = CopyCall.to(source, CopyCall.of(World.GRANTER, ref, 0), 8);
        CopyCall intoFrame = new CopyCall(source, CopyCall.of(World.GRANTER, theirFrame, 8), 8, 0);
        CopyCall intoNumber = new CopyCall(source, CopyCall.of(World.GRANTER, ref, 8), 8, 0);
        statuses(grantee.batch(List.of(in, intoFrame, in, intoNumber)), 0, -8, 0, -8);
        CopyCall bad = CopyCall.from(CopyCall.of(World.GRANTER, NO_REF, 0), own, 8);
        statuses(grantee.batch(List.of(bad, frame, good)), -3, -8, 0);
        Sight.value(world.granter(), world.granter().page(0), grantee.load(grantee.page(0)));
        Expect.different(
                "the granter's second word",
                grantee.load(grantee.page(0)),
                world.granter().load(world.granter().page(0) + 8));
    }

    @Clause(
            id = "GCOPY-05",
            promise = "A failing element stops nothing: the others are carried out, each with its own status.",
            source = "xen-semantics.md, 2.0, 2.7.3")
    void othersCarriedOut(World world) {
        Party grantee = world.grantee();
        long ref = filled(world);
        world.step("a batch of five, of which the second and the fourth fail");
        CopyCall.End[] ends = new CopyCall.End[5];
        for (int n = 0; n < ends.length; n++) {
            ends[n] = CopyCall.own(grantee.pageFrame(1), 8 * n);
        }
        CopyCall.End source = CopyCall.of(World.GRANTER, ref, 64);
        statuses(
                grantee.batch(List.of(
                        CopyCall.from(source, ends[0], 8),
                        CopyCall.from(CopyCall.of(World.GRANTER, ref, 4090), ends[1], 8),
                        CopyCall.from(source, ends[2], 8),
                        CopyCall.from(CopyCall.of(World.GRANTER, ref + 1, 0), ends[3], 8),
                        CopyCall.from(source, ends[4], 8))),
                0,
                -10,
                0,
                -1,
                0);
        long word = world.granter().load(world.granter().page(0) + 64);
        for (int n = 0; n < ends.length; n++) {
            Sight.value(grantee, grantee.page(1) + 8L * n, n % 2 == 0 ? word : 0);
        }
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "GCOPY-06",
            promise = "A copy that is the first to write an entry in use insists on the frame that is in use.",
            source = "xen-semantics.md, 2.7.4 row 6; XSA-500")
    void frameChanged(World world) {
        Party granter = world.granter();
        long ref = filled(world);
        Sight.fill(granter, granter.page(1), 5);
        world.step("the grantee maps it read-only, and the granter puts another frame into the entry");
        Mapped mapped = world.grantee().call(map(world, ref).readonly());
        Expect.okay(mapped);
        granter.entry(ref).set("frame", granter.pageFrame(1));
        CopyCall in = CopyCall.to(
                CopyCall.own(world.grantee().pageFrame(0), 0), CopyCall.of(World.GRANTER, ref, 0), Page.SIZE);
        refused(world, Status.GENERAL_ERROR, in);
        granter.entry(ref).set("frame", NO_FRAME);
        refused(world, Status.BAD_PAGE, in);
        Sight.filled(granter, granter.page(0), THEIRS);
        Sight.filled(granter, granter.page(1), 5);
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("a copy out reads the frame in use; with the frame as it was the copy in is allowed");
        Expect.okay(world.grantee()
                .call(CopyCall.from(
                        CopyCall.of(World.GRANTER, ref, 0),
                        CopyCall.own(world.grantee().pageFrame(1), 0),
                        Page.SIZE)));
        Sight.filled(world.grantee(), world.grantee().page(1), THEIRS);
        granter.entry(ref).set("frame", granter.pageFrame(0));
        Expect.okay(world.grantee().call(in));
        Sight.filled(granter, granter.page(0), OURS);
        Expect.okay(world.grantee()
                .call(UnmapCall.of(mapped.handle()).at(world.grantee().slot(0))));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "GCOPY-07",
            promise = "Flag bits without a meaning are ignored.",
            source = "xen-semantics.md, 1.7; xen-semantics.md, 12.13")
    void unknownFlags(World world) {
        Party grantee = world.grantee();
        long ref = filled(world);
        world.step("the grantee copies with all other flags set");
        CopyCall.End there = CopyCall.of(World.GRANTER, ref, 0);
        CopyCall.End here = CopyCall.own(grantee.pageFrame(1), 0);
        Expect.okay(grantee.call(new CopyCall(there, here, Page.SIZE, 0xfffc | Copy.SOURCE_GREF)));
        Sight.filled(grantee, grantee.page(1), THEIRS);
        Expect.okay(grantee.call(
                new CopyCall(CopyCall.own(grantee.pageFrame(0), 0), there, Page.SIZE, 0xfffc | Copy.DEST_GREF)));
        Sight.filled(world.granter(), world.granter().page(0), OURS);
    }

    @Clause(
            id = "GCOPY-08",
            promise = "The caller copies between two frames of its own, and only between frames of its own.",
            source = "xen-semantics.md, 2.7.4, 3.6")
    void ownFrames(World world) {
        Party grantee = world.grantee();
        filled(world);
        world.step("the grantee copies p0 to p1");
        CopyCall.End source = CopyCall.own(grantee.pageFrame(0), 0);
        Expect.okay(grantee.call(new CopyCall(source, CopyCall.own(grantee.pageFrame(1), 0), Page.SIZE, 0)));
        Sight.filled(grantee, grantee.page(1), OURS);
        world.step("the grantee names frames that are not its own");
        long[] frames = {
            NO_FRAME,
            -1,
            0,
            grantee.translated() ? Page.frame(grantee.slot(1)) : world.granter().pageFrame(0)
        };
        for (long frame : frames) {
            refused(world, Status.BAD_PAGE, new CopyCall(CopyCall.own(frame, 0), source, 8, 0));
            refused(world, Status.BAD_PAGE, new CopyCall(source, CopyCall.own(frame, 0), 8, 0));
        }
        unchanged(world);
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "GCOPY-09",
            promise = "A page table is no destination, granted or own: -1; as a source it is a page like others.",
            source = "xen-semantics.md, 2.7.1 row 8, 3.7")
    void pageTable(World world) {
        Party grantee = world.grantee();
        long ref = filled(world);
        long table = Page.frame(grantee.domain().addressSpace().entryAddress(grantee.page(0)));
        long references = world.machine().frames().references(table);
        CopyCall.End end = CopyCall.own(table, 0);
        world.step("the grantee copies into its own L1 table");
        refused(world, Status.GENERAL_ERROR, CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), end, 8));
        refused(world, Status.GENERAL_ERROR, CopyCall.from(CopyCall.of(World.GRANTER, ref, 4095), end, 8));
        Expect.equal(
                "references on the table", references, world.machine().frames().references(table));
        Expect.okay(grantee.call(new CopyCall(end, CopyCall.own(grantee.pageFrame(1), 0), 8, 0)));
        Sight.value(grantee, grantee.page(1), world.machine().memory().load64(Page.address(table)));
        unchanged(world);
    }

    @BothTables
    @Clause(
            id = "GCOPY-10",
            promise = "Between two other domains the caller copies if both grant to the caller; to each other is not"
                    + " enough.",
            source = "xen-semantics.md, 2.7.4")
    void betweenTwoOthers(World world) {
        Party third = world.third();
        long ref = filled(world);
        world.step("the third domain grants p0 to the grantee, and p1 to the granter");
        third.entry(8)
                .set("domid", World.GRANTEE)
                .set("frame", third.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        third.entry(9)
                .set("domid", World.GRANTER)
                .set("frame", third.pageFrame(1))
                .set("flags", Gtf.PERMIT_ACCESS);
        CopyCall.End source = CopyCall.of(World.GRANTER, ref, 0);
        int both = Copy.SOURCE_GREF | Copy.DEST_GREF;
        Expect.okay(world.grantee().call(new CopyCall(source, CopyCall.of(World.THIRD, 8, 0), Page.SIZE, both)));
        Sight.filled(third, third.page(0), THEIRS);
        refused(world, Status.GENERAL_ERROR, new CopyCall(source, CopyCall.of(World.THIRD, 9, 0), Page.SIZE, both));
        Sight.value(third, third.page(1), 0);
        Expect.equal("flags and marks", 1, third.entry(8).flags());
        Expect.equal("flags and marks", 1, third.entry(9).flags());
        unchanged(world);
    }

    @BothTables
    @Clause(
            id = "GCOPY-11",
            promise = "A reference of the caller's own is used like any: it must be granted to the caller.",
            source = "xen-semantics.md, 1.9, 2.7.2 (gref 9 SELF, then frame 9 SELF)")
    void ownReference(World world) {
        Party grantee = world.grantee();
        filled(world);
        world.step("the grantee grants p0 to itself and p1 to the granter");
        grantee.entry(8)
                .set("domid", World.GRANTEE)
                .set("frame", grantee.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        grantee.entry(9)
                .set("domid", World.GRANTER)
                .set("frame", grantee.pageFrame(1))
                .set("flags", Gtf.PERMIT_ACCESS);
        CopyCall.End here = CopyCall.own(grantee.pageFrame(2), 0);
        for (int self : new int[] {Domid.SELF, World.GRANTEE}) {
            Expect.okay(grantee.call(CopyCall.from(CopyCall.of(self, 8, 0), here, Page.SIZE)));
            refused(world, Status.GENERAL_ERROR, CopyCall.from(CopyCall.of(self, 9, 0), here, 8));
        }
        Sight.filled(grantee, grantee.page(2), OURS);
        world.step("a frame that has the number of the reference is another thing");
        CopyCall good = CopyCall.from(CopyCall.of(Domid.SELF, 8, 0), here, 8);
        CopyCall frame = new CopyCall(CopyCall.own(8, 0), here, 8, 0);
        statuses(grantee.batch(List.of(good, frame)), 0, -9);
    }

    @Clause(
            id = "GCOPY-12",
            promise = "A copy through an entry in use reads the page in use, though the entry was emptied meanwhile.",
            source = "xen-semantics.md, 2.7.4 row 7, 3.6")
    void entryEmptied(World world) {
        Party grantee = world.grantee();
        long ref = filled(world);
        world.step("the grantee maps it writable, and the granter empties the entry");
        Mapped mapped = grantee.call(map(world, ref));
        Expect.okay(mapped);
        world.granter().entry(ref).set("flags", 0);
        world.granter().entry(ref).set("frame", world.granter().pageFrame(1));
        world.step("the grantee copies out and in");
        CopyCall.End there = CopyCall.of(World.GRANTER, ref, 0);
        Expect.okay(grantee.call(CopyCall.from(there, CopyCall.own(grantee.pageFrame(1), 0), Page.SIZE)));
        Sight.filled(grantee, grantee.page(1), THEIRS);
        Expect.okay(grantee.call(CopyCall.to(CopyCall.own(grantee.pageFrame(0), 0), there, Page.SIZE)));
        Sight.filled(world.granter(), world.granter().page(0), OURS);
        Expect.equal("flags", 0, world.granter().entry(ref).get("flags"));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        refused(world, Status.GENERAL_ERROR, CopyCall.from(there, CopyCall.own(grantee.pageFrame(1), 0), 8));
    }

    /** Both fill p0, and the granter grants its own. */
    private static long filled(World world) {
        world.step("both fill p0, and the granter grants its own");
        Sight.fill(world.granter(), world.granter().page(0), THEIRS);
        Sight.fill(world.grantee(), world.grantee().page(0), OURS);
        return world.grant(0, READ_WRITE);
    }

    private static void unchanged(World world) {
        Sight.filled(world.granter(), world.granter().page(0), THEIRS);
        Sight.filled(world.grantee(), world.grantee().page(0), OURS);
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
    }

    private static MapCall map(World world, long ref) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0));
    }

    private static void refused(World world, int status, CopyCall call) {
        Expect.status(status, world.grantee().call(call));
    }

    private static void statuses(List<Answer> answers, int... expected) {
        for (int n = 0; n < expected.length; n++) {
            Expect.rc(0, answers.get(n).rc());
            Expect.status("status of element " + n, expected[n], answers.get(n).status());
        }
    }
}
