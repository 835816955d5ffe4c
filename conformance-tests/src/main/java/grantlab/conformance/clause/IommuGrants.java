package grantlab.conformance.clause;

import static grantlab.api.abi.Gntmap.DEVICE_MAP;
import static grantlab.api.abi.Gntmap.HOST_MAP;
import static grantlab.conformance.clause.DeviceSight.BUS;
import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DeviceSight.INDEX;
import static grantlab.conformance.clause.DeviceSight.READ_WRITE;
import static grantlab.conformance.clause.DeviceSight.SECRET;
import static grantlab.conformance.clause.DeviceSight.expectFault;
import static grantlab.conformance.clause.DeviceSight.expectNothing;
import static grantlab.conformance.clause.DeviceSight.expectReadOnly;
import static grantlab.conformance.clause.DeviceSight.frame;
import static grantlab.conformance.clause.DeviceSight.grantSecret;
import static grantlab.conformance.clause.DeviceSight.own;
import static grantlab.conformance.clause.DeviceSight.wouldBe;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.lang.foreign.MemorySegment;

/** Memory of others: reached from map to unmap, with the rights of the mapping. */
final class IommuGrants {
    private static final int RUN = 10;

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

    @Needs(format = "layout-tree", iommu = CONFINED)
    @Clause(
            id = "IOMMU-26",
            promise = "A device reaches each page of a run, with the rights of the run, until that page is unmapped.",
            source = "grant-v3.md, 7.1; UNMAP-8")
    void pagesOfARun(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world).forDevices();
        TreeDriver driver = new TreeDriver(grantee);
        for (int n = 0; n < RUN; n++) {
            tree.grant(n, n, V3Entry.W);
            granter.store(granter.page(n), SECRET + n);
        }
        V3Answer mapped =
                grantee.call(driver.mapping(tree.ref(0), 0).and(V3Map.WRITE).with(V3Map.COUNT, RUN));
        Expect.okay(mapped);
        boolean bus = mapped.get(V3Map.DEV_ADDR) != -1;
        PartyDevice device = grantee.device(0);
        for (int left = 0; left <= RUN; left++) {
            for (int n = 0; n < RUN; n++) {
                long address = bus ? Page.address(granter.machineFrame(n)) : grantee.slot(n);
                if (n < left) {
                    expectNothing(device, address);
                } else {
                    Expect.equal("page " + n, SECRET + n, device.read(address));
                    device.write(address + Long.BYTES, left);
                    Expect.equal("page " + n, left, granter.load(granter.page(n) + Long.BYTES));
                }
            }
            if (left < RUN) {
                Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), left, 1)));
            }
        }
    }
}
