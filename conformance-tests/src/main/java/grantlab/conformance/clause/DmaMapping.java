package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.abi.V3Map;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;

/**
 * A page of the granter that a guest has mapped for its device too, whatever the format is.
 *
 * @param address where devices of the guest find it: the machine address where bus equals machine, else the guest's own
 * @param undoing how it is unmapped
 */
record DmaMapping(long address, Runnable undoing) {
    /** Maps it for the grantee. */
    static DmaMapping of(World world, long ref, int slot, int access) {
        return of(world, world.grantee(), ref, slot, access);
    }

    /** Maps it for a guest, and that must work. */
    static DmaMapping of(World world, Party party, long ref, int slot, int access) {
        return world.combination().format().declares(Capability.GUEST_HOME)
                ? leaf(party, ref, slot, access)
                : grant(world, party, ref, slot, access);
    }

    private static DmaMapping leaf(Party party, long ref, int slot, int access) {
        TreeDriver driver = new TreeDriver(party);
        V3Answer mapped = driver.hold(ref, slot, Access.writes(access) ? V3Map.WRITE : 0);
        return new DmaMapping(address(party, slot, mapped.get(V3Map.DEV_ADDR)), () -> driver.letGo(mapped));
    }

    private static DmaMapping grant(World world, Party party, long ref, int slot, int access) {
        Backend backend = Backend.in(world, party);
        MappedGrant mapped = backend.map(ref, slot, access);
        return new DmaMapping(address(party, slot, mapped.deviceAddress), () -> backend.unmap(mapped));
    }

    private static long address(Party party, int slot, long machineAddress) {
        return party.translated() ? party.slot(slot) : machineAddress;
    }

    /** Unmaps it, and that must work. */
    void undo() {
        undoing.run();
    }
}
