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
import static grantlab.conformance.clause.DeviceSight.loseOwnMapping;
import static grantlab.conformance.clause.DeviceSight.own;
import static grantlab.conformance.clause.DeviceSight.reserve;
import static grantlab.conformance.clause.DeviceSight.wouldBe;

import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Accesses that are under way, and devices that do not come to an end. */
final class IommuAccesses {
    private static final int TURNS = 60;
    private static final int LOOKS = 40;

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
        AtomicLong arrived = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    for (int n = 1; !over.get(); n++) {
                        if (device.tryWrite(address, LATE) == 0) {
                            arrived.incrementAndGet();
                        }
                        Race.giveWayNowAndThen(n);
                    }
                },
                () -> {
                    try {
                        for (int turn = 0; turn < TURNS; turn++) {
                            long before = arrived.get();
                            DmaMapping mapping = DmaMapping.of(world, ref, 0, READ_WRITE);
                            for (int looks = 0; arrived.get() == before; looks++) {
                                Race.expectSoon("a write that arrives", looks);
                            }
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
}
