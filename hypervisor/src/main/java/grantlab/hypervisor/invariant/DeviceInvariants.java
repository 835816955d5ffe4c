package grantlab.hypervisor.invariant;

import grantlab.api.Access;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.operation.MapFlags;
import grantlab.hypervisor.passthrough.Passthrough;
import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Records;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * What devices reach, against the books:
 *
 * <ul>
 *   <li>with a guest-physical map: exactly what stands in it, with the rights that the type gives;
 *   <li>with bus addresses: the domain's own memory but for page tables, and the frames of its grants, each as often as handles say;
 *   <li>in either case only frames that somebody holds, and no device writes to a page table.
 * </ul>
 *
 * <p>Nothing reaches anything for a domain that dies: its devices are gone.
 */
final class DeviceInvariants {
    private static final int WRITABLE = Access.READ | Access.WRITE;

    private final Domains domains;
    private final FrameTable frames;
    private final ObjIntConsumer<String> broken;

    /** @param broken is told of the first thing that does not hold, and does not come back */
    DeviceInvariants(Domains domains, FrameTable frames, ObjIntConsumer<String> broken) {
        this.domains = domains;
        this.frames = frames;
        this.broken = broken;
    }

    void check(Domain domain) {
        Passthrough passthrough = domain.passthrough();
        if (passthrough == null) {
            return;
        }
        DeviceSpace space = passthrough.space();
        if (domain.dying()) {
            if (!space.followsPhysicalMap() && space.next(0) != DeviceSpace.NONE) {
                broken(domain, "dies, and a device entry is left at 0x%x".formatted(space.next(0)));
            }
            return;
        }
        checkFrames(domain, space);
        if (domain.busFrames() != null) {
            checkBus(domain, space);
        } else if (domain.translated()) {
            checkTranslated(domain, space);
        }
    }

    private void checkFrames(Domain domain, DeviceSpace space) {
        for (long dfn = space.next(0); dfn != DeviceSpace.NONE; dfn = space.next(dfn + 1)) {
            long entry = space.entry(dfn);
            long frame = DeviceSpace.frameOf(entry);
            if (frames.references(frame) == 0) {
                broken(
                        domain,
                        "has a device entry at 0x%x that leads to frame 0x%x, which is free".formatted(dfn, frame));
            }
            if (Access.writes(DeviceSpace.accessOf(entry)) && isPageTable(frame)) {
                broken(domain, "has devices that write to frame 0x%x, a page table".formatted(frame));
            }
        }
    }

    private boolean isPageTable(long frame) {
        int type = frames.type(frame);
        return type >= FrameTable.TYPE_L1 && type <= FrameTable.TYPE_L4;
    }

    private void checkTranslated(Domain domain, DeviceSpace space) {
        PhysicalMap map = domain.physicalMap();
        Map<Long, Long> sunk = sunk(domain.books().records());
        for (long gfn = map.next(0); gfn != PhysicalMap.INVALID; gfn = map.next(gfn + 1)) {
            checkEntry(domain, gfn, map.entry(gfn), space.entry(gfn), sunk);
        }
        for (long dfn = space.next(0); dfn != DeviceSpace.NONE; dfn = space.next(dfn + 1)) {
            checkEntry(domain, dfn, map.entry(dfn), space.entry(dfn), sunk);
        }
    }

    /** Where devices only write, and to what: of mappings that were taken so. */
    private static Map<Long, Long> sunk(Records records) {
        Map<Long, Long> sunk = new HashMap<>();
        for (int record = 0; record < records.capacity(); record++) {
            if (records.exists(record) && RecordWord.isSunk(records.word(record))) {
                sunk.put(records.place(record), records.frame(record));
            }
        }
        return sunk;
    }

    private void checkEntry(Domain domain, long gfn, long standing, long reached, Map<Long, Long> sunk) {
        Long scratch = sunk.get(gfn);
        if (scratch != null && reached == DeviceSpace.entry(scratch, Page.ORDER_4K, Access.WRITE)) {
            return;
        }
        int access = DeviceSpace.accessByMap(standing);
        boolean same = access == DeviceSpace.accessOf(reached)
                && (access == 0 || PhysicalMap.frameOf(standing) == DeviceSpace.frameOf(reached));
        if (!same) {
            broken(domain, "has entry %x at gfn 0x%x, its devices have %x".formatted(standing, gfn, reached));
        }
    }

    private void checkBus(Domain domain, DeviceSpace space) {
        Map<Long, long[]> expected = new HashMap<>();
        countHandles(domain, expected);
        countRecords(domain, expected);
        for (long mfn = space.next(0); mfn != DeviceSpace.NONE; mfn = space.next(mfn + 1)) {
            expected.putIfAbsent(mfn, new long[2]);
        }
        for (long mfn = frames.nextOwned(domain.domid(), 0);
                mfn != FrameTable.NONE;
                mfn = frames.nextOwned(domain.domid(), mfn + 1)) {
            countOwn(mfn, space, expected.computeIfAbsent(mfn, own -> new long[2]));
        }
        expected.forEach((mfn, uses) -> checkUses(domain, space, mfn, uses));
    }

    /** Each handle counts once, whichever of its parts is left. */
    private void countHandles(Domain grantee, Map<Long, long[]> expected) {
        Maptrack maptrack = grantee.maptrack();
        for (int handle = 0; handle < maptrack.capacity(); handle++) {
            long mapping = maptrack.mapping(handle);
            Domain granter = mapping == 0 ? null : domains.find(Maptrack.granter(mapping));
            if (granter != null && granter != grantee && holds(maptrack.place(handle))) {
                long frame = granter.grantTable().acts().frame((int) Maptrack.reference(mapping));
                count(expected, frame, MapFlags.access(Maptrack.flags(mapping)));
            }
        }
    }

    private static boolean holds(long place) {
        return !Maptrack.isEstranged(place) && place != Maptrack.TAKEN;
    }

    /** Of grants v3 the part for devices counts. */
    private static void countRecords(Domain grantee, Map<Long, long[]> expected) {
        Records records = grantee.books().records();
        for (int record = 0; record < records.capacity(); record++) {
            if (records.exists(record)
                    && !records.empty(record)
                    && !records.estranged(record)
                    && (records.access(record) & Access.DEVICE) != 0
                    && records.granter(record) != grantee.domid()) {
                count(expected, records.frame(record), records.access(record));
            }
        }
    }

    private static void count(Map<Long, long[]> expected, long frame, int access) {
        expected.computeIfAbsent(frame, used -> new long[2])[Access.writes(access) ? 1 : 0]++;
    }

    /** Memory that is no page table is reached, unless it was one and nobody used it as writable since. */
    private void countOwn(long mfn, DeviceSpace space, long[] uses) {
        boolean may = !isPageTable(mfn) && !frames.isShared(mfn);
        boolean must = may && frames.type(mfn) == FrameTable.TYPE_WRITABLE;
        if (must || (may && space.uses(mfn, WRITABLE) != 0)) {
            uses[1]++;
        }
    }

    private void checkUses(Domain domain, DeviceSpace space, long mfn, long[] uses) {
        long readers = space.uses(mfn, Access.READ);
        long writers = space.uses(mfn, WRITABLE);
        if (readers != uses[0] || writers != uses[1]) {
            broken(
                    domain,
                    "has frame 0x%x for devices %d times to read and %d to write, the books say %d and %d"
                            .formatted(mfn, readers, writers, uses[0], uses[1]));
        }
    }

    private void broken(Domain domain, String what) {
        broken.accept("domain " + domain.domid() + " " + what, domain.domid());
    }
}
