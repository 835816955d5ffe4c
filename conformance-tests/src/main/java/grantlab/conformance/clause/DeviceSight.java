package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;

/** What clauses about devices do, and what they expect to see. */
final class DeviceSight {
    static final String CONFINED = "confined-devices";

    static final String BUS = "bus-is-machine";
    static final int READ_WRITE = Access.READ | Access.WRITE;
    static final int INDEX = World.FIRST_INDEX;
    static final long SECRET = 0x5ec2_e75e_c2e7_5ec2L;
    static final long LATE = 0x1a7e_1a7e_1a7e_1a7eL;

    /** Why it counts otherwise beside devices: docs/xen-fidelity.md. */
    static final String COUNTED = "each handle of a guest that owns devices holds one reference more, for them";

    /** Why fates other than FAULT are refused beside devices (grant-v3.md, MAP-1; FAULT-03). */
    static final String NO_STAND_INS = "nothing stands in for what devices reach by the map of their guest";

    /** Why it cannot grant to devices too. */
    static final String WORDS = "it is about whole words of leaves, in which it grants nothing to devices";

    private DeviceSight() {}

    static long frame(World world) {
        return world.granter().machineFrame(0);
    }

    /** The granter writes p0 and grants it. */
    static long grantSecret(World world, int access) {
        world.granter().store(world.granter().page(0), SECRET);
        return world.grant(0, access);
    }

    /** Where a device finds a page of its own domain. */
    static long own(Party party, int page) {
        return party.translated() ? party.page(page) : Page.address(party.machineFrame(page));
    }

    /** Where a device would find p0 of the granter if it were mapped in slot 0. */
    static long wouldBe(World world) {
        Party grantee = world.grantee();
        return grantee.translated() ? grantee.slot(0) : Page.address(frame(world));
    }

    static void expectFault(String what, int reason, int got) {
        Expect.equal(what, DeviceFault.name(reason), got == 0 ? "no fault" : DeviceFault.name(got));
    }

    static void expectNothing(PartyDevice device, long address) {
        expectFault("a read by the device", DeviceFault.NOT_MAPPED, device.tryRead(address));
        expectFault("a write by the device", DeviceFault.NOT_MAPPED, device.tryWrite(address, 0xbad));
    }

    static void expectReadOnly(PartyDevice device, long address, long value) {
        Expect.equal("what the device reads", value, device.read(address));
        expectFault("a write by the device", DeviceFault.NOT_WRITABLE, device.tryWrite(address, 0xbad));
        Expect.equal("what the device reads", value, device.read(address));
    }

    static long reserve(Party party, ReservationCall call) {
        return party.call(call).rc();
    }

    /** A PV guest's page tables lead to its pages; what they lead to is not free. */
    static void loseOwnMapping(Party party, int page) {
        if (!party.translated()) {
            Expect.rc(0, party.updateEntry(party.page(page), 0));
        }
    }
}
