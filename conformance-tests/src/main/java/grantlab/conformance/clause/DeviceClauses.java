package grantlab.conformance.clause;

import static grantlab.api.abi.Gntmap.DEVICE_MAP;
import static grantlab.api.abi.Gntmap.HOST_MAP;
import static grantlab.api.abi.Gntmap.READONLY;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;

/** Mappings with a device part (GNTMAP_device_map): two halves that come together and may go one by one. */
@Needs(format = "flat-home", grantee = "device-mappings")
public final class DeviceClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long GREETING = 0x6772_616e_746c_6162L;

    /** For ServiceLoader. */
    public DeviceClauses() {}

    @Override
    public String prefix() {
        return "DEV";
    }

    @Override
    public String title() {
        return "Device mappings";
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "DEV-01",
            promise = "Each half of a mapping holds a reference of its own, and each writable half the writable type"
                    + " where the"
                    + " rule asks for it, until that half is undone.",
            source = "xen-semantics.md, 3.7; XSA-224")
    void referencesOfHalves(World world) {
        for (int flags : new int[] {DEVICE_MAP, HOST_MAP, DEVICE_MAP | HOST_MAP}) {
            for (int right : new int[] {0, READONLY}) {
                for (boolean hostFirst : new boolean[] {true, false}) {
                    referencesOfHalves(world, flags | right, hostFirst);
                }
            }
        }
    }

    private static void referencesOfHalves(World world, int flags, boolean hostFirst) {
        long ref = greet(world);
        long references = world.references(0);
        long uses = uses(world);
        boolean device = (flags & DEVICE_MAP) != 0;
        boolean host = (flags & HOST_MAP) != 0;
        boolean writes = (flags & READONLY) == 0;
        int hostUses = host && writes && !world.granter().translated() ? 1 : 0;
        int deviceUses = device && writes ? 1 : 0;
        world.step("the grantee maps with flags " + flags);
        Mapped mapped = map(world, ref, flags);
        Expect.equal("references on p0", references + (device ? 1 : 0) + (host ? 1 : 0), world.references(0));
        Expect.equal("uses of the type of p0", uses + hostUses + deviceUses, uses(world));

        world.step("the grantee unmaps, the " + (hostFirst ? "host" : "device") + " half first");
        UnmapCall nothing = UnmapCall.of(mapped.handle());
        UnmapCall hostHalf = nothing.at(world.grantee().slot(0));
        UnmapCall deviceHalf = nothing.device(mapped.deviceAddress());
        boolean firstLeavesRest = hostFirst ? device : host;
        Expect.okay(world.grantee().call(hostFirst ? hostHalf : deviceHalf));
        Expect.equal("references on p0 after one half", references + (firstLeavesRest ? 1 : 0), world.references(0));
        int usesLeft = hostFirst ? deviceUses : hostUses;
        Expect.equal("uses of the type of p0 after one half", uses + usesLeft, uses(world));
        Expect.equal(
                "whether the entry is in use", firstLeavesRest, world.table().inUse(World.FIRST_INDEX));
        int second = firstLeavesRest ? Status.OKAY : Status.BAD_HANDLE;
        Expect.status(second, world.grantee().call(hostFirst ? deviceHalf : hostHalf));
        Expect.equal("references on p0 after both", references, world.references(0));
        Expect.equal("uses of the type of p0 after both", uses, uses(world));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "DEV-02",
            promise = "A device mapping alone shows the CPU nothing, and its host_addr is not looked at.",
            source = "xen-semantics.md, 2.1; XSA-224 (host mapping created unasked)")
    void deviceOnly(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        world.step("the grantee maps for a device, at a slot and at an address of nothing");
        Mapped mapped = map(world, ref, DEVICE_MAP);
        Expect.equal("dev_bus_addr", Page.address(world.granter().machineFrame(0)), mapped.deviceAddress());
        Sight.nothing(grantee, grantee.slot(0));
        Expect.okay(grantee.call(MapCall.of(World.GRANTER, ref).at(-1).flags(DEVICE_MAP)));
    }

    @Clause(
            id = "DEV-03",
            promise =
                    "A dev_bus_addr that is not exactly the machine address of the page is -6, and nothing is undone.",
            source = "xen-semantics.md, 2.2 row 7, 11.2; recording map_v1 lines 127..183")
    void wrongDeviceAddress(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        Mapped mapped = map(world, ref, DEVICE_MAP | HOST_MAP);
        long references = world.references(0);
        UnmapCall call = UnmapCall.of(mapped.handle());
        world.step("the grantee unmaps with device addresses that are wrong, beside a host address that is right");
        long right = mapped.deviceAddress();
        for (long wrong :
                new long[] {right + 1, right + Page.SIZE, right | (1L << 52), right | Long.MIN_VALUE, -1, 1}) {
            Expect.status(Status.BAD_DEV_ADDR, grantee.call(call.device(wrong)));
            Expect.status(Status.BAD_DEV_ADDR, grantee.call(call.device(wrong).at(grantee.slot(0))));
        }
        Sight.value(grantee, grantee.slot(0), GREETING);
        Expect.equal("references on p0", references, world.references(0));
        world.step("the grantee unmaps both halves at once");
        Expect.okay(grantee.call(call.device(right).at(grantee.slot(0))));
        Sight.nothing(grantee, grantee.slot(0));
        Expect.status(Status.BAD_HANDLE, grantee.call(call));
    }

    @Clause(
            id = "DEV-04",
            promise = "A host address that fails leaves the device half alone too.",
            source = "xen-semantics.md, 2.2 rows 8 and 10")
    void hostFailsFirst(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        Mapped mapped = map(world, ref, DEVICE_MAP | HOST_MAP);
        long references = world.references(0);
        UnmapCall call = UnmapCall.of(mapped.handle()).device(mapped.deviceAddress());
        world.step("the grantee unmaps with a wrong host address beside the right device address");
        Expect.status(Status.GENERAL_ERROR, grantee.call(call.at(grantee.slot(1))));
        Expect.equal("references on p0", references, world.references(0));
        world.step("the device half is still there: its address is still checked");
        Expect.status(
                Status.BAD_DEV_ADDR, grantee.call(UnmapCall.of(mapped.handle()).device(mapped.deviceAddress() + 1)));
        Expect.okay(grantee.call(call.at(grantee.slot(0))));
    }

    @Clause(
            id = "DEV-05",
            promise = "An unmap with dev_bus_addr 0 keeps the device half, and a host address does nothing to a mapping"
                    + " without a host half.",
            source = "xen-semantics.md, 2.2; XSA-224")
    void absentHalves(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        Mapped mapped = map(world, ref, DEVICE_MAP | HOST_MAP);
        UnmapCall call = UnmapCall.of(mapped.handle());
        world.step("the grantee unmaps the host half, and once more, while another mapping stands there");
        Expect.okay(grantee.call(call.at(grantee.slot(0))));
        Mapped other = map(world, ref, HOST_MAP);
        Expect.okay(grantee.call(call.at(grantee.slot(0))));
        Expect.okay(grantee.call(call.at(-1)));
        Sight.value(grantee, grantee.slot(0), GREETING);

        world.step("the device half is still there");
        Expect.okay(grantee.call(UnmapCall.of(other.handle()).at(grantee.slot(0))));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.okay(grantee.call(call.device(mapped.deviceAddress())));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.status(Status.BAD_HANDLE, grantee.call(call));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "DEV-06",
            promise =
                    "A page table is not handed to a device writable, whether or not the CPU gets it, but may be read.",
            source = "xen-semantics.md, 3.7; XSA-224")
    void pageTable(World world) {
        Party granter = world.granter();
        long table = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        long references = world.machine().frames().references(table);
        world.step("the granter grants its L1 table");
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, table, Page.ORDER_4K, READ_WRITE);
        MapCall call = MapCall.of(World.GRANTER, world.table().reference(World.FIRST_INDEX))
                .at(world.grantee().slot(0));
        for (int flags : new int[] {DEVICE_MAP, DEVICE_MAP | HOST_MAP}) {
            world.step("the grantee maps it with flags " + flags);
            Expect.status(Status.GENERAL_ERROR, world.grantee().call(call.flags(flags)));
            Expect.equal(
                    "references on the table",
                    references,
                    world.machine().frames().references(table));
            Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        }
        Expect.okay(world.grantee().call(call.flags(DEVICE_MAP | READONLY)));
    }

    @Clause(
            id = "DEV-07",
            promise = "A copy through a grant that a device has mapped leaves its marks: devices count as users.",
            source = "xen-semantics.md, 3.5; XSA-230")
    void copyBesideDevice(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        map(world, ref, DEVICE_MAP);
        world.step("the grantee copies both ways");
        CopyCall.End there = CopyCall.of(World.GRANTER, ref, 0);
        CopyCall.End here = CopyCall.own(grantee.pageFrame(0), 0);
        Expect.okay(grantee.call(CopyCall.from(there, here, 8)));
        Expect.okay(grantee.call(CopyCall.to(here, there, 8)));
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.holdsNot("the grant can be narrowed", world.table().narrow(World.FIRST_INDEX));

        world.step("a writer through the CPU comes and goes");
        Mapped host = map(world, ref, HOST_MAP);
        Expect.okay(grantee.call(UnmapCall.of(host.handle()).at(grantee.slot(0))));
        Expect.holdsNot("the grant can be narrowed", world.table().narrow(World.FIRST_INDEX));
    }

    private static Mapped map(World world, long ref, int flags) {
        MapCall call =
                MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0)).flags(flags);
        Mapped mapped = world.grantee().call(call);
        Expect.okay(mapped);
        return mapped;
    }

    private static long uses(World world) {
        return world.machine().frames().typeUses(world.granter().machineFrame(0));
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, READ_WRITE);
    }
}
