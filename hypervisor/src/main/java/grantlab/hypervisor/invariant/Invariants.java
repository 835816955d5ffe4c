package grantlab.hypervisor.invariant;

import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.tree.Records;
import java.util.List;

/**
 * What holds whenever no vCPU is in a hypercall:
 *
 * <ul>
 *   <li>the pins of a reference are exactly the parts of the mappings that name it, those of slot 0 among them;
 *   <li>the lists of a reference have exactly those mappings, and its grantee exists; nothing is being taken back, and of what
 *       was taken back all are;
 *   <li>of trees what {@link TreeInvariants} says, of devices what {@link DeviceInvariants} says.
 * </ul>
 *
 * <p>A pin is no proof of a frame: a guest that overwrites the entry of a grant mapping keeps the pin and loses the
 * reference, in Xen as here. When the granter is gone for good such a handle counts for nobody.
 */
public final class Invariants {
    private final Domains domains;
    private final FrameTable frames;
    private final Dumps dumps;

    /**
     * Over a machine.
     *
     * @param domains its domains
     * @param frames who holds what
     * @param dumps what a report shows
     */
    public Invariants(Domains domains, FrameTable frames, Dumps dumps) {
        this.domains = domains;
        this.frames = frames;
        this.dumps = dumps;
    }

    /**
     * Checks.
     *
     * @throws InvariantBroken with what is wrong and the state of the domains
     */
    public void check() {
        List<Domain> all = domains.all();
        List<UseTally> tallies = all.stream().map(UseTally::new).toList();
        for (Domain grantee : all) {
            count(grantee.maptrack(), tallies);
            countAlias(grantee.books().records(), tallies);
        }
        tallies.forEach(this::check);
        new TreeInvariants(all, this::broken).check();
        all.forEach(new DeviceInvariants(domains, frames, this::broken)::check);
    }

    /** What is mapped through slot 0 of grants v3 pins the same references. */
    private static void countAlias(Records records, List<UseTally> tallies) {
        for (int record = 0; record < records.capacity(); record++) {
            if (records.exists(record) && records.flat(record) && !records.estranged(record)) {
                for (UseTally tally : tallies) {
                    if (tally.granter.domid() == records.granter(record)) {
                        tally.countRecord(records.act(record), records.access(record));
                    }
                }
            }
        }
    }

    private static void count(Maptrack maptrack, List<UseTally> tallies) {
        int capacity = maptrack.capacity();
        for (int handle = 0; handle < capacity; handle++) {
            long mapping = maptrack.mapping(handle);
            if (mapping != 0 && !Maptrack.isEstranged(maptrack.place(handle))) {
                int granter = Maptrack.granter(mapping);
                for (UseTally tally : tallies) {
                    if (tally.granter.domid() == granter) {
                        tally.count(mapping);
                    }
                }
            }
        }
    }

    private void check(UseTally tally) {
        Acts acts = tally.granter.grantTable().acts();
        for (int act = acts.nextPinned(0); act < acts.capacity(); act = acts.nextPinned(act + 1)) {
            checkPins(tally, act, acts.pinsNow(act));
            checkPinned(tally.granter, acts, act, tally.mappings(act));
            checkRecords(tally.granter, acts, act, tally.records(act));
        }
        for (int reference = 0; reference < tally.size(); reference++) {
            if (tally.pins(reference) != 0) {
                checkPins(tally, reference, reference < acts.capacity() ? acts.pinsNow(reference) : 0);
            }
        }
    }

    private void checkPins(UseTally tally, int reference, int pinned) {
        int expected = tally.pins(reference);
        if (pinned != expected) {
            broken(
                    "reference %d of domain %d has pins %08x, its mappings say %08x"
                            .formatted(reference, tally.granter.domid(), pinned, expected),
                    tally.granter.domid());
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
        if (acts.askedNow(act) && acts.revokedNow(act)) {
            broken(
                    "reference %d of domain %d was taken back and is asked for".formatted(act, granter.domid()),
                    granter.domid());
        }
        int listed = 0;
        for (int handle = acts.firstHandle(act);
                handle != Maptrack.NONE;
                handle = grantee.maptrack().next(handle)) {
            long mapping = grantee.maptrack().mapping(handle);
            if ((grantee.maptrack().place(handle) == Maptrack.TAKEN) != acts.revokedNow(act)
                    || Maptrack.granter(mapping) != granter.domid()
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

    private void checkRecords(Domain granter, Acts acts, int act, int expected) {
        Domain grantee = domains.find(acts.granteeNow(act));
        int listed = 0;
        if (grantee != null) {
            Records records = grantee.books().records();
            for (int record = acts.firstRecordNow(act);
                    record != Records.NONE && listed <= expected;
                    record = records.nextOfAct(record)) {
                boolean fits = records.exists(record)
                        && records.flat(record)
                        && records.granter(record) == granter.domid()
                        && records.act(record) == act
                        && records.empty(record) == acts.revokedNow(act);
                if (!fits) {
                    broken(
                            "the list of reference %d of domain %d has record %d, which does not belong there"
                                    .formatted(act, granter.domid(), record),
                            granter.domid());
                }
                listed++;
            }
        }
        if (listed != expected) {
            broken(
                    "the list of reference %d of domain %d has %d mappings through slot 0, there are %d"
                            .formatted(act, granter.domid(), listed, expected),
                    granter.domid());
        }
    }

    private void broken(String what, int domid) {
        throw new InvariantBroken(
                what + System.lineSeparator() + dumps.of(domid).text());
    }
}
