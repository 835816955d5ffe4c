package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;

/** Mappings that are page-table entries: their bits, their places, and what the guest does to them on its own. */
@Needs(format = "flat-home", grantee = "names-entries")
public final class PteClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int BY_ENTRY = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;

    /** Present, user, accessed, dirty: an entry as a guest's kernel writes it. */
    private static final long GUESTS_READ_ONLY = 0x65;

    private static final long GUESTS_WRITABLE = GUESTS_READ_ONLY | 2;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long REPLY = 0x7265_706c_7921_2121L;

    /** For ServiceLoader. */
    public PteClauses() {}

    @Override
    public String prefix() {
        return "PTE";
    }

    @Override
    public String title() {
        return "Mappings as page-table entries";
    }

    @Clause(
            id = "PTE-01",
            promise = "The entry of a mapping is right in every bit: rights, kernel or user, no-execute, guest_avail.",
            source = "xen-semantics.md, 7.1; recording map_v1 lines 18..117")
    void entryBits(World world) {
        long ref = greet(world);
        int readOnly = Gntmap.READONLY;
        int user = Gntmap.APPLICATION_MAP;
        long[][] requests = {
            {0, 0x8010_0000_0000_0067L},
            {readOnly, 0x8010_0000_0000_0065L},
            {user, 0x8000_0000_0000_0167L},
            {readOnly | user, 0x8000_0000_0000_0165L},
            {1 << 16, 0x8010_0000_0000_0267L},
            {readOnly | (2 << 16), 0x8010_0000_0000_0465L},
            {7 << 16, 0x8010_0000_0000_0e67L},
            {0xffff << 16, 0x8010_0000_0000_0e67L},
            {0xfff8 << 16, 0x8010_0000_0000_0067L},
            {0xffe0, 0x8010_0000_0000_0067L}
        };
        long frame = Page.address(world.granter().machineFrame(0));
        for (long[] request : requests) {
            int flags = Gntmap.HOST_MAP | (int) request[0];
            world.step("the grantee maps with flags 0x" + Integer.toHexString(flags));
            Mapped mapped = world.grantee().call(at(world, ref, 0).flags(flags));
            Expect.okay(mapped);
            Expect.equal("the entry", request[1] | frame, entry(world, 0));
            Expect.status(Status.OKAY, unmap(world, mapped, world.grantee().slot(0)));
            Expect.equal("the entry after the unmap", 0, entry(world, 0));
        }
    }

    @Clause(
            id = "PTE-02",
            promise = "An address of an entry that is not a multiple of 8 is refused by map and by unmap.",
            source = "xen-semantics.md, 7.2; XSA-227")
    void misaligned(World world) {
        long ref = greet(world);
        long place = place(world, 0);
        long references = world.references(0);
        world.step("the grantee maps at addresses beside the entry of m0");
        for (int offset : new int[] {1, 2, 4, 7, -4}) {
            Expect.status(
                    Status.GENERAL_ERROR,
                    world.grantee()
                            .call(MapCall.of(World.GRANTER, ref)
                                    .at(place + offset)
                                    .flags(BY_ENTRY)));
        }
        Sight.nothing(world.grantee(), world.grantee().slot(0));
        Expect.equal("references on p0", references, world.references(0));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("the grantee maps at the entry and unmaps beside it");
        Mapped mapped = mapByEntry(world, ref, 0);
        Expect.status(Status.GENERAL_ERROR, unmap(world, mapped, place + 4));
        Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
    }

    @Clause(
            id = "PTE-03",
            promise = "The named entry must stand in a level-1 page table of the caller's own.",
            source = "xen-semantics.md, 7.2; recording map_v1 lines 537..577")
    void notAnEntry(World world) {
        Party grantee = world.grantee();
        Party third = world.third();
        long ref = greet(world);
        long data = Page.address(grantee.machineFrame(9));
        long theirs = third.domain().addressSpace().entryAddress(third.slot(0));
        long higher = Page.address(tableOf(world, FrameTable.TYPE_L2)) + 8L * 100;
        long top = Page.address(tableOf(world, FrameTable.TYPE_L4)) + 8L * 100;
        long[] places = {data, data + 8, theirs, higher, top, 0, 8, grantee.slot(0), -Page.SIZE, Long.MIN_VALUE};
        for (long place : places) {
            world.step("the grantee names the entry 0x" + Long.toHexString(place));
            MapCall call = MapCall.of(World.GRANTER, ref).at(place).flags(BY_ENTRY);
            Expect.status(Status.GENERAL_ERROR, grantee.call(call));
            Expect.status(Status.GENERAL_ERROR, grantee.call(call.readonly()));
        }
        Sight.nothing(third, third.slot(0));
        Sight.value(grantee, grantee.page(9), 0);
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
    }

    @Clause(
            id = "PTE-04",
            promise = "A mapping made by the address of its entry is undone by such an address, one made by linear"
                    + " address by"
                    + " a linear one.",
            source = "xen-semantics.md, 7.4; recording map_v1 lines 513..580")
    void formsNotMixed(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        world.step("the grantee maps m0 by entry and m1 by linear address, and unmaps the other way");
        Mapped byEntry = mapByEntry(world, ref, 0);
        Mapped linear = grantee.call(at(world, ref, 1));
        Expect.okay(linear);
        Expect.status(Status.GENERAL_ERROR, unmap(world, byEntry, grantee.slot(0)));
        Expect.status(Status.GENERAL_ERROR, unmap(world, linear, place(world, 1)));
        Sight.value(grantee, grantee.slot(0), GREETING);
        Sight.value(grantee, grantee.slot(1), GREETING);

        world.step("and then the right way");
        Expect.status(Status.OKAY, unmap(world, byEntry, place(world, 0)));
        Expect.status(Status.OKAY, unmap(world, linear, grantee.slot(1)));
        Sight.nothing(grantee, grantee.slot(0));
        Sight.nothing(grantee, grantee.slot(1));
    }

    @Clause(
            id = "PTE-05",
            promise = "A map replaces whatever stands at its place and lets go of it; unmap leaves the place empty.",
            source = "xen-semantics.md, 7.2 row 5; recording map_v1 lines 581..603")
    void occupiedPlace(World world) {
        Party grantee = world.grantee();
        FrameTable frames = world.machine().frames();
        long ref = greet(world);
        long own = grantee.machineFrame(6);
        grantee.store(grantee.page(6), REPLY);
        long references = frames.references(own);
        long uses = frames.typeUses(own);
        world.step("the grantee shows p6 at m0 too, then maps the grant there");
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(own) | GUESTS_WRITABLE));
        Sight.value(grantee, grantee.slot(0), REPLY);
        Expect.equal("references on p6", references + 1, frames.references(own));
        Mapped mapped = grantee.call(at(world, ref, 0));
        Expect.okay(mapped);
        Expect.equal("references on p6", references, frames.references(own));
        Expect.equal("uses of the type of p6", uses, frames.typeUses(own));

        world.step("the grantee unmaps");
        Expect.status(Status.OKAY, unmap(world, mapped, grantee.slot(0)));
        Sight.nothing(grantee, grantee.slot(0));
        Sight.value(grantee, grantee.page(6), REPLY);
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "PTE-06",
            promise = "A mapping that another one replaced cannot be undone: -1, and its entry stays in use.",
            source = "xen-semantics.md, 7.2; xen-semantics.md, 12.10")
    void overmapped(World world) {
        Party grantee = world.grantee();
        long references = world.references(0);
        long first = greet(world);
        long second = world.grant(1, READ_WRITE);
        world.granter().store(world.granter().page(1), REPLY);
        world.step("the grantee maps p0 at m0, then p1 over it");
        Mapped lost = grantee.call(at(world, first, 0));
        Expect.okay(lost);
        Mapped standing = grantee.call(at(world, second, 0));
        Expect.okay(standing);
        Expect.equal("references on p0", references, world.references(0));
        Sight.value(grantee, grantee.slot(0), REPLY);

        world.step("the grantee unmaps the first, the second, and the first again");
        Expect.status(Status.GENERAL_ERROR, unmap(world, lost, grantee.slot(0)));
        Sight.value(grantee, grantee.slot(0), REPLY);
        Expect.status(Status.OKAY, unmap(world, standing, grantee.slot(0)));
        Expect.status(Status.GENERAL_ERROR, unmap(world, lost, grantee.slot(0)));
        Expect.holds("the first entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.holds("the second entry can be ended", world.table().end(World.FIRST_INDEX + 1));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "PTE-07",
            promise = "Of two handles whose mappings share a place the first to unmap succeeds, and the other gets -1.",
            source = "xen-semantics.md, 12.10; recording map_v1 lines 584..598")
    void sharedPlace(World world) {
        Party grantee = world.grantee();
        long references = world.references(0);
        long ref = greet(world);
        world.step("the grantee maps p0 twice at m0");
        Mapped first = grantee.call(at(world, ref, 0));
        Mapped second = grantee.call(at(world, ref, 0));
        Expect.okay(first);
        Expect.okay(second);
        Expect.equal("references on p0: one place", references + 1, world.references(0));
        world.step("the grantee unmaps both");
        Expect.status(Status.OKAY, unmap(world, first, grantee.slot(0)));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.status(Status.GENERAL_ERROR, unmap(world, second, grantee.slot(0)));
        Expect.equal("references on p0", references, world.references(0));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("a new mapping in its place is as good as the lost one");
        Mapped third = grantee.call(at(world, ref, 0));
        Expect.okay(third);
        Expect.status(Status.OKAY, unmap(world, second, grantee.slot(0)));
        Expect.status(Status.GENERAL_ERROR, unmap(world, third, grantee.slot(0)));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "PTE-08",
            promise = "A guest that empties the entry of a mapping gives up the page, and can no longer unmap it.",
            source = "xen-semantics.md, 7.3; recording map_v1 lines 605..612")
    void clearedByGuest(World world) {
        Party grantee = world.grantee();
        long references = world.references(0);
        Mapped mapped = grantee.call(at(world, greet(world), 0));
        Expect.okay(mapped);
        world.step("the grantee empties the entry of m0, then unmaps");
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.equal("references on p0", references, world.references(0));
        Expect.status(Status.GENERAL_ERROR, unmap(world, mapped, grantee.slot(0)));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.status(Status.OKAY, unmap(world, mapped, 0));
    }

    @BothTables
    @Clause(
            id = "PTE-09",
            promise = "Unmap insists on the right that the mapping was made with, in the entry that it finds.",
            source = "xen-semantics.md, 7.4 row 6; XSA-234; recording map_v1 lines 613..630")
    void rightCompared(World world) {
        Party grantee = world.grantee();
        long page = Page.address(grantee.machineFrame(0));
        world.step("the grantee maps a grant of its own, writable, and makes the entry read-only by itself");
        Mapped writable = mapOwn(world, 0, Gntmap.HOST_MAP);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), page | GUESTS_READ_ONLY));
        Expect.status(Status.GENERAL_ERROR, unmap(world, writable, grantee.slot(0)));
        Expect.equal("flags and marks", 0x19, grantee.entry(World.FIRST_INDEX).flags());
        world.step("it makes the entry writable again, with other bits of no weight");
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), page | GUESTS_WRITABLE | 0xe00));
        Expect.status(Status.OKAY, unmap(world, writable, grantee.slot(0)));

        world.step("it maps read-only, and makes the entry writable by itself");
        Mapped readOnly = mapOwn(world, 1, Gntmap.HOST_MAP | Gntmap.READONLY);
        Expect.rc(0, grantee.updateEntry(grantee.slot(1), page | GUESTS_WRITABLE));
        Expect.status(Status.GENERAL_ERROR, unmap(world, readOnly, grantee.slot(1)));
        Expect.rc(0, grantee.updateEntry(grantee.slot(1), page | GUESTS_READ_ONLY));
        Expect.status(Status.OKAY, unmap(world, readOnly, grantee.slot(1)));
        Expect.equal("flags and marks", 1, grantee.entry(World.FIRST_INDEX).flags());
    }

    @Clause(
            id = "PTE-10",
            promise = "A mapping may be undone by the address of any entry that matches it, not only the original one.",
            source = "xen-semantics.md, 7.4")
    void anyMatchingEntry(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        Mapped first = mapByEntry(world, ref, 0);
        Mapped readOnly = grantee.call(at(world, ref, 1).readonly());
        Expect.okay(readOnly);
        world.step("the grantee unmaps the writable one at the read-only one's entry, and at a linear mapping's");
        Expect.status(Status.GENERAL_ERROR, unmap(world, first, place(world, 1)));
        Mapped linear = grantee.call(at(world, ref, 2));
        Expect.okay(linear);
        Expect.status(Status.OKAY, unmap(world, first, place(world, 2)));
        Sight.nothing(grantee, grantee.slot(2));
        Sight.value(grantee, grantee.slot(0), GREETING);
        Sight.readOnly(grantee, grantee.slot(1), GREETING);
        Expect.status(Status.OKAY, unmap(world, linear, grantee.slot(0)));
    }

    private static Mapped mapOwn(World world, int slot, int flags) {
        Party grantee = world.grantee();
        grantee.entry(World.FIRST_INDEX)
                .set("domid", World.GRANTEE)
                .set("frame", grantee.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        Mapped mapped = grantee.call(MapCall.of(World.GRANTEE, World.FIRST_INDEX)
                .at(grantee.slot(slot))
                .flags(flags));
        Expect.okay(mapped);
        return mapped;
    }

    private static Mapped mapByEntry(World world, long ref, int slot) {
        Mapped mapped = world.grantee()
                .call(MapCall.of(World.GRANTER, ref).at(place(world, slot)).flags(BY_ENTRY));
        Expect.okay(mapped);
        return mapped;
    }

    private static MapCall at(World world, long ref, int slot) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(slot));
    }

    private static Answer unmap(World world, Mapped mapped, long address) {
        return world.grantee().call(UnmapCall.of(mapped.handle()).at(address));
    }

    private static long place(World world, int slot) {
        return world.grantee()
                .domain()
                .addressSpace()
                .entryAddress(world.grantee().slot(slot));
    }

    private static long entry(World world, int slot) {
        return world.machine().memory().load64(place(world, slot));
    }

    private static long tableOf(World world, int type) {
        FrameTable frames = world.machine().frames();
        long frame = frames.nextOwned(World.GRANTEE, 0);
        while (frames.type(frame) != type) {
            frame = frames.nextOwned(World.GRANTEE, frame + 1);
        }
        return frame;
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, READ_WRITE);
    }
}
