package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.DeviceSight.INDEX;
import static grantlab.conformance.clause.DeviceSight.LATE;
import static grantlab.conformance.clause.DeviceSight.READ_WRITE;
import static grantlab.conformance.clause.DeviceSight.SECRET;
import static grantlab.conformance.clause.DeviceSight.expectFault;
import static grantlab.conformance.clause.DeviceSight.expectNothing;
import static grantlab.conformance.clause.DeviceSight.frame;
import static grantlab.conformance.clause.DeviceSight.grantSecret;
import static grantlab.conformance.clause.DeviceSight.own;
import static grantlab.conformance.clause.DeviceSight.wouldBe;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.List;

/** What is taken back, and what dies, is out of reach. */
final class IommuEnds {
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
}
