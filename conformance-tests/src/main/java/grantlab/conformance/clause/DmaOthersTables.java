package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DmaClauses.SHARED;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Devices that are translated by a table that is somebody else's, or by none. */
final class DmaOthersTables {
    @Needs(iommu = SHARED)
    @Clause(
            id = "DMA-41",
            promise =
                    "Where the guest-physical map is the table, its types are the rights; mapping changes nothing, and what was remembered"
                            + " is to be forgotten all the same.",
            source =
                    "DeviceSpace, followsPhysicalMap, accessByMap; xen/arch/x86/include/asm/p2m.h (p2m_get_iommu_flags)")
    void byTheMap(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            PhysicalMap map = own.map();
            Expect.holds("it is the map", space.followsPhysicalMap());
            Expect.equal("where a grant is", 5, space.deviceFrame(5, 9));
            Expect.equal("nothing", DeviceSpace.NO_ENTRY, space.entry(700));
            for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                boolean writable = switch (type) {
                    case PhysicalMap.RAM_RO, PhysicalMap.GRANT_RO, PhysicalMap.V3_GRANT_RO -> false;
                    default -> true;
                };
                map.set(700, 9, Page.ORDER_4K, type);
                Expect.equal(
                        "entry of type " + type,
                        DeviceSpace.entry(9, Page.ORDER_4K, writable ? READ_WRITE : Access.READ),
                        space.entry(700));
            }
            map.set(1024, 512, Page.ORDER_2M, PhysicalMap.RAM_RO);
            Expect.equal("in a block", DeviceSpace.entry(519, Page.ORDER_2M, Access.READ), space.entry(1031));
            for (long dfn : new long[] {map.limit(), -1}) {
                Expect.equal("beyond the map", DeviceSpace.NO_ENTRY, space.entry(dfn));
            }
            Expect.status("mapping", Status.MODIFIED, space.map(800, 3, Page.ORDER_4K, Access.READ));
            Expect.equal("nothing", DeviceSpace.NO_ENTRY, space.entry(800));
            Expect.status("unmapping", Status.MODIFIED, space.unmap(700, 9, Page.ORDER_4K, Access.READ));
            Expect.status("less", Status.MODIFIED, space.downgrade(700, 9, Page.ORDER_4K));
            Expect.status("a sink", Status.UNSUPPORTED, space.sink(700, 9, Page.ORDER_4K, 3));
            Expect.equal("what is there", 9, DeviceSpace.frameOf(space.entry(700)));
            Expect.equal("the next", 700, space.next(0));
            Expect.equal("the next", 1030, space.next(1030));
            Expect.equal("none", DeviceSpace.NONE, space.next(1536));
            Expect.equal("where a frame is", 1031, space.findNext(519, 0));
            Expect.equal("none", DeviceSpace.NONE, space.findNext(519, 1032));
            Expect.equal("uses", 0, space.uses(9, Access.READ));
            space.dispose();
            Expect.equal("the map outlives its devices", 9, map.machineFrame(700));
        }
    }

    @Lacks(iommu = CONFINED)
    @Clause(
            id = "DMA-42",
            promise =
                    "Without an IOMMU the bus address is the machine address, and all of RAM is there; nothing is ever mapped.",
            source = "capability confined-devices, which is not declared")
    void none(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Expect.holdsNot("it is the map", space.followsPhysicalMap());
            Expect.equal("where a grant is", 9, space.deviceFrame(5, 9));
            for (long mfn : new long[] {0, 0x5ff, OwnRam.LAST}) {
                Expect.equal("entry", DeviceSpace.entry(mfn, Page.ORDER_4K, READ_WRITE), space.entry(mfn));
                Expect.equal("where a frame is", mfn, space.findNext(mfn, mfn));
                Expect.equal("behind it", DeviceSpace.NONE, space.findNext(mfn, mfn + 1));
            }
            for (long mfn : new long[] {0x600, OwnRam.LAST + 1, -1}) {
                Expect.equal("no RAM", DeviceSpace.NO_ENTRY, space.entry(mfn));
                Expect.equal("no RAM", DeviceSpace.NONE, space.findNext(mfn, Long.MIN_VALUE));
            }
            Expect.status("mapping", Status.OKAY, space.map(5, 5, Page.ORDER_4K, Access.READ));
            Expect.status("unmapping", Status.OKAY, space.unmap(5, 5, Page.ORDER_4K, Access.READ));
            Expect.status("less", Status.OKAY, space.downgrade(5, 5, Page.ORDER_4K));
            Expect.status("a sink", Status.UNSUPPORTED, space.sink(5, 5, Page.ORDER_4K, 3));
            Expect.equal("what was mapped", DeviceSpace.NONE, space.next(0));
            Expect.equal("uses", 0, space.uses(5, Access.READ));
            long mfn = own.ram.frame(OwnRam.OTHER);
            Device device = space.attach();
            own.ram.memory().store64(Page.address(mfn), 42);
            OwnSpace.reads(device, Page.address(mfn), 42);
            OwnSpace.fault("beyond RAM", DeviceFault.NOT_MAPPED, OwnSpace.read(device, Page.address(OwnRam.HIGH)));
        }
    }
}
