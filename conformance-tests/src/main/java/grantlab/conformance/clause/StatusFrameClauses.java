package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GetStatusFrames;
import grantlab.api.abi.GnttabOp;
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
import grantlab.conformance.call.GetStatusFramesCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.TableSize;
import grantlab.conformance.call.Version;
import java.util.List;
import java.util.stream.IntStream;

/** How a guest gets at its status words: get_status_frames, add_to_physmap. */
@Needs(format = {"flat-home", "layout-v2"})
public final class StatusFrameClauses implements ClauseFamily {
    private static final String RULES = "xen-semantics.md, 2.10; recording status_frames";
    private static final String PLACING = "xen-semantics.md, 2.13";
    private static final int REF = 8;
    private static final long ALL_ONES = -1;
    private static final long XENS = 0xffff_8300_0000_0000L;

    /** For ServiceLoader. */
    public StatusFrameClauses() {}

    @Override
    public String prefix() {
        return "STFR";
    }

    @Override
    public String title() {
        return "Status frames";
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "STFR-01",
            promise =
                    "get_status_frames lists the machine frames of a PV guest, as many as asked for; one more than there"
                            + " are is GNTST_general_error, and nothing grows.",
            source = RULES + " lines 6..18")
    void listed(World world) {
        Party granter = world.granter();
        for (int frames : new int[] {1, 8, 9, 64}) {
            Expect.okay(granter.call(SetupTableCall.own(frames)));
            int count = (frames + 7) / 8;
            for (int asked = 0; asked <= count; asked++) {
                FrameList list = granter.call(GetStatusFramesCall.own(asked));
                Expect.okay(list);
                Expect.equal("list", statusFrames(granter, asked), list.frames());
            }
            for (int beyond : new int[] {count + 1, 64, 0x7fff_ffff, -1}) {
                Expect.status(Status.GENERAL_ERROR, granter.call(GetStatusFramesCall.own(beyond)));
            }
            Expect.equal("frames", frames, size(granter));
            Expect.equal("status frames", count, granter.domain().tableFrames().statusCount());
        }
    }

    private static List<Long> statusFrames(Party party, int count) {
        return IntStream.range(0, count)
                .mapToObj(party.domain().tableFrames()::statusFrame)
                .toList();
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "STFR-02",
            promise = "A table of version 1 has none: asked for none the answer is 0, for any GNTST_general_error.",
            source = RULES + " lines 2..4, 51, 52")
    void noneInVersionOne(World world) {
        Party granter = world.granter();
        Expect.equal("set_version", new Version(0, 1), granter.call(new SetVersionCall(1)));
        Expect.okay(granter.call(GetStatusFramesCall.own(0)));
        Expect.status(Status.GENERAL_ERROR, granter.call(GetStatusFramesCall.own(1)));
        Expect.equal("status frames", 0, granter.domain().tableFrames().statusCount());
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "STFR-03",
            promise =
                    "A guest may ask for its own by any of its names, not for another's; the control domain may ask for"
                            + " all.",
            source = RULES + " lines 19..22, 38..46; xen-semantics.md, 0.4")
    void policy(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(new GetStatusFramesCall(World.GRANTER, 1)));
        Expect.status(Status.PERMISSION_DENIED, granter.call(new GetStatusFramesCall(World.GRANTEE, 0)));
        Expect.status(Status.PERMISSION_DENIED, granter.call(new GetStatusFramesCall(World.GRANTEE, 99)));
        for (int nobody : new int[] {99, Domid.XEN, Domid.IO, Domid.IDLE, Domid.INVALID}) {
            Expect.status(Status.BAD_DOMAIN, granter.call(new GetStatusFramesCall(nobody, 0)));
        }
        FrameList seen = world.control().call(new GetStatusFramesCall(World.GRANTER, 1));
        Expect.okay(seen);
        Expect.equal("list", statusFrames(granter, 1), seen.frames());
    }

    @Needs(granter = "translated")
    @Clause(
            id = "STFR-04",
            promise =
                    "An HVM guest has no get_status_frames: -ENOSYS. Asked by the control domain, the list says where in"
                            + " its physmap each frame is: all ones until it is placed.",
            source = RULES + " lines 47..50; xen-semantics.md, 1.8, 6.8")
    void notForHvm(World world) {
        Party granter = world.granter();
        FrameList refused = granter.call(GetStatusFramesCall.own(1));
        Expect.rc(-Errno.ENOSYS, refused.rc());
        Expect.equal("status", Call.UNWRITTEN, refused.status());
        expectSeenByControl(world, ALL_ONES);
        long gfn = OwnFrames.status(granter, 0, 9);
        expectSeenByControl(world, gfn);
    }

    private static void expectSeenByControl(World world, long frame) {
        FrameList list = world.control().call(new GetStatusFramesCall(World.GRANTER, 1));
        Expect.okay(list);
        Expect.equal("list", List.of(frame), list.frames());
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "STFR-05",
            promise = "It takes exactly one element: any other count is -EINVAL, and nothing is written.",
            source = RULES + " lines 23, 24")
    void exactlyOne(World world) {
        Party granter = world.granter();
        List<GetStatusFramesCall> call = List.of(GetStatusFramesCall.own(1));
        Cpu cpu = new Cpu(granter.vcpu(), granter.arguments());
        for (long count : new long[] {0, 2, 7}) {
            cpu.write(call);
            FrameList list = cpu.read(call, cpu.enter(call.getFirst(), count)).getFirst();
            Expect.rc(-Errno.EINVAL, list.rc());
            Expect.equal("status", Call.UNWRITTEN, list.status());
        }
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "STFR-06",
            promise = "A list that cannot be written is GNTST_bad_virt_addr, one in Xen's range -EFAULT before anything"
                    + " else.",
            source = RULES + " line 26; xen-semantics.md, 2.10")
    void badList(World world) {
        Party granter = world.granter();
        Expect.status(Status.BAD_VIRT_ADDR, listAt(granter, 1, 0));
        Expect.okay(listAt(granter, 0, 0));
        Expect.status(Status.GENERAL_ERROR, listAt(granter, 2, 0));
        FrameList refused = listAt(granter, 2, XENS);
        Expect.rc(-Errno.EFAULT, refused.rc());
        Expect.equal("status", Call.UNWRITTEN, refused.status());
    }

    private static FrameList listAt(Party guest, int frames, long list) {
        List<GetStatusFramesCall> call = List.of(GetStatusFramesCall.own(frames));
        Cpu cpu = new Cpu(guest.vcpu(), guest.arguments());
        cpu.write(call);
        guest.store(guest.arguments() + GetStatusFrames.FRAME_LIST, list);
        return cpu.read(call, guest.grantTableOp(GnttabOp.GET_STATUS_FRAMES, guest.arguments(), 1))
                .getFirst();
    }

    @Clause(
            id = "STFR-07",
            promise =
                    "The guest's kernel sees in these frames what the hypervisor marks, and what the guest writes there"
                            + " the hypervisor leaves.",
            source = "xen-semantics.md, 1.3, 3.4")
    void seenByTheGuest(World world) {
        Party granter = world.granter();
        EntriesV2.page(granter, REF, World.GRANTEE, 0);
        long words = granter.kernel().statusFrame(0);
        granter.store(words + 2 * REF, 0xa500_0000_0000_0000L);
        Driver.Handle handle = Driver.hold(
                world.grantee(),
                MapCall.of(World.GRANTER, REF).at(world.grantee().slot(0)));
        Sight.value(granter, words + 2 * REF, 0xa500_0000_0000_0000L | READING | WRITING);
        handle.letGo();
        Sight.value(granter, words + 2 * REF, 0xa500_0000_0000_0000L);
    }

    @Needs(granter = "translated")
    @Clause(
            id = "STFR-08",
            promise =
                    "Bit 31 of the index makes add_to_physmap place status frames; a frame is at one place at a time, and"
                            + " leaves a hole where it was.",
            source = PLACING + " (already mapped at another gfn: moved)")
    void placed(World world) {
        Party granter = world.granter();
        EntriesV2.page(granter, REF, World.GRANTEE, 0).forge(WRITING);
        OwnFrames.status(granter, 0, 9);
        Sight.value(granter, granter.slot(9) + 2 * REF, WRITING);
        OwnFrames.status(granter, 0, 10);
        Sight.nothing(granter, granter.slot(9));
        Sight.value(granter, granter.slot(10) + 2 * REF, WRITING);
        OwnFrames.shared(granter, 0, 9);
        Sight.value(granter, granter.slot(9) + 16 * REF, (long) World.GRANTEE << 16 | PERMIT_ACCESS);
    }

    @Needs(granter = "translated")
    @Clause(
            id = "STFR-09",
            promise = "Placing a status frame that does not exist yet grows the table to the eight frames of each up to"
                    + " it, where the limit allows all of them: else -EINVAL, until setup_table has grown it.",
            source = PLACING + " (8*(i+1) frames; limit 12)")
    void growth(World world) {
        Party granter = world.granter();
        OwnFrames.status(granter, 1, 9);
        Expect.equal("frames", 16, size(granter));
        OwnFrames.status(granter, 7, 10);
        Expect.equal("frames", 64, size(granter));
        Expect.rc(-Errno.EINVAL, granter.call(AddToPhysmapCall.statusFrame(8, Page.frame(granter.slot(11)))));

        world.step("a guest of twelve frames");
        Party small = Rebuilt.granter(world, config -> config.withGrantLimits(12, -1, 2));
        AddToPhysmapCall second = AddToPhysmapCall.statusFrame(1, Page.frame(small.slot(9)));
        Expect.rc(-Errno.EINVAL, small.call(second));
        Expect.equal("frames", 1, size(small));
        Expect.okay(small.call(SetupTableCall.own(12)));
        Expect.rc(0, small.call(second));
        Sight.value(small, small.slot(9), 0);
    }

    @Needs(granter = "translated")
    @Clause(
            id = "STFR-10",
            promise =
                    "Indices beyond everything are -EINVAL and change nothing; in version 1 bit 31 has no meaning of its"
                            + " own.",
            source = PLACING + " (on v1 the bit is not special)")
    void wrongIndices(World world) {
        Party granter = world.granter();
        long gfn = Page.frame(granter.slot(9));
        for (long index : new long[] {0x7fff_ffffL, 1L << 32, 1L << 62, 64}) {
            Expect.rc(-Errno.EINVAL, granter.call(AddToPhysmapCall.statusFrame(index, gfn)));
        }
        Expect.equal("set_version", new Version(0, 1), granter.call(new SetVersionCall(1)));
        for (long index : new long[] {0, 1, 7}) {
            Expect.rc(-Errno.EINVAL, granter.call(AddToPhysmapCall.statusFrame(index, gfn)));
        }
        Expect.equal("frames", 1, size(granter));
        Sight.nothing(granter, granter.slot(9));
    }

    @Needs(granter = "translated")
    @Clause(
            id = "STFR-12",
            promise =
                    "Placing a status frame that there is grows nothing, the first and the last; the one behind the last grows the table.",
            source = PLACING)
    void placedWithoutGrowth(World world) {
        Party granter = world.granter();
        Expect.equal("frames", 1, size(granter));
        OwnFrames.status(granter, 0, 9);
        Expect.equal("frames", 1, size(granter));
        Expect.okay(granter.call(SetupTableCall.own(9)));
        OwnFrames.status(granter, 1, 9);
        Expect.equal("frames", 9, size(granter));
        OwnFrames.status(granter, 2, 9);
        Expect.equal("frames", 24, size(granter));
    }

    @Needs(granter = "typed-frames")
    @Clause(id = "STFR-11", promise = "A PV guest has no physmap to place them in: -EACCES.", source = PLACING)
    void noPhysmap(World world) {
        Expect.rc(-Errno.EACCES, world.granter().call(new AddToPhysmapCall(1, AddToPhysmap.STATUS_FRAME, 0x1000)));
    }

    private static int size(Party guest) {
        TableSize size = guest.call(QuerySizeCall.own());
        return size.frames();
    }
}
