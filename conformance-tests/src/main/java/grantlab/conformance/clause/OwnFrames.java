package grantlab.conformance.clause;

import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.call.AddToPhysmapCall;

/**
 * Frames of a guest's own table as the guest itself names them, so that it can grant them: whoever copies out of one sees
 * the table at that very moment.
 */
final class OwnFrames {
    private OwnFrames() {}

    /** A shared frame; a translated guest has it at a slot from now on. */
    static long shared(Party guest, int n, int slot) {
        return guest.translated()
                ? placed(guest, AddToPhysmapCall.sharedFrame(n, Page.frame(guest.slot(slot))))
                : guest.domain().tableFrames().sharedFrame(n);
    }

    /** A status frame; a translated guest has it at a slot from now on. */
    static long status(Party guest, int n, int slot) {
        return guest.translated()
                ? placed(guest, AddToPhysmapCall.statusFrame(n, Page.frame(guest.slot(slot))))
                : guest.domain().tableFrames().statusFrame(n);
    }

    private static long placed(Party guest, AddToPhysmapCall call) {
        Expect.rc(0, guest.call(call));
        return call.frame();
    }
}
