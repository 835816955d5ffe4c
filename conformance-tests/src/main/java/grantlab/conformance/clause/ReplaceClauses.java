package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapAndReplaceCall;
import grantlab.conformance.call.UnmapCall;

/** GNTTABOP_unmap_and_replace: the mapping gives way to what stands at another address. */
@Needs(format = "flat-home")
public final class ReplaceClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long WRITABLE = 0x67;
    private static final long NOWHERE = 0x300_0000_0000L;
    private static final long XENS = 0xffff_8300_0000_0000L;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long REPLY = 0x7265_706c_7921_2121L;

    /** For ServiceLoader. */
    public ReplaceClauses() {}

    @Override
    public String prefix() {
        return "REPL";
    }

    @Override
    public String title() {
        return "Unmap and replace";
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "REPL-01",
            promise =
                    "The entry of new_addr moves, as it is, to where the grant was mapped, and new_addr is left empty.",
            source = "xen-semantics.md, 2.8; recording replace_v1 lines 16..23")
    void entryMoves(World world) {
        Party grantee = world.grantee();
        long references = world.references(0);
        long pageReferences = ownReferences(world);
        Mapped mapped = map(world, 0, Gntmap.HOST_MAP);
        showOwn(world, 1);
        long entry = entry(world, 1);
        world.step("the grantee replaces m0 by m1");
        Expect.okay(replace(world, mapped, 0, grantee.slot(1)));
        Expect.equal("the entry of m0", entry, entry(world, 0));
        Sight.value(grantee, grantee.slot(0), REPLY);
        grantee.store(grantee.slot(0), REPLY);
        Sight.nothing(grantee, grantee.slot(1));
        Expect.equal("references on the page that moved", pageReferences + 1, ownReferences(world));
        Expect.equal("references on p0", references, world.references(0));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        Expect.status(Status.BAD_HANDLE, replace(world, mapped, 0, grantee.slot(1)));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "REPL-02",
            promise = "With new_addr 0, or one where nothing is mapped, it is a plain unmap.",
            source = "xen-semantics.md, 2.8; recording replace_v1 lines 11..15 and 46..48")
    void plainUnmap(World world) {
        Party grantee = world.grantee();
        for (long newAddress : new long[] {0, grantee.slot(1)}) {
            Mapped mapped = map(world, 0, Gntmap.HOST_MAP);
            world.step("the grantee replaces m0 by 0x" + Long.toHexString(newAddress));
            Expect.okay(replace(world, mapped, 0, newAddress));
            Sight.nothing(grantee, grantee.slot(0));
            Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        }
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "REPL-03",
            promise = "A new_addr without a page table, or Xen's, is -1 and the grant stays mapped.",
            source = "xen-semantics.md, 2.8; recording replace_v1 lines 24..30")
    void newAddressOfNothing(World world) {
        Party grantee = world.grantee();
        Mapped mapped = map(world, 0, Gntmap.HOST_MAP);
        for (long newAddress : new long[] {NOWHERE, 0x7fff_ffff_f000L, XENS, -1, 1L << 47}) {
            world.step("the grantee replaces m0 by 0x" + Long.toHexString(newAddress));
            Expect.status(Status.GENERAL_ERROR, replace(world, mapped, 0, newAddress));
            Sight.value(grantee, grantee.slot(0), GREETING);
        }
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.okay(replace(world, mapped, 0, 0));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "REPL-04",
            promise =
                    "If the grant is not where the caller says, the entry of new_addr is lost although the call is -1.",
            source = "xen-semantics.md, 2.8 (last item)")
    void newAddressLost(World world) {
        Party grantee = world.grantee();
        long references = ownReferences(world);
        Mapped mapped = map(world, 0, Gntmap.HOST_MAP);
        showOwn(world, 1);
        world.step("the grantee replaces m2, where nothing is, by m1");
        Expect.status(Status.GENERAL_ERROR, replace(world, mapped, 2, grantee.slot(1)));
        Sight.value(grantee, grantee.slot(0), GREETING);
        Sight.nothing(grantee, grantee.slot(1));
        Sight.nothing(grantee, grantee.slot(2));
        Expect.equal("references on the page that was at m1", references, ownReferences(world));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
    }

    @Needs(grantee = "names-entries")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "REPL-05",
            promise = "A mapping replaced by itself is -1: its page is gone, its entry in use for good.",
            source = "xen-semantics.md, 12.12; recording replace_v1 lines 49..53")
    void byItself(World world) {
        Party grantee = world.grantee();
        long references = world.references(0);
        Mapped mapped = map(world, 0, Gntmap.HOST_MAP);
        world.step("the grantee replaces m0 by m0");
        Expect.status(Status.GENERAL_ERROR, replace(world, mapped, 0, grantee.slot(0)));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.equal("references on p0", references, world.references(0));
        Expect.status(
                Status.GENERAL_ERROR, grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "REPL-06",
            promise = "A mapping made by the address of its entry cannot be replaced, only unmapped.",
            source = "xen-semantics.md, 2.8; recording replace_v1 lines 54..59")
    void madeByEntry(World world) {
        Party grantee = world.grantee();
        long place = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        long ref = greet(world);
        Mapped mapped =
                grantee.call(MapCall.of(World.GRANTER, ref).at(place).flags(Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE));
        Expect.okay(mapped);
        showOwn(world, 1);
        world.step("the grantee replaces it by m1, naming the entry and naming the address");
        Expect.status(
                Status.GENERAL_ERROR, grantee.call(new UnmapAndReplaceCall(mapped.handle(), place, grantee.slot(1))));
        Expect.status(Status.GENERAL_ERROR, replace(world, mapped, 0, grantee.slot(1)));
        Sight.value(grantee, grantee.slot(0), GREETING);
        Sight.value(grantee, grantee.slot(1), REPLY);
        world.step("without new_addr it is unmapped by the entry's address");
        Expect.okay(grantee.call(new UnmapAndReplaceCall(mapped.handle(), place, 0)));
        Sight.nothing(grantee, grantee.slot(0));
    }

    @Needs(grantee = {"names-entries", "device-mappings"})
    @Clause(
            id = "REPL-07",
            promise = "The device half of a mapping is never touched.",
            source = "xen-semantics.md, 2.8; recording replace_v1 lines 60..67")
    void deviceHalfKept(World world) {
        Party grantee = world.grantee();
        Mapped mapped = map(world, 0, Gntmap.HOST_MAP | Gntmap.DEVICE_MAP);
        showOwn(world, 1);
        world.step("the grantee replaces m0 by m1");
        Expect.okay(replace(world, mapped, 0, grantee.slot(1)));
        Sight.value(grantee, grantee.slot(0), REPLY);
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.okay(replace(world, mapped, 0, mapped.deviceAddress()));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).device(mapped.deviceAddress())));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(grantee = "names-entries")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "REPL-08",
            promise = "Another grant's mapping can be moved so, and is unmapped where it is then.",
            source = "xen-semantics.md, 2.8, 7.4")
    void grantMoves(World world) {
        Party grantee = world.grantee();
        world.granter().store(world.granter().page(1), REPLY);
        long second = world.grant(1, READ_WRITE);
        long references = world.references(1);
        Mapped first = map(world, 0, Gntmap.HOST_MAP);
        Mapped moving = grantee.call(MapCall.of(World.GRANTER, second).at(grantee.slot(1)));
        Expect.okay(moving);
        world.step("the grantee replaces p0 at m0 by the mapping of p1 at m1");
        Expect.okay(replace(world, first, 0, grantee.slot(1) + 0x123));
        Sight.value(grantee, grantee.slot(0), REPLY);
        Sight.nothing(grantee, grantee.slot(1));
        Expect.equal("references on p1", references + 1, world.references(1));
        world.step("the grantee unmaps p1, where it was and where it is");
        UnmapCall call = UnmapCall.of(moving.handle());
        Expect.status(Status.GENERAL_ERROR, grantee.call(call.at(grantee.slot(1))));
        Expect.okay(grantee.call(call.at(grantee.slot(0))));
        Expect.equal("references on p1", references, world.references(1));
    }

    @Lacks(grantee = "names-entries")
    @Clause(
            id = "REPL-09",
            promise = "Where mappings are no page-table entries the call does not exist: -ENOSYS, and nothing is"
                    + " written.",
            source = "xen-semantics.md, 6.8; recording replace_v1 line 79")
    void notForTranslated(World world) {
        Party grantee = world.grantee();
        Mapped mapped = map(world, 0, Gntmap.HOST_MAP);
        world.step("the grantee replaces m0 by m1");
        Answer answer = replace(world, mapped, 0, grantee.slot(1));
        Expect.rc(-Errno.ENOSYS, answer.rc());
        Expect.equal("status", Call.UNWRITTEN, answer.status());
        Sight.value(grantee, grantee.slot(0), GREETING);
    }

    private static Mapped map(World world, int slot, int flags) {
        long ref = greet(world);
        Mapped mapped = world.grantee()
                .call(MapCall.of(World.GRANTER, ref)
                        .at(world.grantee().slot(slot))
                        .flags(flags));
        Expect.okay(mapped);
        return mapped;
    }

    private static Answer replace(World world, Mapped mapped, int slot, long newAddress) {
        return world.grantee()
                .call(new UnmapAndReplaceCall(mapped.handle(), world.grantee().slot(slot), newAddress));
    }

    /** The grantee shows its own p2 at a slot. */
    private static void showOwn(World world, int slot) {
        Party grantee = world.grantee();
        world.step("the grantee shows its own p2 at m" + slot);
        grantee.store(grantee.page(2), REPLY);
        Expect.rc(0, grantee.updateEntry(grantee.slot(slot), Page.address(grantee.machineFrame(2)) | WRITABLE));
    }

    private static long ownReferences(World world) {
        FrameTable frames = world.machine().frames();
        return frames.references(world.grantee().machineFrame(2));
    }

    private static long entry(World world, int slot) {
        Party grantee = world.grantee();
        return world.machine().memory().load64(grantee.domain().addressSpace().entryAddress(grantee.slot(slot)));
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, READ_WRITE);
    }
}
