package grantlab.conformance.fuzz.audit;

import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import java.util.HashMap;
import java.util.Map;

/** References of one granter that were asked for (grant-v3.md, 8.2, Slot 0): until they are used no more nothing new begins. */
final class AskedReferences {
    private static final int COUNTER = 0xff;

    private final Machine machine;
    private final Domain granter;

    /** Pins of each at the last look. */
    private final Map<Integer, Integer> asked = new HashMap<>();

    AskedReferences(Machine machine, Domain granter) {
        this.machine = machine;
        this.granter = granter;
    }

    /** After an operation: none is used more than before, and none is forgotten while it is used. */
    void judge(int ref, int pins) {
        Integer before = asked.remove(ref);
        if (pins == 0) {
            return;
        }
        boolean now = machine.mappings().asked(granter, ref);
        if (before != null
                && (grown(before, pins) || !(now || machine.mappings().revoked(granter, ref)))) {
            throw new Finding(
                    Finding.USES,
                    "entry %d of d%d was asked for with the pins %08x, and has %08x"
                            .formatted(ref, granter.domid(), before, pins));
        }
        if (now) {
            asked.put(ref, pins);
        }
    }

    private static boolean grown(int before, int now) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            if ((now >>> shift & COUNTER) > (before >>> shift & COUNTER)) {
                return true;
            }
        }
        return false;
    }
}
