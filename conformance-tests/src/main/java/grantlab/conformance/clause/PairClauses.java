package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.READONLY;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Status;
import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.GetVersionCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.TableSize;

/** Granter and grantee both grant, each through a table of its own, of one format or of two. */
@BothTables
@Needs(
        format = {"flat-home", "in-use-bits"},
        granteeFormat = {"flat-home", "in-use-bits"})
public final class PairClauses implements ClauseFamily {
    private static final int REF = 9;
    private static final int OTHER = 10;
    private static final int BOTH = READING | WRITING;
    private static final int BOTH_ENDS = Copy.SOURCE_GREF | Copy.DEST_GREF;

    /** For ServiceLoader. */
    public PairClauses() {}

    @Override
    public String prefix() {
        return "PAIR";
    }

    @Override
    public String title() {
        return "Two tables at once";
    }

    @Clause(
            id = "PAIR-01",
            promise =
                    "Two domains map pages of each other through the same number: each sees the other's page, and each"
                            + " table shows its own marks.",
            source = "xen-semantics.md, 2.1, 3.3, 3.4; recording grantees_v2")
    void crosswise(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        grant(granter, REF, World.GRANTEE, 0);
        grant(grantee, REF, World.GRANTER, 0);
        granter.store(granter.page(0), 1);
        grantee.store(grantee.page(0), 2);
        Driver.Handle theirs =
                Driver.hold(grantee, map(World.GRANTER, REF, grantee).readonly());
        expectFlags(granter, PERMIT_ACCESS | READING);
        expectFlags(grantee, PERMIT_ACCESS);
        Driver.Handle ours = Driver.hold(granter, map(World.GRANTEE, REF, granter));
        expectFlags(granter, PERMIT_ACCESS | READING);
        expectFlags(grantee, PERMIT_ACCESS | BOTH);
        Sight.value(grantee, grantee.slot(0), 1);
        Sight.value(granter, granter.slot(0), 2);
        theirs.letGo();
        expectFlags(granter, PERMIT_ACCESS);
        expectFlags(grantee, PERMIT_ACCESS | BOTH);
        ours.letGo();
        expectFlags(grantee, PERMIT_ACCESS);
    }

    @Clause(
            id = "PAIR-02",
            promise =
                    "A copy goes from a reference of one table to a reference of the other, each judged by its own table:"
                            + " type, right, grantee and end of the table.",
            source = "xen-semantics.md, 2.7.4 (ldom is the calling domain's id for both)")
    void fromTableToTable(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        grant(granter, REF, World.GRANTEE, 0);
        grant(grantee, OTHER, World.GRANTEE, 1);
        Sight.fill(granter, granter.page(0), 3);
        CopyCall.End theirs = CopyCall.of(World.GRANTER, REF, 0);
        CopyCall.End own = CopyCall.of(Domid.SELF, OTHER, 0);
        Expect.okay(grantee.call(new CopyCall(theirs, own, Page.SIZE, BOTH_ENDS)));
        Sight.filled(grantee, grantee.page(1), 3);
        Sight.fill(grantee, grantee.page(1), 4);
        Expect.okay(grantee.call(new CopyCall(own, theirs, Page.SIZE, BOTH_ENDS)));
        Sight.filled(granter, granter.page(0), 4);
        world.step("one of the two is read-only, names somebody else, is beyond its table");
        grantee.entry(OTHER).set("flags", PERMIT_ACCESS | READONLY);
        Expect.status(Status.GENERAL_ERROR, grantee.call(new CopyCall(theirs, own, 8, BOTH_ENDS)));
        Expect.okay(grantee.call(new CopyCall(own, theirs, 8, BOTH_ENDS)));
        grantee.entry(OTHER).set("domid", World.GRANTER);
        Expect.status(Status.GENERAL_ERROR, grantee.call(new CopyCall(own, theirs, 8, BOTH_ENDS)));
        CopyCall.End beyondOwn = CopyCall.of(Domid.SELF, grantee.references(), 0);
        Expect.status(Status.BAD_GNTREF, grantee.call(new CopyCall(theirs, beyondOwn, 8, BOTH_ENDS)));
        CopyCall.End beyondTheirs = CopyCall.of(World.GRANTER, granter.references(), 0);
        Expect.status(Status.BAD_GNTREF, grantee.call(new CopyCall(beyondTheirs, own, 8, BOTH_ENDS)));
        expectFlags(granter, PERMIT_ACCESS);
        Expect.equal(
                "flags and marks",
                PERMIT_ACCESS | READONLY,
                grantee.entry(OTHER).flags());
    }

    @Clause(
            id = "PAIR-03",
            promise = "The last reference of each table may be used from the other side, the one behind it may not.",
            source = "xen-semantics.md, 2.1 row 6 (entries of the granter's table in its current version)")
    void borders(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Expect.okay(grantee.call(SetupTableCall.own(3)));
        for (Party owner : new Party[] {granter, grantee}) {
            Party user = owner == granter ? grantee : granter;
            long last = owner.references() - 1;
            grant(owner, last, user.domid(), 0);
            Driver.hold(user, map(owner.domid(), last, user)).letGo();
            Expect.status(Status.BAD_GNTREF, user.call(map(owner.domid(), last + 1, user)));
        }
    }

    @Needs(format = "swap", granteeFormat = "swap")
    @Clause(
            id = "PAIR-04",
            promise = "A reference in use cannot be exchanged by its owner; the same number of another table can.",
            source = "xen-semantics.md, 2.11 (caller's own table)")
    void swapsItsOwn(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        grant(granter, REF, World.GRANTEE, 0);
        grant(grantee, REF, World.GRANTER, 0);
        Driver.Handle handle = Driver.hold(grantee, map(World.GRANTER, REF, grantee));
        Expect.status(Status.EAGAIN, granter.call(new SwapCall(REF, OTHER)));
        Expect.okay(grantee.call(new SwapCall(REF, OTHER)));
        Expect.equal("flags and marks", PERMIT_ACCESS, grantee.entry(OTHER).flags());
        Expect.equal("flags and marks", 0, grantee.entry(REF).flags());
        Driver.hold(granter, map(World.GRANTEE, OTHER, granter)).letGo();
        Expect.status(Status.GENERAL_ERROR, granter.call(map(World.GRANTEE, REF, granter)));
        handle.letGo();
        Expect.okay(granter.call(new SwapCall(REF, OTHER)));
    }

    @Clause(
            id = "PAIR-05",
            promise = "The grantee maps a grant of its own while it has one of the granter's under the same number.",
            source = "xen-semantics.md, 2.1 (granter == grantee makes no difference), 6.5")
    void ownBesideTheirs(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        grant(granter, REF, World.GRANTEE, 0);
        grant(grantee, REF, World.GRANTEE, 3);
        granter.store(granter.page(0), 1);
        grantee.store(grantee.page(3), 2);
        Driver.Handle theirs = Driver.hold(grantee, map(World.GRANTER, REF, grantee));
        Driver.Handle own = Driver.hold(
                grantee, map(World.GRANTEE, REF, grantee).at(grantee.slot(1)).readonly());
        Sight.value(grantee, grantee.slot(0), 1);
        Sight.value(grantee, grantee.slot(1), 2);
        expectFlags(granter, PERMIT_ACCESS | BOTH);
        expectFlags(grantee, PERMIT_ACCESS | READING);
        own.letGo();
        expectFlags(grantee, PERMIT_ACCESS);
        expectFlags(granter, PERMIT_ACCESS | BOTH);
        theirs.letGo();
    }

    @Clause(
            id = "PAIR-06",
            promise = "Each table grows by itself, and tells its own size and version.",
            source = "xen-semantics.md, 2.3, 2.6")
    void sizesApart(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        int granters = granter.call(GetVersionCall.own()).version();
        int grantees = grantee.call(GetVersionCall.own()).version();
        Expect.equal("versions differ", !world.combination().sameFormats(), granters != grantees);
        Expect.okay(grantee.call(SetupTableCall.own(5)));
        expectFrames(granter, 1);
        expectFrames(grantee, 5);
        Expect.okay(granter.call(SetupTableCall.own(2)));
        expectFrames(granter, 2);
        expectFrames(grantee, 5);
        Expect.equal("version", granters, granter.call(GetVersionCall.own()).version());
        Expect.equal("version", grantees, grantee.call(GetVersionCall.own()).version());
    }

    private static void expectFrames(Party party, int expected) {
        TableSize size = party.call(QuerySizeCall.own());
        Expect.equal("frames of " + party, expected, size.frames());
    }

    private static void grant(Party owner, long ref, int user, int page) {
        owner.entry(ref).set("domid", user).set("frame", owner.pageFrame(page)).set("flags", PERMIT_ACCESS);
    }

    private static void expectFlags(Party owner, int expected) {
        Expect.equal(
                "flags and marks in the table of " + owner,
                expected,
                owner.entry(REF).flags());
    }

    private static MapCall map(int granter, long ref, Party user) {
        return MapCall.of(granter, ref).at(user.slot(0));
    }
}
