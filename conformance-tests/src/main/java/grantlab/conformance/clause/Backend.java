package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.ClauseFailure;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;

/**
 * Uses the granter's grants as a backend does, through a guest's kernel: on every format. What is refused is refused
 * with the named status by formats with a flat table; others have statuses of their own.
 */
final class Backend {
    private static final int CALL_FAILED = -1000;

    private final World world;
    private final Party party;

    private Backend(World world, Party party) {
        this.world = world;
        this.party = party;
    }

    /** The one in the grantee. */
    static Backend of(World world) {
        return new Backend(world, world.grantee());
    }

    /** One in another guest. */
    static Backend in(World world, Party party) {
        return new Backend(world, party);
    }

    MappedGrant map(long ref, int slot) {
        return map(ref, slot, Access.READ | Access.WRITE);
    }

    MappedGrant map(long ref, int slot, int access) {
        MappedGrant mapping = new MappedGrant();
        Expect.status("status of map", Status.OKAY, tryMap(ref, slot, access, mapping));
        return mapping;
    }

    /** The mapping is refused, and nothing is in the slot afterwards. */
    void cannotMap(int flatStatus, long ref, int slot, int access) {
        refused("map", flatStatus, tryMap(ref, slot, access, new MappedGrant()));
        Sight.nothing(party, party.slot(slot));
    }

    private int tryMap(long ref, int slot, int access, MappedGrant mapping) {
        return party.kernel().map(World.GRANTER, ref, party.slot(slot), Page.ORDER_4K, access, mapping);
    }

    void unmap(MappedGrant mapping) {
        Expect.status("status of unmap", Status.OKAY, party.kernel().unmap(mapping));
    }

    void cannotUnmap(int flatStatus, MappedGrant mapping) {
        refused("unmap", flatStatus, party.kernel().unmap(mapping));
    }

    /** Copies out of a grant to an address of the guest. */
    void copyFrom(long ref, int offset, long address, int length) {
        Expect.status("status of copy", Status.OKAY, tryCopyFrom(ref, offset, address, length));
    }

    void cannotCopyFrom(int flatStatus, long ref, int offset, long address, int length) {
        refused("copy", flatStatus, tryCopyFrom(ref, offset, address, length));
    }

    private int tryCopyFrom(long ref, int offset, long address, int length) {
        return party.kernel().copyFrom(World.GRANTER, ref, offset, address, length);
    }

    /** Copies from an address of the guest into a grant. */
    void copyTo(long ref, int offset, long address, int length) {
        Expect.status("status of copy", Status.OKAY, tryCopyTo(ref, offset, address, length));
    }

    void cannotCopyTo(int flatStatus, long ref, int offset, long address, int length) {
        refused("copy", flatStatus, tryCopyTo(ref, offset, address, length));
    }

    private int tryCopyTo(long ref, int offset, long address, int length) {
        return party.kernel().copyTo(World.GRANTER, ref, offset, address, length);
    }

    private void refused(String operation, int flatStatus, int got) {
        if (world.combination().format().declares(Capability.FLAT_HOME)) {
            Expect.status("status of " + operation, flatStatus, got);
        } else if (got >= 0 || got <= CALL_FAILED) {
            throw new ClauseFailure("status of " + operation, "a refusal", String.valueOf(got));
        }
    }
}
