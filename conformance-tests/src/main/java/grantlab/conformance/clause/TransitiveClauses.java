package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.READONLY;
import static grantlab.api.abi.Gtf.SUB_PAGE;
import static grantlab.api.abi.Gtf.TRANSITIVE;
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
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.Version;
import grantlab.hypervisor.Limits;
import java.util.List;

/**
 * Grants of grants: the third domain, far away, grants a page to the granter, who grants that grant to the grantee. The
 * far table has whatever version the combination gives it.
 */
@BothTables
@Needs(
        format = {"flat-home", "layout-v2", "transitive"},
        granteeFormat = {"flat-home", "in-use-bits"})
public final class TransitiveClauses implements ClauseFamily {
    private static final String RULES = "xen-semantics.md, 2.7.5; recording transitive";
    private static final int HOP = 20;
    private static final int FAR = 10;
    private static final long NO_FRAME = 0x7fff_ffff;
    private static final int BOTH_ENDS = Copy.SOURCE_GREF | Copy.DEST_GREF;

    /** For ServiceLoader. */
    public TransitiveClauses() {}

    @Override
    public String prefix() {
        return "TRANS";
    }

    @Override
    public String title() {
        return "Grants of grants";
    }

    @Clause(
            id = "TRANS-01",
            promise = "A copy through a grant of a grant reaches the far page, whole, in both directions.",
            source = RULES + " lines 41..46")
    void copies(World world) {
        Through copies = granted(world);
        Sight.fill(world.third(), world.third().page(0), 3);
        Sight.fill(world.grantee(), world.grantee().page(Through.IN), 4);
        Expect.okay(copies.out(0, Page.SIZE));
        Sight.filled(world.grantee(), world.grantee().page(Through.OUT), 3);
        Expect.okay(copies.in(0, Page.SIZE));
        Sight.filled(world.third(), world.third().page(0), 4);
        Expect.status(Status.BAD_COPY_ARG, copies.out(1, Page.SIZE));
        atRest(world);
    }

    @Clause(
            id = "TRANS-02",
            promise = "A grant of a grant is mapped by nobody, and nothing is marked.",
            source = RULES + " lines 50, 51")
    void notMappable(World world) {
        granted(world);
        MapCall map = MapCall.of(World.GRANTER, HOP).at(world.grantee().slot(0));
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(map));
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(map.readonly()));
        Sight.nothing(world.grantee(), world.grantee().slot(0));
        atRest(world);
    }

    @Clause(
            id = "TRANS-03",
            promise = "Written is only what neither of the two entries calls read-only.",
            source = RULES + " lines 53..67")
    void readOnlyHops(World world) {
        Through copies = granted(world);
        world.step("the granter's entry is read-only");
        world.granter().entry(HOP).set("flags", TRANSITIVE | READONLY);
        copies.readOnly();
        expectFlags(world, TRANSITIVE | READONLY, PERMIT_ACCESS);
        world.step("the far entry is");
        world.granter().entry(HOP).set("flags", TRANSITIVE);
        world.third().entry(FAR).set("flags", PERMIT_ACCESS | READONLY);
        copies.readOnly();
        expectFlags(world, TRANSITIVE, PERMIT_ACCESS | READONLY);
    }

    @Clause(
            id = "TRANS-04",
            promise = "The far entry must name the domain in between; that it names the caller is not enough.",
            source = RULES + " lines 75..78 (acquired as the granter)")
    void inTheNameOfTheMiddle(World world) {
        Through copies = granted(world);
        world.third().entry(FAR).set("domid", World.GRANTEE);
        copies.refused(Status.GENERAL_ERROR);
        atRest(world);
        Expect.okay(new Through(world.grantee(), World.THIRD, FAR).out(0, 8));
    }

    @Clause(
            id = "TRANS-05",
            promise = "The granter's entry must name the caller; that the far one would is not enough.",
            source = "xen-semantics.md, 2.7.5 row 1, 3.4")
    void namesTheCaller(World world) {
        Through copies = granted(world);
        world.granter().entry(HOP).set("domid", World.THIRD);
        copies.refused(Status.GENERAL_ERROR);
        expectFlags(world, TRANSITIVE, PERMIT_ACCESS);
    }

    @Clause(
            id = "TRANS-06",
            promise =
                    "There is one hop: a grant of a grant of a grant is GNTST_general_error, and nothing stays marked.",
            source = "xen-semantics.md, 2.7.5 row 2; recording transitive lines 97..100; 8.1 row 12 (XSA-226)")
    void oneHop(World world) {
        granted(world);
        Party third = inVersion(world.third(), 2);
        EntriesV2.hop(third, FAR, World.GRANTER, World.GRANTEE, 12);
        world.grantee()
                .entry(12)
                .set("domid", World.THIRD)
                .set("frame", world.grantee().pageFrame(5))
                .set("flags", PERMIT_ACCESS);
        Through.of(world, HOP).refused(Status.GENERAL_ERROR);
        expectFlags(world, TRANSITIVE, TRANSITIVE);
        Expect.equal("flags and marks", PERMIT_ACCESS, world.grantee().entry(12).flags());
    }

    @Clause(
            id = "TRANS-07",
            promise = "An entry that leads to its own domain, to DOMID_SELF or to no domain leads nowhere:"
                    + " GNTST_general_error.",
            source = RULES + " lines 108..199, rows 3 and 4")
    void nowhere(World world) {
        EntriesV2.page(world.granter(), 21, World.GRANTER, 0);
        int[] nowhere = {World.GRANTER, Domid.SELF, 99, Domid.IO, Domid.XEN, Domid.INVALID, Domid.IDLE, 0xffff};
        for (int far : nowhere) {
            world.step("the granter's entry leads to domain " + far);
            EntriesV2.hop(world.granter(), HOP, World.GRANTEE, far, 21);
            Through.of(world, HOP).refused(Status.GENERAL_ERROR);
            Expect.equal(
                    "flags and marks", TRANSITIVE, world.granter().entry(HOP).flags());
        }
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.GRANTER, HOP);
        Through.of(world, HOP).refused(Status.GENERAL_ERROR);
    }

    @Clause(
            id = "TRANS-08",
            promise = "What the far table answers is handed on: GNTST_bad_gntref, GNTST_bad_page, GNTST_general_error.",
            source = RULES + " lines 152..155, row 5")
    void statusHandedOn(World world) {
        Through copies = granted(world);
        world.step("beyond the far table");
        for (long ref : new long[] {world.third().references(), 0xffff_ffffL}) {
            EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, ref);
            copies.refused(Status.BAD_GNTREF);
        }
        world.step("an unused far entry");
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, FAR + 1);
        copies.refused(Status.GENERAL_ERROR);
        world.step("a far frame that does not exist");
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, FAR);
        world.third().entry(FAR).set("frame", NO_FRAME);
        copies.refused(Status.BAD_PAGE);
        atRest(world);
    }

    @Clause(
            id = "TRANS-09",
            promise = "The far table may be of either version.",
            source = "xen-semantics.md, 2.7.5 (the remote table may be v1 or v2)")
    void eitherVersion(World world) {
        for (int version : new int[] {1, 2}) {
            inVersion(world.third(), version);
            granted(world).works(world.third(), 0);
            atRest(world);
        }
    }

    @Clause(
            id = "TRANS-10",
            promise = "A far grant of a part of a page is a part of a page for the caller, too.",
            source = RULES + " lines 86..89, row 7")
    void farPart(World world) {
        inVersion(world.third(), 2);
        Through copies = granted(world);
        EntriesV2.part(world.third(), FAR, World.GRANTER, 0, 64, 64);
        Expect.okay(copies.out(64, 64));
        Expect.okay(copies.in(127, 1));
        for (int[] range : new int[][] {{0, 8}, {63, 1}, {64, 65}, {128, 1}}) {
            Expect.status(Status.GENERAL_ERROR, copies.out(range[0], range[1]));
            Expect.status(Status.GENERAL_ERROR, copies.in(range[0], range[1]));
        }
        expectFlags(world, TRANSITIVE, PERMIT_ACCESS | SUB_PAGE);
    }

    @Clause(
            id = "TRANS-11",
            promise = "The bit of sub-page grants, forged marks and the ignored words of the entry mean nothing.",
            source = "xen-semantics.md, 2.7.5, 1.2; recording transitive lines 174..212")
    void ignored(World world) {
        Through copies = granted(world);
        for (int flags : new int[] {SUB_PAGE, READING | WRITING, 0xfef8 | SUB_PAGE}) {
            EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, FAR)
                    .set("pad", 0x1234)
                    .set("rest", -1)
                    .set("flags", TRANSITIVE | flags);
            copies.works(world.third(), 0);
        }
    }

    @Clause(
            id = "TRANS-12",
            promise = "While the bytes move both entries are marked, and afterwards neither is.",
            source = "xen-semantics.md, 2.7.5 rows 1 and 5, 11.1 rule 2")
    void bothMarked(World world) {
        Party granter = world.granter();
        Party third = inVersion(world.third(), 2);
        Through copies = granted(world);
        world.step("both grant their status words to the grantee, who copies them through the hop itself");
        grantWords(granter, 30, World.GRANTEE);
        grantWords(third, 31, World.GRANTEE);
        CopyCall.End far = CopyCall.of(World.GRANTER, HOP, 0);
        Expect.okay(world.grantee().call(new CopyCall(CopyCall.of(World.GRANTER, 30, 2 * HOP), far, 2, BOTH_ENDS)));
        Expect.bits("the granter's word", 0xffff, READING | WRITING, third.load(third.page(0)));
        Expect.okay(world.grantee().call(new CopyCall(CopyCall.of(World.THIRD, 31, 2 * FAR), far, 2, BOTH_ENDS)));
        Expect.bits("the far word", 0xffff, READING | WRITING, third.load(third.page(0)));
        Expect.okay(copies.out(0, 8));
        atRest(world);
    }

    private static void grantWords(Party party, int ref, int grantee) {
        party.entry(ref)
                .set("domid", grantee)
                .set("frame", OwnFrames.status(party, 0, 9))
                .set("flags", PERMIT_ACCESS);
    }

    @Clause(
            id = "TRANS-13",
            promise = "A far domain that dies hands on what a zombie answers: GNTST_bad_domain for a page in use,"
                    + " GNTST_bad_page for another; once it is gone, GNTST_general_error.",
            source = "xen-semantics.md, 5.1, 2.7.5 rows 4 and 5")
    void farDomainDies(World world) {
        Party granter = world.granter();
        Party third = world.third();
        Through used = granted(world);
        grantFar(third, FAR + 1, 1);
        EntriesV2.hop(granter, HOP + 1, World.GRANTEE, World.THIRD, FAR + 1);
        Driver.Handle handle = Driver.hold(granter, MapCall.of(World.THIRD, FAR).at(granter.slot(0)));
        world.destroy(third);
        world.step("the grantee copies through the zombie");
        used.refused(Status.BAD_DOMAIN);
        Through.of(world, HOP + 1).refused(Status.BAD_PAGE);
        Expect.equal("flags and marks", TRANSITIVE, granter.entry(HOP).flags());
        handle.letGo();
        Expect.holds("the far domain is gone", world.machine().domain(World.THIRD) == null);
        used.refused(Status.GENERAL_ERROR);
        Expect.equal("flags and marks", TRANSITIVE, granter.entry(HOP).flags());
    }

    @Clause(
            id = "TRANS-14",
            promise = "The toolstack can turn them off: then each is GNTST_general_error and leaves no mark, and other"
                    + " grants are as before.",
            source = "xen-semantics.md, 2.7.5 row 2, 4; recording transitive_off (gnttab=transitive=false)")
    void turnedOff(World world) throws Exception {
        world.under(
                settings -> settings.withLimits(new Limits(
                        settings.limits().maxGrantFrames(),
                        settings.limits().maxMaptrackFrames(),
                        settings.limits().maxGrantVersion(),
                        false,
                        settings.limits().transfer())),
                other -> {
                    granted(other).refused(Status.GENERAL_ERROR);
                    atRest(other);
                    EntriesV2.page(other.granter(), 21, World.GRANTEE, 0);
                    Through.of(other, 21).works(other.granter(), 0);
                });
    }

    @Clause(
            id = "TRANS-15",
            promise = "An entry that is mapped and then rewritten into a grant of a grant ends a copy after bounded"
                    + " attempts with GNTST_eagain, harms no mapping, and leads on after the last unmap.",
            source = "xen-semantics.md, 2.7.5 row 6; Xen starts the element again without end")
    void rewrittenWhileMapped(World world) {
        granted(world);
        EntriesV2.page(world.granter(), HOP, World.GRANTEE, 4);
        Ledger ledger = Ledger.of(world, world.granter(), world.third());
        Driver.Handle handle = Driver.hold(
                world.grantee(),
                MapCall.of(World.GRANTER, HOP).at(world.grantee().slot(0)));
        world.step("the granter makes it a grant of a grant");
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, FAR);
        Through copies = Through.of(world, HOP);
        copies.refused(Status.EAGAIN);
        expectFlags(world, TRANSITIVE | READING | WRITING, PERMIT_ACCESS);
        world.grantee().store(world.grantee().slot(0), 5);
        Sight.value(world.granter(), world.granter().page(4), 5);
        handle.letGo();
        ledger.check();
        copies.works(world.third(), 0);
    }

    @Clause(
            id = "TRANS-16",
            promise = "Both ends of a copy may be grants of grants, by way of one domain to one page or to two.",
            source = "xen-semantics.md, 2.7.3, 2.7.5")
    void bothEnds(World world) {
        granted(world);
        Party third = world.third();
        grantFar(third, FAR + 1, 1);
        EntriesV2.hop(world.granter(), HOP + 1, World.GRANTEE, World.THIRD, FAR + 1);
        EntriesV2.hop(world.granter(), HOP + 2, World.GRANTEE, World.THIRD, FAR);
        third.store(third.page(0), 7);
        CopyCall.End first = CopyCall.of(World.GRANTER, HOP, 0);
        for (CopyCall.End other : List.of(
                CopyCall.of(World.GRANTER, HOP + 1, 64),
                CopyCall.of(World.GRANTER, HOP + 2, 64),
                CopyCall.of(World.GRANTER, HOP, 128))) {
            Expect.okay(world.grantee().call(new CopyCall(first, other, 8, BOTH_ENDS)));
        }
        Sight.value(third, third.page(1) + 64, 7);
        Sight.value(third, third.page(0) + 64, 7);
        Sight.value(third, third.page(0) + 128, 7);
        atRest(world);
    }

    @Clause(
            id = "TRANS-17",
            promise = "In a batch a grant of a grant is held and let go like any other: failing elements stop nothing,"
                    + " and afterwards nothing is held.",
            source = "xen-semantics.md, 2.7.3")
    void batch(World world) {
        Through copies = granted(world);
        Party third = world.third();
        Ledger ledger = Ledger.of(world, world.granter(), world.grantee(), third);
        EntriesV2.page(world.granter(), HOP + 1, World.GRANTEE, 3);
        EntriesV2.hop(world.granter(), HOP + 2, World.GRANTEE, World.THIRD, FAR + 1);
        Through plain = Through.of(world, HOP + 1);
        Through broken = Through.of(world, HOP + 2);
        List<Answer> answers = world.grantee()
                .batch(List.of(
                        copies.outCall(0, 8),
                        copies.outCall(8, 8),
                        broken.outCall(0, 8),
                        copies.outCall(16, 8),
                        plain.outCall(24, 8),
                        copies.outCall(4090, 8),
                        copies.outCall(32, 8)));
        Expect.equal(
                "statuses",
                List.of(0, 0, Status.GENERAL_ERROR, 0, 0, Status.BAD_COPY_ARG, 0),
                answers.stream().map(Answer::status).toList());
        atRest(world);
        ledger.check();
        Expect.equal(
                "flags and marks", TRANSITIVE, world.granter().entry(HOP + 2).flags());
    }

    @Clause(
            id = "TRANS-18",
            promise =
                    "The grant may be the caller's own, granted to the domain in between: the caller's table is the far"
                            + " one then, of whatever version.",
            source = "xen-semantics.md, 2.7.5 rows 3 and 5")
    void farIsTheCaller(World world) {
        Party grantee = world.grantee();
        grantee.entry(12)
                .set("domid", World.GRANTER)
                .set("frame", grantee.pageFrame(5))
                .set("flags", PERMIT_ACCESS);
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.GRANTEE, 12);
        Through.of(world, HOP).works(grantee, 5);
        Expect.equal("flags and marks", PERMIT_ACCESS, grantee.entry(12).flags());
        Expect.equal("flags and marks", TRANSITIVE, world.granter().entry(HOP).flags());
    }

    @Clause(
            id = "TRANS-19",
            promise =
                    "No reference, type or pin is left behind by copies through grants of grants, allowed and refused.",
            source = "xen-semantics.md, 8.1 rows 4 (XSA-50) and 12 (XSA-226)")
    void conserved(World world) {
        Through copies = granted(world);
        Ledger ledger = Ledger.of(world, world.granter(), world.grantee(), world.third());
        for (int round = 0; round < 200; round++) {
            int flags = world.random().nextInt(8);
            world.third().entry(FAR).set("flags", flags & ~2);
            world.granter().entry(HOP).set("flags", TRANSITIVE | (flags & READONLY));
            copies.out(world.random().nextInt(4097), 1);
            copies.in(world.random().nextInt(4097), 1);
        }
        ledger.check();
        Expect.okay(world.granter().call(new SwapCall(HOP, HOP + 1)));
        Expect.okay(world.third().call(new SwapCall(FAR, FAR + 1)));
    }

    /** The third domain grants p0 to the granter, who grants it on to the grantee. */
    private static Through granted(World world) {
        world.step("d3 grants p0 to d1, d1 grants that to d2");
        grantFar(world.third(), FAR, 0);
        EntriesV2.hop(world.granter(), HOP, World.GRANTEE, World.THIRD, FAR);
        return Through.of(world, HOP);
    }

    private static void grantFar(Party third, int ref, int page) {
        third.entry(ref)
                .set("domid", World.GRANTER)
                .set("frame", third.pageFrame(page))
                .set("flags", PERMIT_ACCESS);
    }

    private static Party inVersion(Party party, int version) {
        Expect.equal("set_version", new Version(0, version), party.call(new SetVersionCall(version)));
        return party;
    }

    private static void atRest(World world) {
        expectFlags(world, TRANSITIVE, PERMIT_ACCESS);
    }

    private static void expectFlags(World world, int hop, int far) {
        Expect.equal(
                "flags and marks of the granter's entry",
                hop,
                world.granter().entry(HOP).flags());
        Expect.equal(
                "flags and marks of the far entry",
                far,
                world.third().entry(FAR).flags());
    }
}
