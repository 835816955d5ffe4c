package grantlab.hypervisor.invariant;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.operation.MapFlags;
import java.util.HashMap;
import java.util.Map;

/**
 * What holds whenever no vCPU is in a hypercall:
 *
 * <ul>
 *   <li>the pins of a reference are exactly the parts of the mappings that name it;
 *   <li>the list of a reference has exactly those mappings, and its grantee exists.
 * </ul>
 *
 * <p>A pin is no proof of a frame: a guest that overwrites the entry of a grant mapping keeps the pin and loses the
 * reference, in Xen as here.
 */
public final class Invariants {
    private final Domains domains;
    private final Dumps dumps;

    /**
     * Over a machine.
     *
     * @param domains its domains
     * @param dumps what a report shows
     */
    public Invariants(Domains domains, Dumps dumps) {
        this.domains = domains;
        this.dumps = dumps;
    }

    private record Reference(int granter, long reference) {}

    /**
     * Checks.
     *
     * @throws InvariantBroken with what is wrong and the state of the domains
     */
    public void check() {
        Map<Reference, Integer> pins = new HashMap<>();
        Map<Reference, Integer> mappings = new HashMap<>();
        for (Domain grantee : domains.all()) {
            count(grantee.maptrack(), pins, mappings);
        }
        for (Domain granter : domains.all()) {
            check(granter, pins, mappings);
        }
    }

    private static void count(Maptrack maptrack, Map<Reference, Integer> pins, Map<Reference, Integer> mappings) {
        for (int handle = 0; handle < maptrack.capacity(); handle++) {
            long mapping = maptrack.mapping(handle);
            if (mapping != 0) {
                Reference reference = new Reference(Maptrack.granter(mapping), Maptrack.reference(mapping));
                int uses = Pins.increment(MapFlags.access(Maptrack.flags(mapping)));
                pins.merge(reference, uses, Integer::sum);
                mappings.merge(reference, 1, Integer::sum);
            }
        }
    }

    private void check(Domain granter, Map<Reference, Integer> pins, Map<Reference, Integer> mappings) {
        Acts acts = granter.grantTable().acts();
        for (int act = 0; act < acts.capacity(); act++) {
            Reference reference = new Reference(granter.domid(), act);
            int pinned = acts.pinsNow(act);
            int expected = pins.getOrDefault(reference, 0);
            if (pinned != expected) {
                broken(
                        "reference %d of domain %d has pins %08x, its mappings say %08x"
                                .formatted(act, granter.domid(), pinned, expected),
                        granter.domid());
            }
            if (pinned != 0) {
                checkPinned(granter, acts, act, mappings.getOrDefault(reference, 0));
            }
        }
    }

    private void checkPinned(Domain granter, Acts acts, int act, int expected) {
        Domain grantee = domains.find(acts.granteeNow(act));
        if (grantee == null) {
            broken(
                    "reference %d of domain %d is pinned by domain %d, which does not exist"
                            .formatted(act, granter.domid(), acts.granteeNow(act)),
                    granter.domid());
            return;
        }
        int listed = 0;
        for (int handle = acts.firstHandle(act);
                handle != Maptrack.NONE;
                handle = grantee.maptrack().next(handle)) {
            long mapping = grantee.maptrack().mapping(handle);
            if (Maptrack.granter(mapping) != granter.domid()
                    || Maptrack.reference(mapping) != act
                    || ++listed > expected) {
                broken(
                        "the list of reference %d of domain %d has handle %d, which is another's"
                                .formatted(act, granter.domid(), handle),
                        granter.domid());
            }
        }
        if (listed != expected) {
            broken(
                    "the list of reference %d of domain %d has %d mappings, there are %d"
                            .formatted(act, granter.domid(), listed, expected),
                    granter.domid());
        }
    }

    private void broken(String what, int domid) {
        throw new InvariantBroken(
                what + System.lineSeparator() + dumps.of(domid).text());
    }
}
