package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;

/**
 * What a driver in a guest does with pages that domain 1 granted, through its kernel and so on every format. Writes nothing
 * into the diary of the run: a thread may use one.
 */
final class Driver {
    private final Party party;

    Driver(Party party) {
        this.party = party;
    }

    /** Maps at a slot, and that must work. */
    MappedGrant map(long reference, int slot, int access) {
        MappedGrant mapped = new MappedGrant();
        Expect.status("status of the mapping", Status.OKAY, tryMap(reference, slot, access, mapped));
        return mapped;
    }

    /** Maps at a slot. */
    int tryMap(long reference, int slot, int access, MappedGrant mapped) {
        return party.kernel().map(World.GRANTER, reference, party.slot(slot), Page.ORDER_4K, access, mapped);
    }

    /** Maps at a slot for nobody who would unmap: expected to fail. */
    int tryMap(long reference, int slot, int access) {
        return tryMap(reference, slot, access, new MappedGrant());
    }

    /** Unmaps, and that must work. */
    void unmap(MappedGrant mapped) {
        Expect.status("status of the unmapping", Status.OKAY, tryUnmap(mapped));
    }

    int tryUnmap(MappedGrant mapped) {
        return party.kernel().unmap(mapped);
    }

    /** A mapping by a call of the clause's own. */
    record Handle(Party party, int handle, long address) {
        void letGo() {
            Expect.okay(party.call(UnmapCall.of(handle).at(address)));
        }
    }

    /** Makes a call that must map, and remembers how to undo it. */
    static Handle hold(Party party, MapCall call) {
        Mapped mapped = party.call(call);
        Expect.okay(mapped);
        return new Handle(party, mapped.handle(), call.hostAddress());
    }

    /** Has a word copied out of a grant to the beginning of a page. */
    int copyOut(long reference, int page) {
        return party.kernel().copyFrom(World.GRANTER, reference, 0, party.page(page), Long.BYTES);
    }

    /** Has a word copied from the beginning of a page into a grant. */
    int copyIn(long reference, int page) {
        return party.kernel().copyTo(World.GRANTER, reference, 0, party.page(page), Long.BYTES);
    }
}
