package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SetupTable;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.AddToPhysmapCall;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.FrameList;
import grantlab.conformance.call.GetVersionCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.RemoveFromPhysmapCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.TableSize;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.Version;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.List;
import java.util.stream.LongStream;

/** A table's size, its frames and its version: setup_table, query_size, get_version, set_version, add_to_physmap. */
@Needs(format = "flat-home")
public final class SetupClauses implements ClauseFamily {
    private static final int MAX = 64;
    private static final long NOWHERE = -1;
    private static final long XENS = 0xffff_8300_0000_0000L;

    /** For ServiceLoader. */
    public SetupClauses() {}

    @Override
    public String prefix() {
        return "SETUP";
    }

    @Override
    public String title() {
        return "Size, frames and version of a table";
    }

    @Clause(
            id = "SETUP-01",
            promise = "setup_table grows the table to what is asked for, shows the growth in query_size, and never"
                    + " shrinks it.",
            source = "xen-semantics.md, 2.3, 2.6, 4")
    void growth(World world) {
        Party granter = world.granter();
        expectSize(granter, 1, MAX);
        world.step("5 frames, then 2, then none");
        Expect.okay(granter.call(SetupTableCall.own(5)));
        expectSize(granter, 5, MAX);
        Expect.okay(granter.call(SetupTableCall.own(2)));
        Expect.okay(granter.call(SetupTableCall.own(0)));
        expectSize(granter, 5, MAX);
        int statusFrames = ((FlatFormat) world.format()).statusFrames(5);
        Expect.equal("table frames", 5 + statusFrames, world.machine().frames().sharedPages(World.GRANTER));
    }

    @Clause(
            id = "SETUP-02",
            promise =
                    "A table grows to its domain's limit and not beyond: then GNTST_general_error, and nothing grows.",
            source = "xen-semantics.md, 2.3 row 6")
    void limit(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withGrantLimits(3, -1, 2));
        expectSize(granter, 1, 3);
        world.step("one frame too many, and all that 32 bits can ask for");
        Expect.status(Status.GENERAL_ERROR, granter.call(SetupTableCall.own(4)));
        Expect.status(Status.GENERAL_ERROR, granter.call(SetupTableCall.own(-1)));
        expectSize(granter, 1, 3);
        Expect.okay(granter.call(SetupTableCall.own(3)));
        expectSize(granter, 3, 3);
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "SETUP-03",
            promise = "A PV guest's list names the machine frames of its table, as many as were asked for.",
            source = "xen-semantics.md, 2.3")
    void listOfMachineFrames(World world) {
        Party granter = world.granter();
        FrameList list = granter.call(SetupTableCall.own(3));
        Expect.okay(list);
        List<Long> frames = LongStream.range(0, 3)
                .mapToObj(n -> granter.domain().tableFrames().sharedFrame((int) n))
                .toList();
        Expect.equal("list of frames", frames, list.frames());
    }

    @Needs(granter = "translated")
    @Clause(
            id = "SETUP-04",
            promise = "An HVM guest's list says where each frame is in its physmap: all ones until it is placed, where"
                    + " it was put last, all ones after its removal.",
            source = "xen-semantics.md, 2.3, 2.13; 12.4; recording questions_pvh_v1")
    void listOfGuestFrames(World world) {
        Party granter = world.granter();
        expectList(granter, NOWHERE, NOWHERE);
        world.step("frame 0 is placed, moved, removed");
        Expect.rc(0, granter.call(AddToPhysmapCall.sharedFrame(0, slotFrame(granter, 9))));
        expectList(granter, slotFrame(granter, 9), NOWHERE);
        Expect.rc(0, granter.call(AddToPhysmapCall.sharedFrame(0, slotFrame(granter, 10))));
        expectList(granter, slotFrame(granter, 10), NOWHERE);
        Expect.equal("where it was before", -1L, granter.load(granter.slot(9)));
        Expect.equal("the empty table", 0L, granter.load(granter.slot(10)));
        Expect.rc(0, granter.call(new RemoveFromPhysmapCall(slotFrame(granter, 10))));
        expectList(granter, NOWHERE, NOWHERE);
    }

    @Clause(
            id = "SETUP-05",
            promise = "A list that cannot be written gives GNTST_bad_virt_addr, and the growth stays; a list of nothing"
                    + " is not looked at.",
            source = "xen-semantics.md, 2.3 row 9; 12.4")
    void badList(World world) {
        Party granter = world.granter();
        Expect.status(Status.BAD_VIRT_ADDR, setup(granter, 4, 0));
        expectSize(granter, 4, MAX);
        Expect.okay(setup(granter, 0, 0));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "SETUP-06",
            promise = "PV: a list in Xen's range is -EFAULT before anything else, with status and table as they were.",
            source = "xen-semantics.md, 2.3 row 3")
    void listInXensRange(World world) {
        FrameList answer = setup(world.granter(), 4, XENS);
        Expect.rc(-Errno.EFAULT, answer.rc());
        Expect.equal("status", Call.UNWRITTEN, answer.status());
        expectSize(world.granter(), 1, MAX);
    }

    @Clause(
            id = "SETUP-07",
            promise = "setup_table and query_size take exactly one element: any other count is -EINVAL and nothing"
                    + " happens.",
            source = "xen-semantics.md, 2.0 (count handling); 12.1")
    void exactlyOne(World world) {
        Party granter = world.granter();
        Cpu cpu = new Cpu(granter.vcpu(), granter.arguments());
        for (long count : new long[] {0, 2, 3}) {
            List<SetupTableCall> setup = List.of(SetupTableCall.own(4));
            cpu.write(setup);
            FrameList list = cpu.read(setup, cpu.enter(setup.getFirst(), count)).getFirst();
            Expect.rc(-Errno.EINVAL, list.rc());
            Expect.equal("status", Call.UNWRITTEN, list.status());
            List<QuerySizeCall> query = List.of(QuerySizeCall.own());
            cpu.write(query);
            TableSize size = cpu.read(query, cpu.enter(query.getFirst(), count)).getFirst();
            Expect.rc(-Errno.EINVAL, size.rc());
            Expect.equal("status", Call.UNWRITTEN, size.status());
        }
        expectSize(granter, 1, MAX);
    }

    @Clause(
            id = "SETUP-08",
            promise = "An unprivileged domain may ask for its own table by any of its names, not for another's; the"
                    + " control domain may ask for all.",
            source = "xen-semantics.md, 0.4, 2.3 rows 4 and 5, 2.6")
    void policy(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(new SetupTableCall(World.GRANTER, 2)));
        Expect.okay(granter.call(new QuerySizeCall(World.GRANTER)));
        Expect.status(Status.PERMISSION_DENIED, granter.call(new SetupTableCall(World.GRANTEE, 2)));
        Expect.status(Status.BAD_DOMAIN, granter.call(new SetupTableCall(99, 2)));
        for (int dom : new int[] {World.GRANTEE, 99, Domid.XEN}) {
            TableSize refused = granter.call(new QuerySizeCall(dom));
            Expect.status(dom == World.GRANTEE ? Status.PERMISSION_DENIED : Status.BAD_DOMAIN, refused);
            Expect.equal("nr_frames", 0, refused.frames());
        }
        world.step("the control domain grows the grantee's table");
        Expect.okay(world.control().call(new SetupTableCall(World.GRANTEE, 2)));
        TableSize size = world.control().call(new QuerySizeCall(World.GRANTEE));
        Expect.okay(size);
        Expect.equal("nr_frames", 2, size.frames());
    }

    @Clause(
            id = "SETUP-09",
            promise = "get_version answers the version that was set, -ESRCH for no domain, -EPERM for another's, and"
                    + " then writes nothing.",
            source = "xen-semantics.md, 2.6; 12.2")
    void version(World world) {
        Party granter = world.granter();
        Version set = new Version(0, ownVersion(world));
        Expect.equal("own", set, granter.call(GetVersionCall.own()));
        Expect.equal("own by number", set, granter.call(new GetVersionCall(World.GRANTER)));
        int unwritten = GetVersionCall.UNWRITTEN_VERSION;
        Expect.equal("nobody's", new Version(-Errno.ESRCH, unwritten), granter.call(new GetVersionCall(99)));
        Expect.equal(
                "another's", new Version(-Errno.EPERM, unwritten), granter.call(new GetVersionCall(World.GRANTEE)));
        Expect.equal("by control", set, world.control().call(new GetVersionCall(World.GRANTER)));
    }

    private static int ownVersion(World world) {
        return ((FlatFormat) world.format()).version();
    }

    @Clause(
            id = "SETUP-10",
            promise = "set_version to the version in force changes nothing, though entries are in use; unknown versions"
                    + " are -EINVAL, and the version in force is written back.",
            source = "xen-semantics.md, 2.9 rows 2 and 4; 12.3")
    void sameVersion(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ);
        Expect.okay(
                grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).readonly()));
        int own = ownVersion(world);
        long flags = granter.entry(ref).flags();
        Expect.equal("the same version", new Version(0, own), granter.call(new SetVersionCall(own)));
        for (int version : new int[] {0, 3, -1}) {
            Expect.equal(
                    "version " + version, new Version(-Errno.EINVAL, own), granter.call(new SetVersionCall(version)));
        }
        Expect.equal("flags and marks", flags, granter.entry(ref).flags());
    }

    @Clause(
            id = "SETUP-11",
            promise = "A domain that was created for version 1 is refused version 2 with -ENOSYS.",
            source = "xen-semantics.md, 2.9 row 3; recordings setup_table_gframes, version_maxver1")
    void versionLimit(World world) {
        Party guest = world.boot(
                DomainConfig.usual(4, world.combination().granterPaging().name())
                        .withGrantLimits(-1, -1, 1));
        Expect.equal("version 2", new Version(-Errno.ENOSYS, 1), guest.call(new SetVersionCall(2)));
        Expect.equal("afterwards", new Version(0, 1), guest.call(GetVersionCall.own()));
    }

    @Clause(
            id = "SETUP-12",
            promise = "createdomain refuses limits of no frame or beyond the machine's, unknown versions, and domids in"
                    + " use.",
            source = "xen-semantics.md, 4; recording setup_table_gframes")
    void creation(World world) {
        DomainConfig config =
                DomainConfig.usual(4, world.combination().granterPaging().name());
        for (DomainConfig wrong : List.of(
                config.withGrantLimits(0, -1, 2),
                config.withGrantLimits(MAX + 1, -1, 2),
                config.withGrantLimits(-1, 1025, 2),
                config.withGrantLimits(-1, -1, 0),
                config.withGrantLimits(-1, -1, 3))) {
            Expect.rc(-Errno.EINVAL, world.machine().createDomain(wrong));
        }
        Expect.rc(-Errno.EEXIST, world.machine().createDomain(DomainConfig.usual(World.GRANTER, config.paging())));
        Expect.rc(0, world.machine().createDomain(config.withGrantLimits(MAX, 1024, 2)));
    }

    @Needs(granter = "translated")
    @Clause(
            id = "SETUP-13",
            promise = "add_to_physmap of a frame that the table does not have grows it, up to the limit: beyond,"
                    + " -EINVAL.",
            source = "xen-semantics.md, 2.13; 12.4")
    void growthByPlacing(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withGrantLimits(4, -1, 2));
        Expect.rc(-Errno.EINVAL, granter.call(AddToPhysmapCall.sharedFrame(4, slotFrame(granter, 9))));
        Expect.rc(-Errno.EINVAL, granter.call(AddToPhysmapCall.sharedFrame(-1, slotFrame(granter, 9))));
        expectSize(granter, 1, 4);
        Expect.rc(0, granter.call(AddToPhysmapCall.sharedFrame(3, slotFrame(granter, 9))));
        expectSize(granter, 4, 4);
        Expect.equal("the new frame", 0L, granter.load(granter.slot(9)));
        Expect.rc(-Errno.EINVAL, granter.call(AddToPhysmapCall.sharedFrame(0, NOWHERE)));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "SETUP-14",
            promise = "A PV guest has no physmap to add to: -EACCES.",
            source = "xen-semantics.md, 2.13")
    void noPhysmap(World world) {
        Expect.rc(-Errno.EACCES, world.granter().call(AddToPhysmapCall.sharedFrame(2, 0x1000)));
        expectSize(world.granter(), 1, MAX);
    }

    @Clause(
            id = "SETUP-15",
            promise = "Growth changes no entry and no mapping, and the references of the new frames work at once.",
            source = "xen-semantics.md, 2.3, 4")
    void growthKeeps(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = world.grant(0, Access.READ | Access.WRITE);
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
        long grown = 4 * granter.references();
        MapCall beyond = MapCall.of(World.GRANTER, grown - 1).at(grantee.slot(1));
        Expect.status(Status.BAD_GNTREF, grantee.call(beyond));
        world.step("the table grows while p0 is mapped");
        Expect.okay(granter.call(SetupTableCall.own(4)));
        granter.entry(grown - 1)
                .set("domid", World.GRANTEE)
                .set("frame", granter.pageFrame(1))
                .set("flags", 1);
        Expect.okay(grantee.call(beyond));
        Expect.status(
                Status.BAD_GNTREF, grantee.call(MapCall.of(World.GRANTER, grown).at(grantee.slot(2))));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        Expect.equal("flags and marks of the old entry", 1, granter.entry(ref).flags());
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "SETUP-16",
            promise = "Uses go on undisturbed while the granter's table grows to its limit.",
            source = "xen-semantics.md, 3.11 (growth is a writer, uses are readers)")
    void growthBesideUses(World world) {
        Party granter = world.granter();
        Driver driver = new Driver(world.grantee());
        long ref = world.grant(0, Access.READ | Access.WRITE);
        Ledger ledger = Ledger.of(world, granter, world.grantee());
        Cpu grower = new Cpu(granter.vcpu(), granter.page(60));
        Race.run(
                () -> {
                    for (int frames = 2; frames <= 64; frames++) {
                        Expect.okay(grower.call(SetupTableCall.own(frames)));
                    }
                },
                () -> {
                    for (int n = 0; n < 200; n++) {
                        driver.unmap(driver.map(ref, 0, Access.READ | Access.WRITE));
                        Expect.equal("status of the copy", 0, driver.copyOut(ref, 1));
                    }
                });
        ledger.check();
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "SETUP-17",
            promise =
                    "By the words of its entries a table is as large as by its references: the last entry is there, the first beyond"
                            + " the table is nowhere, and so are its marks.",
            source = "xen-semantics.md, 1.1, 1.2; EntryCodec")
    void endOfTheWords(World world) {
        Party granter = world.granter();
        for (int frames = 1; frames <= 3; frames++) {
            Expect.okay(granter.call(SetupTableCall.own(frames)));
            TableFrames table = granter.domain().tableFrames();
            for (EntryCodec codec : granter.domain().tableFormat().codecs()) {
                long last = codec.address(table, granter.references() - 1);
                Expect.equal("end of the last entry", Page.SIZE, Page.offset(last) + codec.bytes());
                Expect.equal("frame of the last entry", table.sharedFrame(frames - 1), Page.frame(last));
                for (long beyond : new long[] {granter.references(), granter.references() + 1, -1}) {
                    Expect.equal("address of entry " + beyond, NOWHERE, codec.address(table, beyond));
                    Expect.equal("address of the marks of " + beyond, NOWHERE, codec.marksAddress(table, beyond));
                }
            }
        }
    }

    private static void expectSize(Party guest, int frames, int limit) {
        Expect.equal("size", new TableSize(0, 0, frames, limit), guest.call(QuerySizeCall.own()));
    }

    private static void expectList(Party guest, Long... frames) {
        FrameList list = guest.call(SetupTableCall.own(frames.length));
        Expect.okay(list);
        Expect.equal("list of frames", List.of(frames), list.frames());
    }

    private static long slotFrame(Party guest, int n) {
        return guest.slot(n) >>> 12;
    }

    /** setup_table with a list anywhere. */
    private static FrameList setup(Party guest, int frames, long list) {
        SetupTableCall call = SetupTableCall.own(frames);
        Cpu cpu = new Cpu(guest.vcpu(), guest.arguments());
        cpu.write(List.of(call));
        guest.store(guest.arguments() + SetupTable.FRAME_LIST, list);
        long rc = guest.grantTableOp(GnttabOp.SETUP_TABLE, guest.arguments(), 1);
        return cpu.read(List.of(call), rc).getFirst();
    }
}
