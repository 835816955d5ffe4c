package grantlab.conformance.clause;

import static grantlab.api.abi.Gntmap.DEVICE_MAP;
import static grantlab.api.abi.Gntmap.HOST_MAP;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Devices that the grantee owns: what of the granter's memory they reach, with which rights, and until when. */
public final class IommuClauses implements ClauseFamily {
    private static final String CONFINED = "confined-devices";
    private static final String BUS = "bus-is-machine";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int INDEX = World.FIRST_INDEX;
    private static final int BLOCK_PAGES = 1 << Page.ORDER_2M;
    private static final int[] SAMPLES = {0, 257, 511};
    private static final long SECRET = 0x5ec2_e75e_c2e7_5ec2L;
    private static final long LATE = 0x1a7e_1a7e_1a7e_1a7eL;
    private static final int TURNS = 60;
    private static final int LOOKS = 40;

    /** For ServiceLoader. */
    public IommuClauses() {}

    @Override
    public String prefix() {
        return "IOMMU";
    }

    @Override
    public String title() {
        return "What devices reach";
    }

    // ---- what clauses do

    private static long frame(World world) {
        return world.granter().machineFrame(0);
    }

    /** The granter writes p0 and grants it. */
    private static long grantSecret(World world, int access) {
        world.granter().store(world.granter().page(0), SECRET);
        return world.grant(0, access);
    }

    /** Where a device finds a page of its own domain. */
    private static long own(Party party, int page) {
        return party.translated() ? party.page(page) : Page.address(party.machineFrame(page));
    }

    /** Where a device would find p0 of the granter if it were mapped in slot 0. */
    private static long wouldBe(World world) {
        Party grantee = world.grantee();
        return grantee.translated() ? grantee.slot(0) : Page.address(frame(world));
    }

    private static void expectFault(String what, int reason, int got) {
        Expect.equal(what, DeviceFault.name(reason), got == 0 ? "no fault" : DeviceFault.name(got));
    }

    private static void expectNothing(PartyDevice device, long address) {
        expectFault("a read by the device", DeviceFault.NOT_MAPPED, device.tryRead(address));
        expectFault("a write by the device", DeviceFault.NOT_MAPPED, device.tryWrite(address, 0xbad));
    }

    private static void expectReadOnly(PartyDevice device, long address, long value) {
        Expect.equal("what the device reads", value, device.read(address));
        expectFault("a write by the device", DeviceFault.NOT_WRITABLE, device.tryWrite(address, 0xbad));
        Expect.equal("what the device reads", value, device.read(address));
    }

    // ---- from map to unmap

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-01",
            promise =
                    "A device reads and writes a page of the granter from map to unmap, though it remembers it, and never"
                            + " otherwise; a device of somebody else never does.",
            source = "xen-semantics.md, 3.10; grant-v3.md, UNMAP-8")
    void fromMapToUnmap(World world) {
        PartyDevice device = world.grantee().device(0);
        PartyDevice stranger = world.third().device(0);
        long ref = grantSecret(world, READ_WRITE);
        expectNothing(device, wouldBe(world));
        world.step("the grantee maps");
        DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
        Expect.equal("where the device finds it", wouldBe(world), mapping.address());
        Expect.equal("what the device reads", SECRET, device.read(mapping.address()));
        device.write(mapping.address() + Page.SIZE - Long.BYTES, 77);
        Expect.equal(
                "what the granter reads",
                77,
                world.granter().load(world.granter().page(0) + Page.SIZE - Long.BYTES));
        expectNothing(stranger, mapping.address());
        world.step("the grantee unmaps");
        mapping.undo();
        expectNothing(device, mapping.address());
        Expect.equal(
                "what the granter reads",
                SECRET,
                world.granter().load(world.granter().page(0)));
        Reachability.expectPrivate(world, World.GRANTER, frame(world));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-02",
            promise =
                    "Through a read-only mapping a device only reads; an atomic is a write too, and a read of no bytes asks for"
                            + " the right to read.",
            source = "xen-semantics.md, 3.10; grant-v3.md, REVOKE-hw-1")
    void readOnly(World world) {
        PartyDevice device = world.grantee().device(0);
        long ref = grantSecret(world, Access.READ);
        Backend.of(world).cannotMap(Status.GENERAL_ERROR, ref, 0, READ_WRITE);
        expectNothing(device, wouldBe(world));
        expectFault(
                "a read of no bytes",
                DeviceFault.NOT_MAPPED,
                device.bare().read(wouldBe(world), MemorySegment.ofArray(new byte[0])));
        DmaMapping mapping = DmaMapping.of(world, ref, 0, Access.READ);
        expectReadOnly(device, mapping.address(), SECRET);
        expectFault(
                "an atomic",
                DeviceFault.NOT_WRITABLE,
                device.bare().compareAndExchange(mapping.address(), Long.BYTES, SECRET, 1));
        Expect.equal(
                "a read of no bytes", 0, device.bare().read(mapping.address(), MemorySegment.ofArray(new byte[0])));
        Expect.equal(
                "what the granter reads",
                SECRET,
                world.granter().load(world.granter().page(0)));
        mapping.undo();
    }

    @Needs(iommu = {CONFINED, BUS})
    @Clause(
            id = "IOMMU-03",
            promise =
                    "Where bus equals machine a page has the rights of all its mappings: the first writable one brings writing,"
                            + " the last one takes it, the last of all takes the page.",
            source = "xen-semantics.md, 3.10")
    void rightsOfAllMappings(World world) {
        PartyDevice device = world.grantee().device(0);
        long ref = grantSecret(world, READ_WRITE);
        DmaMapping reader = DmaMapping.of(world, ref, 0, Access.READ);
        expectReadOnly(device, reader.address(), SECRET);
        world.step("a second mapping may be written, and a third");
        DmaMapping writer = DmaMapping.of(world, ref, 1, READ_WRITE);
        DmaMapping another = DmaMapping.of(world, ref, 2, READ_WRITE);
        device.write(reader.address(), 5);
        writer.undo();
        device.write(reader.address(), 6);
        another.undo();
        expectReadOnly(device, reader.address(), 6);
        reader.undo();
        expectNothing(device, reader.address());
        world.step("in the other order");
        DmaMapping first = DmaMapping.of(world, ref, 1, READ_WRITE);
        DmaMapping second = DmaMapping.of(world, ref, 0, Access.READ);
        device.write(first.address(), 7);
        second.undo();
        device.write(first.address(), 8);
        first.undo();
        expectNothing(device, first.address());
    }

    @Needs(iommu = CONFINED)
    @Lacks(iommu = BUS)
    @Clause(
            id = "IOMMU-04",
            promise = "Behind a guest-physical map each place has the rights of its own mapping.",
            source = "xen-semantics.md, 3.10")
    void rightsOfEachPlace(World world) {
        PartyDevice device = world.grantee().device(0);
        long ref = grantSecret(world, READ_WRITE);
        DmaMapping reader = DmaMapping.of(world, ref, 0, Access.READ);
        DmaMapping writer = DmaMapping.of(world, ref, 1, READ_WRITE);
        expectReadOnly(device, reader.address(), SECRET);
        device.write(writer.address(), 5);
        expectReadOnly(device, reader.address(), 5);
        writer.undo();
        expectNothing(device, writer.address());
        expectReadOnly(device, reader.address(), 5);
        world.step("the place gets another right");
        reader.undo();
        DmaMapping again = DmaMapping.of(world, ref, 0, READ_WRITE);
        device.write(again.address(), 6);
        again.undo();
        expectNothing(device, again.address());
    }

    @Needs(
            format = "flat-home",
            grantee = "device-mappings",
            iommu = {CONFINED, BUS})
    @Clause(
            id = "IOMMU-05",
            promise =
                    "A handle counts once, whichever parts it has, and until it is free: unmaps that undo nothing, or one half,"
                            + " take nothing from devices, and nothing of what other handles gave.",
            source = "XSA-394; xen-semantics.md, 3.10")
    void onceForEachHandle(World world) {
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        MapCall call = MapCall.of(World.GRANTER, grantSecret(world, READ_WRITE));
        for (int parts : new int[] {HOST_MAP, DEVICE_MAP, HOST_MAP | DEVICE_MAP}) {
            Mapped one = grantee.call(call.at(grantee.slot(0)).flags(parts));
            Mapped other = grantee.call(call.at(grantee.slot(1)).flags(HOST_MAP));
            Expect.okay(one);
            Expect.okay(other);
            UnmapCall undo = UnmapCall.of(one.handle());
            for (int n = 0; n < 3; n++) {
                Expect.okay(grantee.call(undo));
                device.write(one.deviceAddress(), n);
            }
            if (parts == (HOST_MAP | DEVICE_MAP)) {
                Expect.okay(grantee.call(undo.at(grantee.slot(0))));
                device.write(one.deviceAddress(), 8);
                Expect.okay(grantee.call(undo.device(one.deviceAddress())));
            } else {
                Expect.okay(grantee.call(undo.at(grantee.slot(0)).device(one.deviceAddress())));
            }
            device.write(one.deviceAddress(), 9);
            Expect.okay(grantee.call(UnmapCall.of(other.handle()).at(grantee.slot(1))));
            expectNothing(device, one.deviceAddress());
        }
    }

    @Needs(
            format = "layout-tree",
            iommu = {CONFINED, BUS})
    @Clause(
            id = "IOMMU-06",
            promise = "Of a tree's leaf, where bus equals machine, only the part for devices is reached by devices.",
            source = "grant-v3.md, 7.1, MAP-22")
    void partForDevices(World world) {
        RawTree tree = RawTree.of(world).forDevices();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        tree.grant(INDEX, 0, V3Entry.W);
        V3Call mapping = driver.mapping(tree.ref(INDEX), 0).and(V3Map.WRITE);
        long flags = mapping.get(V3Map.FLAGS);
        V3Answer host = grantee.call(mapping.with(V3Map.FLAGS, flags & ~V3Map.DEVICE));
        Expect.okay(host);
        expectNothing(grantee.device(0), host.get(V3Map.DEV_ADDR));
        V3Answer device = grantee.call(mapping.with(V3Map.DEST, 0).with(V3Map.FLAGS, V3Map.DEVICE));
        Expect.okay(device);
        Expect.equal("what the device reads", 0, grantee.device(0).read(device.get(V3Map.DEV_ADDR)));
        expectFault("a write", DeviceFault.NOT_WRITABLE, grantee.device(0).tryWrite(device.get(V3Map.DEV_ADDR), 1));
        driver.letGo(host);
        Expect.equal("what the device reads", 0, grantee.device(0).read(device.get(V3Map.DEV_ADDR)));
        driver.letGo(device);
        expectNothing(grantee.device(0), device.get(V3Map.DEV_ADDR));
    }

    @Needs(format = "layout-tree", iommu = CONFINED)
    @Lacks(iommu = BUS)
    @Clause(
            id = "IOMMU-07",
            promise =
                    "A leaf without DEV is unsupported for a grantee whose devices reach what stands in its physical map, and"
                            + " they reach nothing; without devices it is mapped.",
            source = "grant-v3.md, MAP-24, SEC-21")
    void leafWithoutDevices(World world) {
        RawTree tree = RawTree.of(world);
        tree.grant(INDEX, 0, V3Entry.W);
        Party grantee = world.grantee();
        Expect.status(Status.UNSUPPORTED, new TreeDriver(grantee).map(tree.ref(INDEX), 0, V3Map.WRITE));
        expectNothing(grantee.device(0), grantee.slot(0));
        Expect.equal("use of the entry", 0, tree.get(INDEX) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
        tree.put(INDEX, RawTree.leaf(world.granter().pageFrame(0), V3Entry.W | V3Entry.DEV));
        new TreeDriver(grantee).expectMaps(tree.ref(INDEX));
        Party poor = Rebuilt.grantee(world, config -> config.withDevices(0));
        RawTree other = RawTree.of(world);
        other.grant(INDEX, 0, V3Entry.W);
        new TreeDriver(poor).expectMaps(other.ref(INDEX));
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-08",
            promise = "A copy through a grant opens nothing to devices.",
            source = "xen-semantics.md, 3.10")
    void copies(World world) {
        Party grantee = world.grantee();
        long ref = grantSecret(world, READ_WRITE);
        Backend.of(world).copyFrom(ref, 0, grantee.page(0), Long.BYTES);
        Backend.of(world).copyTo(ref, 0, grantee.page(0), Long.BYTES);
        Expect.equal("what was copied", SECRET, grantee.device(0).read(own(grantee, 0)));
        expectNothing(grantee.device(0), wouldBe(world));
        Reachability.expectPrivate(world, World.GRANTER, frame(world));
    }

    // ---- memory of one's own

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-09",
            promise =
                    "A device reaches its domain's memory, and not what was given back: the page is out of reach before anybody"
                            + " else can have it.",
            source = "grant-v3.md, 8.1; xen/drivers/passthrough")
    void ownMemory(World world) {
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(1);
        long mfn = grantee.machineFrame(5);
        long address = own(grantee, 5);
        device.write(address, 55);
        Sight.value(grantee, grantee.page(5), 55);
        world.step("the grantee gives the page back");
        loseOwnMapping(grantee, 5);
        Expect.rc(1, reserve(grantee, ReservationCall.decrease(grantee.pageFrame(5))));
        expectNothing(device, address);
        Expect.equal("ways to the page", List.of(), Reachability.in(world).ways(grantee.domain(), mfn));
    }

    private static long reserve(Party party, ReservationCall call) {
        return party.call(call).rc();
    }

    /** A PV guest's page tables lead to its pages; what they lead to is not free. */
    private static void loseOwnMapping(Party party, int page) {
        if (!party.translated()) {
            Expect.rc(0, party.updateEntry(party.page(page), 0));
        }
    }

    @Needs(grantee = "typed-frames", iommu = CONFINED)
    @Clause(
            id = "IOMMU-10",
            promise =
                    "A page that becomes a page table is out of reach of devices before anything relies on it, and is reached"
                            + " again only when it is used as writable.",
            source = "XSA-288")
    void ownPageTables(World world) {
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        FrameTable frames = world.machine().frames();
        long mfn = grantee.machineFrame(5);
        long address = Page.address(mfn);
        device.write(address, 1);
        loseOwnMapping(grantee, 5);
        device.write(address, 2);
        world.step("the page is validated as a page table");
        for (int level = FrameTable.TYPE_L1; level <= FrameTable.TYPE_L4; level++) {
            Expect.holds("it can become a page table of level " + level, frames.getType(mfn, level));
            expectNothing(device, address);
            Expect.holdsNot("a device remembers it", grantee.deviceSpace().remembers(mfn));
            frames.putType(mfn);
            expectNothing(device, address);
        }
        Expect.equal("what stands in the page", 2, world.machine().memory().load64(address));
        Expect.holds("it can be used as writable", frames.getType(mfn, FrameTable.TYPE_WRITABLE));
        device.write(address, 3);
        frames.putType(mfn);
        world.step("the page tables by which it runs were never in reach");
        expectNothing(device, grantee.domain().addressSpace().entryAddress(grantee.page(0)) & -Page.SIZE);
    }

    @Needs(granter = "typed-frames", iommu = CONFINED)
    @Clause(
            id = "IOMMU-11",
            promise =
                    "A page of the granter's is no page table while a device may write to it, and no device writes to a page"
                            + " table.",
            source = "XSA-288; xen-semantics.md, 3.7; grant-v3.md, SEC-14")
    void grantedPageTables(World world) {
        Party granter = world.granter();
        PartyDevice device = world.grantee().device(0);
        FrameTable frames = world.machine().frames();
        long ref = grantSecret(world, READ_WRITE);
        Expect.rc(0, granter.updateEntry(granter.page(0), 0));
        DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
        device.write(mapping.address(), 1);
        Expect.holdsNot("it can become a page table", frames.getType(frame(world), FrameTable.TYPE_L1));
        mapping.undo();
        world.step("it becomes one");
        Expect.holds("it can become a page table", frames.getType(frame(world), FrameTable.TYPE_L1));
        expectNothing(device, mapping.address());
        Backend.of(world).cannotMap(Status.GENERAL_ERROR, ref, 0, READ_WRITE);
        expectNothing(device, mapping.address());
        if (world.combination().format().declares(Capability.GUEST_HOME)) {
            // What lies in the granter's memory grants plain memory alone.
            Backend.of(world).cannotMap(Status.BAD_PAGE, ref, 0, Access.READ);
        } else {
            DmaMapping reader = DmaMapping.of(world, ref, 0, Access.READ);
            expectReadOnly(device, reader.address(), 1);
            reader.undo();
        }
        frames.putType(frame(world));
        DmaMapping.of(world, ref, 0, READ_WRITE).undo();
    }

    @Needs(
            format = "flat-home",
            iommu = {CONFINED, BUS})
    @Clause(
            id = "IOMMU-12",
            promise =
                    "A page whose mapping the grantee wrote over stays held while its devices reach it: it is neither free nor a"
                            + " page table of anybody.",
            source = "xen-fidelity.md, devices; XSA-288")
    void overwrittenEntry(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = grantSecret(world, READ_WRITE);
        loseOwnMapping(granter, 0);
        long frame = frame(world);
        FrameTable frames = world.machine().frames();
        DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
        Sight.nothing(grantee, grantee.slot(0));
        grantee.device(0).write(mapping.address(), 1);
        if (!granter.translated()) {
            Expect.holdsNot("it can become a page table", frames.getType(frame, FrameTable.TYPE_L1));
        }
        world.step("the granter dies");
        world.destroy(granter);
        Expect.equal("owner of the page", World.GRANTER, frames.owner(frame));
        grantee.device(0).write(mapping.address(), 2);
        world.destroy(grantee);
        Expect.equal("owner of the page", FrameTable.NO_OWNER, frames.owner(frame));
    }

    // ---- taking back and death

    @Needs(format = "layout-tree", iommu = CONFINED)
    @Clause(
            id = "IOMMU-13",
            promise =
                    "After v3_revoke no device reaches the page, though it remembered it, and one that is writing has ended.",
            source = "grant-v3.md, 8.1, BLOCK; 8.2, phase 4")
    void revoked(World world) {
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world.granter(), RawTree.creation(world).and(V3TreeCreate.REVOCABLE_ONLY))
                .forDevices();
        tree.grant(INDEX, 0, V3Entry.W);
        V3Answer mapped = new TreeDriver(grantee).hold(tree.ref(INDEX), 0, V3Map.WRITE | V3Map.ACCEPT_FAULT);
        long address = wouldBe(world);
        PartyDevice busy = grantee.device(0);
        PartyDevice idle = grantee.device(1);
        idle.write(address + Long.BYTES, 1);
        grantee.store(grantee.slot(0), 2);
        V3Call revocation = tree.naming(V3Form.REVOKE)
                .and(V3Revoke.FORCE)
                .with(V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH)
                .with(V3Revoke.FIRST, INDEX)
                .with(V3Revoke.COUNT, 1);
        UnderWay.isWaitedFor(
                grantee,
                busy,
                address,
                () -> {
                    V3Answer answer = world.granter().call(revocation);
                    Expect.okay(answer);
                    Expect.equal("mappings removed", 1, answer.get(V3Revoke.UNMAPPED));
                },
                () -> {});
        Reachability.expectPrivate(world, World.GRANTER, frame(world));
        expectNothing(busy, address);
        expectNothing(idle, address);
        Sight.nothing(grantee, grantee.slot(0));
        Expect.equal(
                "what arrived",
                UnderWay.VALUE,
                world.granter().load(world.granter().page(0)));
        new TreeDriver(grantee).letGo(mapped);
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-14",
            promise =
                    "A domain that dies takes its devices with it: what is under way does not happen, and what it had mapped is"
                            + " free of them.",
            source = "grant-v3.md, SEC-10; xen-semantics.md, 5.2")
    void granteeDies(World world) {
        PartyDevice idle = world.grantee().device(0);
        PartyDevice busy = world.grantee().device(1);
        DmaMapping mapping = DmaMapping.of(world, grantSecret(world, READ_WRITE), 0, READ_WRITE);
        Expect.equal("what the device reads", SECRET, idle.read(mapping.address()));
        busy.beginWrite(mapping.address());
        long own = own(world.grantee(), 3);
        idle.write(own, 1);
        world.destroy(world.grantee());
        expectFault("the write that was under way", DeviceFault.BLOCKED, busy.finishWrite(LATE));
        expectFault("a read by the device", DeviceFault.BLOCKED, idle.tryRead(mapping.address()));
        expectFault("a write by the device", DeviceFault.BLOCKED, idle.tryWrite(own, 2));
        Expect.equal(
                "what the granter reads",
                SECRET,
                world.granter().load(world.granter().page(0)));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
        Reachability.expectPrivate(world, World.GRANTER, frame(world));
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-15",
            promise =
                    "When the granter dies a device goes on with what is mapped, and the page is nobody else's; with the unmap"
                            + " it is free and out of reach.",
            source = "xen-semantics.md, 5.1")
    void granterDies(World world) {
        PartyDevice device = world.grantee().device(0);
        long frame = frame(world);
        DmaMapping mapping = DmaMapping.of(world, grantSecret(world, READ_WRITE), 0, READ_WRITE);
        device.write(mapping.address(), 5);
        world.destroy(world.granter());
        Expect.equal("what the device reads", 5, device.read(mapping.address()));
        Expect.equal(
                "owner of the page", World.GRANTER, world.machine().frames().owner(frame));
        mapping.undo();
        expectNothing(device, mapping.address());
        Expect.equal(
                "owner of the page",
                FrameTable.NO_OWNER,
                world.machine().frames().owner(frame));
        Expect.equal("ways to the page", List.of(), Reachability.in(world).waysOfOthers(FrameTable.NO_OWNER, frame));
    }

    // ---- accesses that are under way

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-16",
            promise =
                    "An unmap waits for accesses of devices that are under way, and until they are over the granter sees its entry"
                            + " in use.",
            source = "grant-v3.md, UNMAP-8; xen-semantics.md, 3.11")
    void drained(World world) {
        PartyDevice device = world.grantee().device(0);
        DmaMapping mapping = DmaMapping.of(world, grantSecret(world, READ_WRITE), 0, READ_WRITE);
        UnderWay.isWaitedFor(
                world.grantee(),
                device,
                mapping.address(),
                mapping::undo,
                () -> Expect.holds("the entry is in use", world.table().inUse(INDEX)));
        Expect.equal(
                "what arrived",
                UnderWay.VALUE,
                world.granter().load(world.granter().page(0)));
        Expect.holds("the entry can be ended", world.table().end(INDEX));
        Reachability.expectPrivate(world, World.GRANTER, frame(world));
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-17",
            promise =
                    "A device that does not end its access is cut off after a second: the unmap goes on, the write never"
                            + " arrives, other devices of the domain work, and nobody waits for it again.",
            source = "grant-v3.md, REVOKE-hw-2; iommu_dev_iotlb_timeout")
    void quarantined(World world) {
        Party grantee = world.grantee();
        PartyDevice hung = grantee.device(0);
        PartyDevice other = grantee.device(1);
        long ref = grantSecret(world, READ_WRITE);
        DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
        hung.beginWrite(mapping.address());
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    mapping.undo();
                    over.set(true);
                },
                () -> {
                    while (!over.get()) {
                        world.clock().advance(Duration.ofNanos(DeviceSpace.DRAIN_NANOS));
                        Thread.onSpinWait();
                    }
                });
        Expect.holds("the device is cut off", hung.bare().blocked());
        Expect.equal("devices in quarantine", 1, grantee.deviceSpace().counts().quarantined());
        Reachability.expectPrivate(world, World.GRANTER, frame(world));
        expectFault("the end of the access", DeviceFault.BLOCKED, hung.finishWrite(LATE));
        Expect.equal(
                "what the granter reads",
                SECRET,
                world.granter().load(world.granter().page(0)));
        world.step("the other device works, and its unmap waits for nobody");
        DmaMapping again = DmaMapping.of(world, ref, 0, READ_WRITE);
        other.write(again.address(), 9);
        expectFault("a write by the device", DeviceFault.BLOCKED, hung.tryWrite(again.address(), LATE));
        again.undo();
        Expect.equal("what arrived", 9, world.granter().load(world.granter().page(0)));
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-18",
            promise =
                    "While a page that is given back waits for a device that hangs, nobody else waits: others get and give"
                            + " memory.",
            source = "grant-v3.md, REVOKE-15")
    void nobodyElseWaits(World world) {
        Party grantee = world.grantee();
        Party granter = world.granter();
        PartyDevice device = grantee.device(0);
        long address = own(grantee, 5);
        loseOwnMapping(grantee, 5);
        loseOwnMapping(granter, 5);
        UnderWay.isWaitedFor(
                grantee,
                device,
                address,
                () -> Expect.rc(1, reserve(grantee, ReservationCall.decrease(grantee.pageFrame(5)))),
                () -> {
                    Expect.rc(1, reserve(granter, ReservationCall.decrease(granter.pageFrame(5))));
                    Expect.rc(1, reserve(granter, ReservationCall.populate(granter.pageFrame(5))));
                });
        expectNothing(device, address);
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-19",
            promise =
                    "Against a device that never rests: once an unmap has returned nothing of what it writes arrives.",
            source = "grant-v3.md, UNMAP-8, I6")
    void busyDevice(World world) {
        Party granter = world.granter();
        PartyDevice device = world.grantee().device(0);
        long ref = grantSecret(world, READ_WRITE);
        long address = wouldBe(world);
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    while (!over.get()) {
                        device.tryWrite(address, LATE);
                    }
                },
                () -> {
                    try {
                        for (int turn = 0; turn < TURNS; turn++) {
                            DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
                            UnderWay.letOthersRun();
                            mapping.undo();
                            granter.store(granter.page(0), turn);
                            for (int look = 0; look < LOOKS; look++) {
                                Expect.equal("what the granter reads", turn, granter.load(granter.page(0)));
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                });
    }

    // ---- caches, blocks, faults

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-20",
            promise =
                    "What a device remembers stays good until it is invalidated: an invalidation that is forgotten shows.",
            source = "xen/drivers/passthrough; docs/architecture.md")
    void remembers(World world) {
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        DeviceSpace space = grantee.deviceSpace();
        world.granter().store(world.granter().page(0), SECRET);
        long frame = frame(world);
        long address = wouldBe(world);
        PhysicalMap map = grantee.domain().physicalMap();
        if (grantee.translated()) {
            map.set(Page.frame(address), frame, Page.ORDER_4K, PhysicalMap.GRANT_RO);
        } else {
            space.map(frame, frame, Page.ORDER_4K, Access.READ);
        }
        Expect.equal("what the device reads", SECRET, device.read(address));
        world.step("the entry goes, and nobody says so");
        if (grantee.translated()) {
            map.clear(Page.frame(address), Page.ORDER_4K);
        } else {
            space.unmap(frame, frame, Page.ORDER_4K, Access.READ);
        }
        Expect.equal("the entry", DeviceSpace.NO_ENTRY, space.entry(Page.frame(address)));
        Expect.equal("what the device still reads", SECRET, device.read(address));
        Expect.equal(
                "ways to the page",
                List.of("d2: the IOTLB, or an access that is under way"),
                Reachability.in(world).waysOfOthers(World.GRANTER, frame));
        world.step("it is invalidated");
        space.queueInvalidation(Page.frame(address), Page.ORDER_4K);
        space.drain();
        expectNothing(device, address);
        Reachability.expectPrivate(world, World.GRANTER, frame);
    }

    @Needs(format = "large-leaves", granter = "translated", grantee = "large-mappings", iommu = CONFINED)
    @Clause(
            id = "IOMMU-21",
            promise = "A mapping of 2 MiB is reached in all of its pages, and goes as a whole.",
            source = "grant-v3.md, 10, LARGE-1")
    void largeMapping(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        GuestKernel kernel = granter.kernel();
        long block = kernel.allocatePages(Page.ORDER_2M);
        world.table().grant(0, World.GRANTEE, kernel.frameOf(block), Page.ORDER_2M, READ_WRITE);
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        MappedGrant mapped = new MappedGrant();
        long ref = world.table().reference(0);
        Expect.status(
                "status of map",
                Status.OKAY,
                grantee.kernel().map(World.GRANTER, ref, slot, Page.ORDER_2M, READ_WRITE, mapped));
        for (int page : SAMPLES) {
            device.write(slot + Page.address(page), page);
            Sight.value(granter, block + Page.address(page), page);
        }
        Expect.status("status of unmap", Status.OKAY, grantee.kernel().unmap(mapped));
        for (int page : SAMPLES) {
            expectNothing(device, slot + Page.address(page));
        }
        long first = granter.domain().physicalMap().machineFrame(Page.frame(block));
        for (int page = 0; page < BLOCK_PAGES; page++) {
            Reachability.expectPrivate(world, World.GRANTER, first + page);
        }
    }

    @Needs(
            format = {"layout-tree", "large-leaves"},
            granter = "translated",
            grantee = "large-mappings",
            iommu = CONFINED)
    @Clause(
            id = "IOMMU-22",
            promise = "Of a block that is mapped page by page the pages go that are unmapped, and no others.",
            source = "grant-v3.md, 7.2, 10")
    void partOfABlock(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        long block = granter.kernel().allocatePages(Page.ORDER_2M);
        RawTree tree = RawTree.of(world);
        tree.put(2, BLOCK_PAGES, RawTree.leaf(granter.kernel().frameOf(block), V3Entry.W | V3Entry.DEV));
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = grantee.call(driver.mapping(tree.ref(BLOCK_PAGES), 0)
                .and(V3Map.WRITE)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, BLOCK_PAGES));
        Expect.okay(mapped);
        for (int page = 0; page < BLOCK_PAGES; page++) {
            device.write(slot + Page.address(page), page);
        }
        long handle = mapped.get(V3Map.HANDLE);
        Expect.okay(grantee.call(TreeDriver.unmapping(handle, 100, 100)));
        for (int page : new int[] {0, 99, 200, 511}) {
            Expect.equal("what the device reads", page, device.read(slot + Page.address(page)));
        }
        for (int page : new int[] {100, 150, 199}) {
            expectNothing(device, slot + Page.address(page));
        }
        Expect.okay(grantee.call(TreeDriver.unmapping(handle, 0, 100)));
        Expect.okay(grantee.call(TreeDriver.unmapping(handle, 200, 312)));
        for (int page : SAMPLES) {
            expectNothing(device, slot + Page.address(page));
        }
    }

    @Needs(grantee = "large-mappings", iommu = CONFINED)
    @Clause(
            id = "IOMMU-23",
            promise =
                    "When a guest gives back one page of a block, its devices lose that page and keep its neighbours.",
            source = "grant-v3.md, LARGE-5")
    void blockWithAHole(World world) {
        Party grantee = world.grantee();
        PartyDevice device = grantee.device(0);
        long block = grantee.kernel().allocatePages(Page.ORDER_2M);
        for (int page : new int[] {0, 299, 300, 301, 511}) {
            device.write(block + Page.address(page), page);
        }
        long hole = Page.frame(block) + 300;
        long mfn = grantee.domain().physicalMap().machineFrame(hole);
        Expect.rc(1, reserve(grantee, ReservationCall.decrease(hole)));
        expectNothing(device, Page.address(hole));
        Expect.equal("ways to the page", List.of(), Reachability.in(world).ways(grantee.domain(), mfn));
        for (int page : new int[] {0, 299, 301, 511}) {
            Expect.equal("what the device reads", page, device.read(block + Page.address(page)));
        }
    }

    @Needs(iommu = CONFINED)
    @Clause(
            id = "IOMMU-24",
            promise =
                    "Every access that is refused is recorded with device, address, right and reason; a device that makes many"
                            + " displaces old ones, and their numbers tell how many there were.",
            source = "grant-v3.md, SEC-17")
    void faults(World world) {
        Party grantee = world.grantee();
        DeviceSpace space = grantee.deviceSpace();
        DmaMapping reader = DmaMapping.of(world, grantSecret(world, Access.READ), 0, Access.READ);
        grantee.device(1).tryWrite(reader.address() + 16, 1);
        Expect.equal(
                "the last fault",
                new DeviceFault(0, 1, reader.address() + 16, Access.WRITE, DeviceFault.NOT_WRITABLE),
                space.faults().getLast());
        reader.undo();
        for (int n = 1; n <= 200; n++) {
            grantee.device(0).tryRead(reader.address());
        }
        Expect.equal("faults", 201, space.counts().faults());
        Expect.equal(
                "the last fault",
                new DeviceFault(200, 0, reader.address(), Access.READ, DeviceFault.NOT_MAPPED),
                space.faults().getLast());
        Expect.holds("not all are kept", space.faults().size() < 201);
    }

    @Lacks(iommu = CONFINED)
    @Clause(
            id = "IOMMU-25",
            promise = "Without an IOMMU a device reaches all memory, granted or not: nothing is promised about it.",
            source = "capability confined-devices, which is not declared")
    void unconfined(World world) {
        PartyDevice device = world.grantee().device(0);
        world.granter().store(world.granter().page(0), SECRET);
        Expect.equal("what the device reads", SECRET, device.read(Page.address(frame(world))));
        device.write(Page.address(frame(world)), 1);
        Expect.equal(
                "what the granter reads",
                1,
                world.granter().load(world.granter().page(0)));
    }
}
