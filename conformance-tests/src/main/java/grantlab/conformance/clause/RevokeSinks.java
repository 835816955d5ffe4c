package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Capability;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.iommu.DeviceFault;
import grantlab.conformance.Choice;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;

/** What devices go on to write vanishes in a page of the granter's. */
@Needs(format = "layout-tree")
@Concerns(Member.IOMMU)
final class RevokeSinks {
    private static final String SOURCE = "grant-v3.md, 8.1, SINK_WO";
    private static final String WRITE_ONLY = "write-only-entries";
    private static final int INDEX = 5;
    private static final int PAGE = 3;
    private static final int SCRATCH = 7;
    private static final int ACCEPT = V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_SINK;

    private static V3Call sinking(World world, RawTree tree, long first, long count) {
        return revocation(tree, first, count)
                .with(V3Revoke.DEV_FATE, V3Revoke.DEV_SINK_WO)
                .with(V3Revoke.SCRATCH_GFN, world.granter().pageFrame(SCRATCH));
    }

    private static void expectTaken(World world, V3Call call, int mappings, int result) {
        V3Answer answer = world.granter().call(call);
        Expect.okay(answer);
        Expect.equal("mappings removed", mappings, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("result", result, answer.get(V3Revoke.RESULT));
    }

    @Needs(iommu = {DeviceSight.CONFINED, WRITE_ONLY})
    @Lacks(iommu = DeviceSight.BUS)
    @Clause(
            id = "REVOKE-45",
            promise =
                    "With SINK_WO a device goes on to write, and nothing of it arrives at the page; what it reads faults, and the CPU"
                            + " has nothing. With the acknowledgement writes fault too, and the scratch page is let go.",
            source = SOURCE)
    void writesVanish(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, ACCEPT);
        PartyDevice device = grantee.device(0);
        long address = grantee.slot(0);
        device.write(address, 1);
        long held = world.references(SCRATCH);
        expectTaken(world, sinking(world, tree, INDEX, 1), 1, 0);
        expectPrivate(world, PAGE);
        device.write(address, 2);
        DeviceSight.expectFault("a read", DeviceFault.NOT_READABLE, device.tryRead(address));
        Sight.nothing(grantee, address);
        Sight.value(granter, granter.page(PAGE), 1);
        Sight.value(granter, granter.page(SCRATCH), 2);
        Expect.equal("references of the scratch page", held + 1, world.references(SCRATCH));
        world.machine().checkInvariants();
        driver.letGo(mapped);
        DeviceSight.expectNothing(device, address);
        Expect.equal("references of the scratch page", held, world.references(SCRATCH));
        expectPrivate(world, SCRATCH);
        world.machine().checkInvariants();
    }

    @Needs(iommu = {DeviceSight.CONFINED, WRITE_ONLY})
    @Lacks(iommu = DeviceSight.BUS)
    @Clause(
            id = "REVOKE-46",
            promise =
                    "A place whose writes vanish is free: what the grantee maps there is reached by its devices, and the"
                            + " acknowledgement touches it not.",
            source = SOURCE + "; 8.2, phase 7")
    void placeIsUsedAnew(World world) {
        Party grantee = world.grantee();
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        tree.grant(INDEX + 1, PAGE + 1, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, ACCEPT);
        PartyDevice device = grantee.device(0);
        long address = grantee.slot(0);
        long held = world.references(SCRATCH);
        expectTaken(world, sinking(world, tree, INDEX, 1), 1, 0);
        device.write(address, 2);
        V3Answer other = driver.hold(tree.ref(INDEX + 1), 0, ACCEPT);
        device.write(address, 3);
        Sight.value(grantee, address, 3);
        Sight.value(world.granter(), world.granter().page(SCRATCH), 2);
        world.machine().checkInvariants();
        driver.letGo(mapped);
        Expect.equal("what the device reads", 3, device.read(address));
        Expect.equal("references of the scratch page", held, world.references(SCRATCH));
        driver.letGo(other);
        DeviceSight.expectNothing(device, address);
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Clause(
            id = "REVOKE-47",
            promise =
                    "A device that cannot have SINK_WO is blocked, and the result says so: without consent, and where entries can not"
                            + " be only written.",
            source = SOURCE + "; REVOKE-hw-3")
    void fallsBack(World world) {
        Party grantee = world.grantee();
        Choice iommu = world.combination().member(Member.IOMMU);
        boolean can = iommu != null && iommu.declares(Capability.WRITE_ONLY_ENTRIES) && grantee.translated();
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        tree.grant(INDEX + 1, PAGE + 1, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer insisting = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | V3Map.ACCEPT_FAULT);
        V3Answer agreeing = driver.hold(tree.ref(INDEX + 1), 1, ACCEPT);
        long address = grantee.translated() ? grantee.slot(0) : insisting.get(V3Map.DEV_ADDR);
        grantee.device(0).write(address, 1);
        long held = world.references(SCRATCH);
        expectTaken(world, sinking(world, tree, INDEX, 1), 1, V3Revoke.FELL_BACK_TO_BLOCK);
        DeviceSight.expectNothing(grantee.device(0), address);
        expectTaken(world, sinking(world, tree, INDEX + 1, 1), 1, can ? 0 : V3Revoke.FELL_BACK_TO_BLOCK);
        expectPrivate(world, PAGE, PAGE + 1);
        Expect.equal("references of the scratch page", held + (can ? 1 : 0), world.references(SCRATCH));
        world.machine().checkInvariants();
        driver.letGo(insisting);
        driver.letGo(agreeing);
        Expect.equal("references of the scratch page", held, world.references(SCRATCH));
    }

    @Clause(
            id = "REVOKE-48",
            promise =
                    "A scratch page is plain memory of the caller, named with SINK_WO and never without; without devices there is"
                            + " nothing to vanish.",
            source = "grant-v3.md, REVOKE-4, REVOKE-9")
    void scratchPages(World world) {
        Party granter = world.granter();
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        V3Answer mapped = new TreeDriver(world.grantee()).hold(tree.ref(INDEX), 0, ACCEPT);
        V3Call sound = sinking(world, tree, INDEX, 1);
        Expect.status(Status.INVAL, granter.call(sound.with(V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH)));
        Expect.status(Status.INVAL, granter.call(sound.with(V3Revoke.DEV_FATE, V3Revoke.DEV_BLOCK)));
        Expect.status(Status.BAD_PAGE, granter.call(sound.with(V3Revoke.SCRATCH_GFN, 0x7fff_ffffL)));
        Expect.bits("type of the entry", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(INDEX));
        long held = world.references(SCRATCH);
        V3Answer answer = granter.call(sound);
        Expect.okay(answer);
        expectPrivate(world, PAGE);
        if (!world.grantee().ownsDevices()) {
            Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
            Expect.equal("references of the scratch page", held, world.references(SCRATCH));
        }
        new TreeDriver(world.grantee()).letGo(mapped);
        Expect.equal("references of the scratch page", held, world.references(SCRATCH));
    }

    @Needs(iommu = {DeviceSight.CONFINED, WRITE_ONLY})
    @Lacks(iommu = DeviceSight.BUS)
    @Clause(
            id = "REVOKE-49",
            promise =
                    "The death of either side leaves nothing of a scratch page: of the granter it stays until the acknowledgement.",
            source = SOURCE + "; I8")
    void deaths(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = revocable(world);
        tree.grant(INDEX, PAGE, V3Entry.W);
        tree.grant(INDEX + 1, PAGE + 1, V3Entry.W);
        long held = world.references(SCRATCH);
        new TreeDriver(grantee).hold(tree.ref(INDEX), 0, ACCEPT);
        expectTaken(world, sinking(world, tree, INDEX, 1), 1, 0);
        Party again = Rebuilt.grantee(world, config -> config);
        Expect.equal("references of the scratch page", held, world.references(SCRATCH));
        RawTree other = revocable(world);
        other.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(again);
        V3Answer mapped = driver.hold(other.ref(INDEX), 0, ACCEPT);
        expectTaken(world, sinking(world, other, INDEX, 1), 1, 0);
        long scratch = granter.machineFrame(SCRATCH);
        world.destroy(granter);
        again.device(0).write(again.slot(0), 9);
        Expect.equal(
                "owner of the scratch page",
                World.GRANTER,
                world.machine().frames().owner(scratch));
        driver.letGo(mapped);
        Expect.equal(
                "references of the scratch page", 0, world.machine().frames().references(scratch));
        world.machine().checkInvariants();
    }

    @Needs(iommu = {DeviceSight.CONFINED, WRITE_ONLY})
    @Lacks(iommu = DeviceSight.BUS)
    @Clause(
            id = "REVOKE-56",
            promise =
                    "With ASYNC too devices are waited for where their writes are to vanish: when the call returns they do, nothing is pending,"
                            + " and the ring says so.",
            source = SOURCE + "; 8.2, phase 4, ASYNC")
    void nothingIsLater(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EventRing ring = RevokeLater.ring(world);
        RawTree tree = RevokeLater.tree(world, ring);
        tree.grant(INDEX, PAGE, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, ACCEPT);
        PartyDevice device = grantee.device(0);
        device.write(grantee.slot(0), 1);
        V3Answer answer = granter.call(sinking(world, tree, INDEX, 1).and(V3Revoke.ASYNC));
        Expect.okay(answer);
        Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
        device.write(grantee.slot(0), 2);
        Sight.value(granter, granter.page(PAGE), 1);
        Sight.value(granter, granter.page(SCRATCH), 2);
        expectPrivate(world, PAGE);
        RevokeLater.expectDone(ring, answer, 1, 0);
        driver.letGo(mapped);
        expectPrivate(world, SCRATCH);
        world.machine().checkInvariants();
    }
}
