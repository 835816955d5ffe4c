package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.BUS;
import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DeviceSight.READ_WRITE;
import static grantlab.conformance.clause.DeviceSight.expectNothing;
import static grantlab.conformance.clause.DeviceSight.expectReadOnly;
import static grantlab.conformance.clause.DeviceSight.frame;
import static grantlab.conformance.clause.DeviceSight.grantSecret;
import static grantlab.conformance.clause.DeviceSight.loseOwnMapping;
import static grantlab.conformance.clause.DeviceSight.own;
import static grantlab.conformance.clause.DeviceSight.reserve;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import java.util.List;

/** Memory of one's own, but for page tables. */
final class IommuOwnMemory {
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
}
