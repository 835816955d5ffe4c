package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.ACCEPT_TRANSFER;
import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.READONLY;
import static grantlab.api.abi.Gtf.SUB_PAGE;
import static grantlab.api.abi.Gtf.TRANSITIVE;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.GnttabOp;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.GetVersionCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.TableSize;
import grantlab.conformance.call.Version;
import grantlab.hypervisor.Limits;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;

/** GNTTABOP_set_version between 1 and 2, both ways: what must be so before, and what is so afterwards. */
@Needs(format = {"flat-home", "layout-v2"})
public final class VersionClauses implements ClauseFamily {
    private static final String RULES = "xen-semantics.md, 2.9; recording version";
    private static final int RESERVED = 8;
    private static final int BOTH = READING | WRITING;
    private static final long ABOVE_V1 = 1L << 32;
    private static final long PRESENT_USER = 0x65;

    /** For ServiceLoader. */
    public VersionClauses() {}

    @Override
    public String prefix() {
        return "VERS";
    }

    @Override
    public String title() {
        return "Changing the version";
    }

    @Clause(
            id = "VERS-01",
            promise =
                    "The way to version 1 doubles the references of a table, the way back halves them again, and frames"
                            + " stay as many.",
            source = "xen-semantics.md, 2.9 (halved by 1->2, doubled back by 2->1)")
    void halvedAndDoubled(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(SetupTableCall.own(3)));
        for (int round = 0; round < 2; round++) {
            expectBorder(world, 3 * 256);
            set(granter, 1);
            expectBorder(world, 3 * 512);
            set(granter, 2);
        }
        TableSize size = granter.call(QuerySizeCall.own());
        Expect.equal("frames", 3, size.frames());
    }

    private static void expectBorder(World world, long size) {
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(map(world, size - 1, 0)));
        Expect.status(Status.BAD_GNTREF, world.grantee().call(map(world, size, 0)));
    }

    @Clause(
            id = "VERS-02",
            promise = "To version 2 references 0 to 7 are taken along whatever their type, and the marks among their"
                    + " flags, forged or not, become their status words.",
            source = RULES + " lines 17..46 (entries 1->2)")
    void reservedToTwo(World world) {
        Party granter = world.granter();
        set(granter, 1);
        int[] flags = {PERMIT_ACCESS, 0x85, ACCEPT_TRANSFER, TRANSITIVE, 0, 0x101, PERMIT_ACCESS | BOTH, 0xffff};
        for (int ref = 0; ref < RESERVED; ref++) {
            granter.entry(ref)
                    .set("domid", 0x100 + ref)
                    .set("frame", 0xffff_fff0L + ref)
                    .set("flags", flags[ref]);
        }
        set(granter, 2);
        for (int ref = 0; ref < RESERVED; ref++) {
            Expect.equal(
                    "flags of " + ref, flags[ref] & ~BOTH, granter.entry(ref).get("flags"));
            Expect.equal("word of " + ref, flags[ref] & BOTH, word(world, ref));
            Expect.equal("domid of " + ref, 0x100 + ref, granter.entry(ref).get("domid"));
            Expect.equal(
                    "frame of " + ref, 0xffff_fff0L + ref, granter.entry(ref).get("frame"));
            Expect.equal("offset of " + ref, 0, granter.entry(ref).get("off"));
            Expect.equal("length of " + ref, 0, granter.entry(ref).get("len"));
        }
    }

    @Clause(
            id = "VERS-03",
            promise =
                    "To version 1 of references 0 to 7 those are taken along that give access, with their status words"
                            + " among the flags; the others are zero.",
            source = RULES + " lines 60..398 (entries 2->1)")
    void reservedToOne(World world) {
        Party granter = world.granter();
        int[] flags = {
            PERMIT_ACCESS,
            PERMIT_ACCESS | READONLY | 0x80,
            PERMIT_ACCESS | SUB_PAGE,
            ACCEPT_TRANSFER,
            0,
            ACCEPT_TRANSFER | 0xc,
            SUB_PAGE | READONLY,
            PERMIT_ACCESS
        };
        for (int ref = 0; ref < RESERVED; ref++) {
            EntriesV2.part(granter, ref, 0x100 + ref, 0, 16, 32)
                    .set("frame", 0xffff_fff0L + ref)
                    .set("flags", flags[ref])
                    .forge(ref == 7 ? BOTH : 0);
        }
        set(granter, 1);
        for (int ref = 0; ref < RESERVED; ref++) {
            boolean access = (flags[ref] & 3) == PERMIT_ACCESS;
            int expected = flags[ref] | (ref == 7 ? BOTH : 0);
            Expect.equal(
                    "flags of " + ref, access ? expected : 0, granter.entry(ref).get("flags"));
            Expect.equal(
                    "domid of " + ref,
                    access ? 0x100 + ref : 0,
                    granter.entry(ref).get("domid"));
            Expect.equal(
                    "frame of " + ref,
                    access ? 0xffff_fff0L + ref : 0,
                    granter.entry(ref).get("frame"));
        }
    }

    @Clause(
            id = "VERS-04",
            promise = "Every other reference is wiped, both ways, and so is its status word.",
            source = RULES + " lines 40, 66..104 (entries 8.. are wiped)")
    void othersWiped(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(SetupTableCall.own(2)));
        for (int ref : new int[] {8, 9, 255, 256, 511}) {
            EntriesV2.page(granter, ref, World.GRANTEE, 1).forge(BOTH);
        }
        set(granter, 1);
        for (int ref = RESERVED; ref < granter.references(); ref++) {
            Expect.equal("flags of " + ref, 0, granter.entry(ref).get("flags"));
            Expect.equal("frame of " + ref, 0, granter.entry(ref).get("frame"));
            granter.entry(ref).set("frame", 77).set("flags", 0xffff);
        }
        set(granter, 2);
        for (int ref = RESERVED; ref < granter.references(); ref++) {
            Expect.equal("flags of " + ref, 0, granter.entry(ref).get("flags"));
            Expect.equal("frame of " + ref, 0, granter.entry(ref).get("frame"));
            Expect.equal("word of " + ref, 0, word(world, ref));
        }
    }

    @Clause(
            id = "VERS-05",
            promise =
                    "A reference from 8 on that is in use forbids the change, both ways: -EBUSY, the version in force is"
                            + " told, and everything is as it was.",
            source = RULES + ", row 5")
    void busy(World world) {
        Party granter = world.granter();
        for (int version = 2; version >= 1; version--) {
            set(granter, version);
            int other = 3 - version;
            for (int ref : new int[] {RESERVED, 100, (int) granter.references() - 1}) {
                granter.store(granter.page(0), ref);
                whole(granter, ref, 0);
                Driver.Handle handle = Driver.hold(world.grantee(), map(world, ref, 0));
                refused(granter, other, Errno.EBUSY);
                Expect.equal(
                        "flags and marks",
                        PERMIT_ACCESS | BOTH,
                        granter.entry(ref).flags());
                Sight.value(world.grantee(), world.grantee().slot(0), ref);
                handle.letGo();
                Expect.equal(
                        "flags and marks", PERMIT_ACCESS, granter.entry(ref).flags());
            }
        }
        set(granter, 2);
    }

    @Clause(
            id = "VERS-06",
            promise =
                    "References 0 to 7 may be in use: the mappings stay, their handles stay good, and the unmap clears"
                            + " the mark where it is now.",
            source = "xen-semantics.md, 2.9 (references 0..7 may be pinned during the change)")
    void mappedOverTheChange(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        for (int version = 1; version <= 2; version++) {
            set(granter, version);
            whole(granter, 0, 0);
            whole(granter, 7, 1);
            Driver.Handle reader = Driver.hold(grantee, map(world, 0, 0).readonly());
            Driver.Handle writer = Driver.hold(grantee, map(world, 7, 1));
            Ledger ledger = Ledger.beforeAnyTable(world, granter);
            set(granter, 3 - version);
            Expect.equal(
                    "flags and marks", PERMIT_ACCESS | READING, granter.entry(0).flags());
            Expect.equal(
                    "flags and marks", PERMIT_ACCESS | BOTH, granter.entry(7).flags());
            grantee.store(grantee.slot(1), version);
            Sight.value(granter, granter.page(1), version);
            ledger.check();
            Driver.Handle again = Driver.hold(grantee, map(world, 0, 2));
            Expect.equal(
                    "flags and marks", PERMIT_ACCESS | BOTH, granter.entry(0).flags());
            again.letGo();
            reader.letGo();
            writer.letGo();
            Expect.equal("flags and marks", PERMIT_ACCESS, granter.entry(0).flags());
            Expect.equal("flags and marks", PERMIT_ACCESS, granter.entry(7).flags());
        }
    }

    @Clause(
            id = "VERS-07",
            promise =
                    "What version 1 cannot say stands in the way there: among 0 to 7 a grant of a grant, or access to a"
                            + " frame of more than 32 bits, is -ERANGE, and the table is as it was.",
            source = RULES + " lines 128..396, row 6c")
    void outOfRange(World world) {
        Party granter = world.granter();
        EntriesV2.part(granter, 3, World.GRANTEE, 3, 16, 32);
        for (int ref : new int[] {0, 7}) {
            for (int flags : new int[] {TRANSITIVE, TRANSITIVE | READONLY, TRANSITIVE | SUB_PAGE, 0xffff}) {
                EntriesV2.page(granter, ref, World.GRANTEE, 0).set("flags", flags);
                refused(granter, 1, Errno.ERANGE);
                Expect.equal("flags", flags, granter.entry(ref).get("flags"));
            }
            for (long frame : new long[] {ABOVE_V1, ABOVE_V1 + 1, 1L << 63, -1}) {
                EntriesV2.page(granter, ref, World.GRANTEE, 0).set("frame", frame);
                refused(granter, 1, Errno.ERANGE);
                Expect.equal("frame", frame, granter.entry(ref).get("frame"));
            }
            granter.entry(ref).set("flags", 0);
        }
        Expect.equal("length of the entry beside them", 32, granter.entry(3).get("len"));
        Expect.okay(Through.of(world, 3).out(16, 32));
        world.step("without a right to anything a frame may be as large as it likes, and so may any frame from 8 on");
        EntriesV2.page(granter, 1, World.GRANTEE, 0).set("frame", ABOVE_V1).set("flags", ACCEPT_TRANSFER);
        EntriesV2.page(granter, RESERVED, World.GRANTEE, 0).set("frame", ABOVE_V1);
        EntriesV2.hop(granter, RESERVED + 1, World.GRANTEE, World.THIRD, 1);
        set(granter, 1);
    }

    @Clause(
            id = "VERS-08",
            promise = "The tests come in order: a version that does not exist, references in use, what version 1 cannot"
                    + " say.",
            source = "xen-semantics.md, 2.9 rows 2, 5 and 6c")
    void order(World world) {
        Party granter = world.granter();
        EntriesV2.hop(granter, 0, World.GRANTEE, World.THIRD, 1);
        EntriesV2.page(granter, RESERVED, World.GRANTEE, 0);
        Driver.Handle handle = Driver.hold(world.grantee(), map(world, RESERVED, 0));
        refused(granter, 3, Errno.EINVAL);
        refused(granter, 0, Errno.EINVAL);
        refused(granter, 1, Errno.EBUSY);
        set(granter, 2);
        handle.letGo();
        refused(granter, 1, Errno.ERANGE);
        EntriesV2.page(granter, 0, World.GRANTEE, 0);
        set(granter, 1);
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "VERS-09",
            promise =
                    "A PV guest that has a status frame mapped is refused with -EBUSY, after -ERANGE, and version 2 goes"
                            + " on; once it has let go the way is free.",
            source = "xen-semantics.md, 2.9 row 7; 8.1 row 20 (XSA-255); recording version")
    void statusFrameMapped(World world) {
        Party granter = world.granter();
        long slot = granter.kernel().statusFrame(0);
        EntriesV2.page(granter, 7, World.GRANTEE, 0);
        EntriesV2.hop(granter, 6, World.GRANTEE, World.THIRD, 1);
        refused(granter, 1, Errno.ERANGE);
        granter.entry(6).set("flags", 0);
        refused(granter, 1, Errno.EBUSY);
        Driver.Handle handle = Driver.hold(world.grantee(), map(world, 7, 0));
        Expect.bits("what the guest sees of 4..7", -1L, (long) BOTH << 48, granter.load(slot + 8));
        handle.letGo();
        Expect.rc(0, granter.updateEntry(slot, 0));
        set(granter, 1);
        Expect.equal("flags and marks", PERMIT_ACCESS, granter.entry(7).flags());
    }

    @Needs(granter = "translated")
    @Clause(
            id = "VERS-10",
            promise = "Of an HVM guest the status frames are taken away: where they were there is a hole.",
            source = "xen-semantics.md, 2.9 row 7; 8.1 rows 27 and 30 (XSA-379, XSA-384)")
    void statusFrameWithdrawn(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(SetupTableCall.own(9)));
        OwnFrames.status(granter, 0, 9);
        OwnFrames.status(granter, 1, 10);
        Sight.value(granter, granter.slot(9), 0);
        long frames = world.machine().frames().sharedPages(World.GRANTER);
        set(granter, 1);
        Sight.nothing(granter, granter.slot(9));
        Sight.nothing(granter, granter.slot(10));
        Expect.equal("frames of the table", frames - 2, world.machine().frames().sharedPages(World.GRANTER));
        set(granter, 2);
        OwnFrames.status(granter, 1, 9);
        Sight.value(granter, granter.slot(9), 0);
    }

    @Needs(granter = "translated")
    @Clause(
            id = "VERS-11",
            promise = "If somebody else still holds such a frame the guest is crashed; the holder keeps what he has.",
            source = "xen-semantics.md, 2.9 row 7 (if it still has another reference ... the domain is crashed)")
    void statusFrameHeld(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.entry(0)
                .set("domid", World.GRANTEE)
                .set("frame", OwnFrames.status(granter, 0, 9))
                .set("flags", PERMIT_ACCESS);
        Driver.Handle handle = Driver.hold(grantee, map(world, 0, 0));
        Sight.value(grantee, grantee.slot(0), BOTH);
        Expect.crashed(granter.call(new SetVersionCall(1)).rc());
        Expect.holds("the granter crashed", granter.domain().crashed());
        Sight.value(grantee, grantee.slot(0), BOTH);
        handle.letGo();
    }

    @Clause(
            id = "VERS-12",
            promise = "Status frames come with version 2, as many as the table wants, and go with it, again and again.",
            source = "xen-semantics.md, 2.9 rows 6a and 7; 8.1 row 3 (XSA-26)")
    void framesComeAndGo(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(SetupTableCall.own(17)));
        for (int round = 0; round < 20; round++) {
            set(granter, 1);
            Expect.equal("without", 17, world.machine().frames().sharedPages(World.GRANTER));
            set(granter, 2);
            Expect.equal("with", 20, world.machine().frames().sharedPages(World.GRANTER));
        }
        set(granter, 1);
        Expect.okay(granter.call(SetupTableCall.own(25)));
        Expect.equal("grown without", 25, world.machine().frames().sharedPages(World.GRANTER));
        set(granter, 2);
        Expect.equal("and with", 29, world.machine().frames().sharedPages(World.GRANTER));
    }

    @Clause(
            id = "VERS-13",
            promise = "A copy through a reference from 0 to 7 works after the change as before it, to the page that the"
                    + " entry names.",
            source = "xen-semantics.md, 2.9")
    void copiesAfterwards(World world) {
        Party granter = world.granter();
        EntriesV2.page(granter, 5, World.GRANTEE, 0);
        Through copies = Through.of(world, 5);
        copies.works(granter, 0);
        set(granter, 1);
        copies.works(granter, 0);
        set(granter, 2);
        copies.works(granter, 0);
        Expect.equal("flags and marks", PERMIT_ACCESS, granter.entry(5).flags());
    }

    @Clause(
            id = "VERS-14",
            promise =
                    "A part of a page that is taken along to version 1 is the whole page there for a copy, and on the way"
                            + " back a part of no bytes.",
            source = RULES + " lines 171..180 (the bit is kept, offset and length are not)")
    void partTakenAlong(World world) {
        Party granter = world.granter();
        EntriesV2.part(granter, 4, World.GRANTEE, 0, 16, 32);
        Through copies = Through.of(world, 4);
        Expect.status(Status.GENERAL_ERROR, copies.out(0, Page.SIZE));
        set(granter, 1);
        Expect.okay(copies.out(0, Page.SIZE));
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(map(world, 4, 0)));
        set(granter, 2);
        Expect.status(Status.GENERAL_ERROR, copies.out(0, 1));
        Expect.status(Status.GENERAL_ERROR, copies.out(16, 32));
        Expect.equal(
                "flags and marks", PERMIT_ACCESS | SUB_PAGE, granter.entry(4).flags());
    }

    @Clause(
            id = "VERS-15",
            promise = "How many elements set_version is told does not matter: it sets one version, once.",
            source = "xen-semantics.md, 2.0 (count is ignored); recording version lines 13, 14")
    void countIgnored(World world) {
        Party granter = world.granter();
        int version = 1;
        for (long count : new long[] {0, 1, 7}) {
            granter.store(granter.arguments(), 0x5a5a_5a5a_0000_0000L | version);
            Expect.rc(0, granter.grantTableOp(GnttabOp.SET_VERSION, granter.arguments(), count));
            Expect.equal("the argument", 0x5a5a_5a5a_0000_0000L | version, granter.load(granter.arguments()));
            Expect.equal("in force", new Version(0, version), granter.call(GetVersionCall.own()));
            version = 3 - version;
        }
    }

    @Clause(
            id = "VERS-16",
            promise = "An argument that cannot be read changes nothing: -EFAULT.",
            source = "xen-semantics.md, 2.9 row 1")
    void unreadable(World world) {
        Party granter = world.granter();
        long nowhere = granter.page(Party.PAGES - 1) + Page.SIZE;
        Expect.rc(-Errno.EFAULT, granter.grantTableOp(GnttabOp.SET_VERSION, nowhere, 1));
        Expect.equal("in force", new Version(0, 2), granter.call(GetVersionCall.own()));
    }

    @Needs(granter = "names-entries")
    @Clause(
            id = "VERS-17",
            promise = "An argument that cannot be written is -EFAULT when all is done: the change stands.",
            source = "xen-semantics.md, 2.9 row 9")
    void unwritable(World world) {
        Party granter = world.granter();
        granter.store(granter.page(5), 1);
        Expect.rc(0, granter.updateEntry(granter.page(5), Page.address(granter.pageFrame(5)) | PRESENT_USER));
        Expect.rc(-Errno.EFAULT, granter.grantTableOp(GnttabOp.SET_VERSION, granter.page(5), 1));
        Expect.equal("in force", new Version(0, 1), granter.call(GetVersionCall.own()));
    }

    @Clause(
            id = "VERS-18",
            promise = "Where the toolstack's limit of all domains is version 1 no domain is created for version 2.",
            source = "xen-semantics.md, 4 (gnttab=max-ver:1); recording version_maxver1")
    void machineLimit(World world) {
        Settings settings = world.machine().settings();
        Limits limits = settings.limits();
        Limits first = new Limits(
                limits.maxGrantFrames(), limits.maxMaptrackFrames(), 1, limits.transitive(), limits.transfer());
        DomainConfig config =
                DomainConfig.usual(4, world.combination().granterPaging().name());
        try (Machine machine =
                Machine.start(settings.withLimits(first), world.machine().installed())) {
            Expect.rc(-Errno.EINVAL, machine.createDomain(config));
            Expect.rc(0, machine.createDomain(config.withGrantLimits(-1, -1, 1)));
            Expect.equal("version in force", 1, machine.domainInfo(4).grantVersion());
        }
    }

    @Clause(
            id = "VERS-19",
            promise = "Every domain starts with version 1, whatever its limit, and without status frames.",
            source = "xen-semantics.md, 4 (every domain starts with a version 1 table)")
    void startsWithOne(World world) {
        Party guest = world.boot(
                DomainConfig.usual(4, world.combination().granterPaging().name()));
        Expect.equal("in force", new Version(0, 1), guest.call(GetVersionCall.own()));
        Expect.equal("status frames", 0, guest.domain().tableFrames().statusCount());
        Expect.equal("references", 512, guest.references());
        set(guest, 2);
        Expect.equal("status frames", 1, guest.domain().tableFrames().statusCount());
    }

    @BothTables
    @Clause(
            id = "VERS-20",
            promise =
                    "A change of one domain's version changes nothing for another's table, nor for what it has mapped.",
            source = "xen-semantics.md, 2.9 (acts on the caller only)")
    void callerOnly(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EntriesV2.page(granter, RESERVED, World.GRANTEE, 0);
        Driver.Handle handle = Driver.hold(grantee, map(world, RESERVED, 0));
        int own = grantee.domain().tableFormat().version();
        set(grantee, 3 - own);
        Expect.equal(
                "flags and marks", PERMIT_ACCESS | BOTH, granter.entry(RESERVED).flags());
        grantee.store(grantee.slot(0), 42);
        Sight.value(granter, granter.page(0), 42);
        set(grantee, own);
        handle.letGo();
        Expect.equal("flags and marks", PERMIT_ACCESS, granter.entry(RESERVED).flags());
    }

    private static void set(Party party, int version) {
        Expect.equal("set_version", new Version(0, version), party.call(new SetVersionCall(version)));
    }

    /** Refused, and version 2 or whatever was in force still is. */
    private static void refused(Party party, int version, int errno) {
        int inForce = party.domain().tableFormat().version();
        Expect.equal("set_version", new Version(-errno, inForce), party.call(new SetVersionCall(version)));
        Expect.equal("in force", new Version(0, inForce), party.call(GetVersionCall.own()));
    }

    /** A page for the grantee, in whatever version. */
    private static void whole(Party granter, long ref, int page) {
        granter.entry(ref)
                .set("domid", World.GRANTEE)
                .set("frame", granter.pageFrame(page))
                .set("flags", PERMIT_ACCESS);
    }

    private static long word(World world, int ref) {
        return world.machine().memory().load16(world.granter().entry(ref).marksAddress()) & 0xffff;
    }

    private static MapCall map(World world, long ref, int slot) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(slot));
    }
}
