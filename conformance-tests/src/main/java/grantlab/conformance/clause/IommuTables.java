package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DeviceSight.READ_WRITE;
import static grantlab.conformance.clause.DeviceSight.SECRET;
import static grantlab.conformance.clause.DeviceSight.expectNothing;
import static grantlab.conformance.clause.DeviceSight.frame;
import static grantlab.conformance.clause.DeviceSight.grantSecret;
import static grantlab.conformance.clause.DeviceSight.reserve;
import static grantlab.conformance.clause.DeviceSight.wouldBe;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.IommuProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Choice;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.V3Answer;
import grantlab.hypervisor.Installed;
import java.util.List;

/** What an IOTLB remembers, blocks and their parts, faults. */
final class IommuTables {
    private static final int BLOCK_PAGES = 1 << Page.ORDER_2M;
    private static final int[] SAMPLES = {0, 257, 511};

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

    @Concerns(Member.IOMMU)
    @Clause(
            id = "IOMMU-27",
            promise =
                    "A kind of IOMMU is what it was chosen for, whenever it is asked: by its name, and by what it declares.",
            source = "Provider: name, capabilities")
    void staysWhatItIs(World world) {
        Installed installed = world.machine().installed();
        for (IommuProvider kind : installed.iommus()) {
            Expect.equal("who is found by the name " + kind.name(), kind, installed.iommu(kind.name()));
        }
        Choice chosen = world.combination().member(Member.IOMMU);
        if (chosen != null) {
            Expect.equal("its name and what it declares", chosen, Choice.of(installed.iommu(chosen.name())));
        }
    }
}
