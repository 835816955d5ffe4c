package grantlab.conformance.clause;

import static grantlab.conformance.clause.PhysicalMapClauses.TRANSLATED;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** Memory comes to a map of a domain's own numbers and goes from it; which of it may be granted. */
@Needs(granter = TRANSLATED)
final class PhysicalMapMemory {
    private static final int OWNER = OwnRam.TRANSLATED;
    private static final long PLACE = 700;
    private static final long ELSEWHERE = 1 << 23;

    private static boolean isMemory(int type) {
        return type == PhysicalMap.RAM_RW || type == PhysicalMap.RAM_RO || type == PhysicalMap.TABLE_FRAME;
    }

    @Clause(
            id = "PMAP-31",
            promise =
                    "What may be granted is the domain's own memory by the type of its place and by its owner; places of its own"
                            + " grants where the release of Xen says so.",
            source = "PhysicalMap, frameToGrant; xen-semantics.md, 3.6")
    void granted(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            FrameTable frames = ram.frames();
            long own = ram.frame(OWNER);
            long others = ram.frame(OwnRam.OTHER);
            boolean grants = world.machine().settings().behaviour().ownGrantMappingMayBeGrantedOn();
            Expect.equal("nothing", Status.BAD_PAGE, map.frameToGrant(PLACE));
            Expect.equal("nothing, held", Status.BAD_PAGE, map.getFrameToGrant(PLACE));
            for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                world.step("type " + type);
                boolean granted = isMemory(type) || (PhysicalMap.isGrant(type) && grants);
                map.set(PLACE, own, Page.ORDER_4K, type);
                Expect.equal("its own", granted ? own : Status.BAD_PAGE, map.frameToGrant(PLACE));
                Expect.equal("references", 1, frames.references(own));
                Expect.equal("its own, held", granted ? own : Status.BAD_PAGE, map.getFrameToGrant(PLACE));
                Expect.equal("references", granted ? 2 : 1, frames.references(own));
                if (granted) {
                    frames.put(own, Page.ORDER_4K);
                }
                map.set(PLACE, others, Page.ORDER_4K, type);
                Expect.equal("another's", Status.BAD_PAGE, map.frameToGrant(PLACE));
                Expect.equal("another's, held", Status.BAD_PAGE, map.getFrameToGrant(PLACE));
                Expect.equal("references", 1, frames.references(others));
            }
        }
    }

    @Clause(
            id = "PMAP-32",
            promise =
                    "A page that comes takes the place of nothing and of memory, whose number is forgotten; where a grant or a foreign"
                            + " frame stands Xen crashes the domain, and nothing changes.",
            source = "PhysicalMap, adopt, populate; xen/arch/x86/mm/p2m.c (p2m_add_page)")
    void comes(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            FrameTable frames = ram.frames();
            for (boolean adopted : new boolean[] {false, true}) {
                long page = ram.frame(OWNER);
                arrives(map, adopted, PLACE, page, adopted ? PhysicalMap.INVALID : PLACE);
                Expect.equal("entry", PhysicalMap.entry(page, 0, PhysicalMap.RAM_RW), map.entry(PLACE));
                Expect.equal("its number", PLACE, frames.machineToPhysical(page));
                for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                    world.step("over type " + type);
                    long stands = ram.frame(OWNER);
                    map.set(PLACE, stands, Page.ORDER_4K, type);
                    frames.setMachineToPhysical(stands, PLACE);
                    long next = ram.frame(OWNER);
                    boolean memory = isMemory(type);
                    long answer = adopted ? PhysicalMap.INVALID : PLACE;
                    arrives(map, adopted, PLACE, next, memory ? answer : PhysicalMap.CRASHES);
                    Expect.equal("frame", memory ? next : stands, map.machineFrame(PLACE));
                    Expect.equal("its number", memory ? PLACE : FrameTable.NONE, frames.machineToPhysical(next));
                    Expect.equal("the other's", memory ? FrameTable.NONE : PLACE, frames.machineToPhysical(stands));
                }
                map.clear(PLACE, Page.ORDER_4K);
            }
            long page = ram.frame(OWNER);
            for (long gfn : new long[] {map.limit(), -1, Long.MAX_VALUE}) {
                Expect.equal("beyond the map", -Errno.EINVAL, map.populate(gfn, page));
                long status = map.adopt(gfn, page);
                Expect.holds("beyond the map", status < PhysicalMap.INVALID && status != PhysicalMap.CRASHES);
            }
            Expect.equal("the last number", map.limit() - 1, map.populate(map.limit() - 1, page));
        }
    }

    private static void arrives(PhysicalMap map, boolean adopted, long gfn, long mfn, long expected) {
        Expect.equal("answer", expected, adopted ? map.adopt(gfn, mfn) : map.populate(gfn, mfn));
    }

    @Clause(
            id = "PMAP-33",
            promise =
                    "A page is at one place: it leaves the one where it was, if it is there as memory, and no other page leaves.",
            source = "PhysicalMap, adopt, populate; xen/arch/x86/mm/p2m.c (p2m_add_page)")
    void onePlace(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long page = ram.frame(OWNER);
            long other = ram.frame(OWNER);
            map.populate(PLACE, page);
            map.populate(ELSEWHERE, page);
            Expect.equal("where it was", PhysicalMap.INVALID, map.entry(PLACE));
            Expect.equal("its number", ELSEWHERE, ram.frames().machineToPhysical(page));
            map.populate(ELSEWHERE, page);
            Expect.equal("at the same place again", page, map.machineFrame(ELSEWHERE));
            Expect.equal("its number", ELSEWHERE, ram.frames().machineToPhysical(page));
            for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                map.clear(PLACE, Page.ORDER_4K);
                ram.frames().setMachineToPhysical(page, ELSEWHERE);
                map.set(ELSEWHERE, page, Page.ORDER_4K, type);
                map.adopt(PLACE, page);
                Expect.equal(
                        "where it was as type " + type,
                        isMemory(type) ? PhysicalMap.INVALID : page,
                        map.machineFrame(ELSEWHERE));
            }
            ram.frames().setMachineToPhysical(page, ELSEWHERE);
            world.step("where the books say that it was another page is");
            map.set(ELSEWHERE, other, Page.ORDER_4K, PhysicalMap.RAM_RW);
            map.adopt(PLACE, page);
            Expect.equal("the other page", other, map.machineFrame(ELSEWHERE));
            ram.frames().setMachineToPhysical(page, ELSEWHERE + 1);
            map.adopt(PLACE, page);
            Expect.equal("its place", page, map.machineFrame(PLACE));
            world.step("in a block");
            long block = ram.block(OWNER, Page.ORDER_2M);
            map.set(1024, block, Page.ORDER_2M, PhysicalMap.RAM_RW);
            ram.frames().setMachineToPhysical(block + 5, 1029);
            map.populate(3, block + 5);
            Expect.equal("its place in the block", PhysicalMap.INVALID, map.entry(1029));
            Expect.equal("beside it", block + 6, map.machineFrame(1030));
            map.populate(1030, page);
            Expect.equal("over a page of the block", page, map.machineFrame(1030));
            Expect.equal("where it was", PhysicalMap.INVALID, map.entry(PLACE));
            Expect.equal("beside it", block + 7, map.machineFrame(1031));
        }
    }

    @Clause(
            id = "PMAP-34",
            promise =
                    "A page that a guest gives back leaves the map and the books, with one reference more for the caller; what is not"
                            + " its own stays.",
            source = "PhysicalMap, decrease; xen/common/memory.c (guest_remove_page)")
    void givenBack(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            FrameTable frames = ram.frames();
            PhysicalMap.Removed removed = new PhysicalMap.Removed();
            long others = ram.frame(OwnRam.OTHER);
            removed.mfn = 5;
            Expect.equal("of nothing", -Errno.ENOENT, map.decrease(PLACE, removed));
            Expect.equal("removed", PhysicalMap.INVALID, removed.mfn);
            Expect.equal("beyond the map", -Errno.ENOENT, map.decrease(map.limit(), removed));
            for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                world.step("type " + type);
                long own = ram.frame(OWNER);
                map.set(PLACE, own, Page.ORDER_4K, type);
                frames.setMachineToPhysical(own, PLACE);
                boolean stays = type == PhysicalMap.FOREIGN || PhysicalMap.isV3Grant(type);
                removed.mfn = 5;
                Expect.equal("result", stays ? -Errno.ENXIO : 0, map.decrease(PLACE, removed));
                Expect.equal("removed", stays ? PhysicalMap.INVALID : own, removed.mfn);
                Expect.equal("references", stays ? 1 : 2, frames.references(own));
                Expect.equal("its number", stays ? PLACE : FrameTable.NONE, frames.machineToPhysical(own));
                Expect.equal("its place", stays ? own : PhysicalMap.INVALID, map.machineFrame(PLACE));
                map.set(PLACE, others, Page.ORDER_4K, type);
                Expect.equal("another's", -Errno.ENXIO, map.decrease(PLACE, removed));
                Expect.equal("removed", PhysicalMap.INVALID, removed.mfn);
                Expect.equal("references", 1, frames.references(others));
                Expect.equal("its place", others, map.machineFrame(PLACE));
                map.clear(PLACE, Page.ORDER_4K);
            }
            long block = ram.block(OWNER, Page.ORDER_2M);
            map.set(1024, block, Page.ORDER_2M, PhysicalMap.RAM_RW);
            Expect.equal("a page of a block", 0, map.decrease(1025, removed));
            Expect.equal("removed", block + 1, removed.mfn);
            Expect.equal("its place", PhysicalMap.INVALID, map.entry(1025));
            Expect.equal("beside it", block + 2, map.machineFrame(1026));
        }
    }

    @Clause(
            id = "PMAP-35",
            promise =
                    "A place is emptied on the guest's wish where its own memory stands, or a grant of its own, or a foreign frame, whose"
                            + " reference goes; nowhere else.",
            source = "PhysicalMap, remove; XENMEM_remove_from_physmap")
    void emptied(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            FrameTable frames = ram.frames();
            long own = ram.frame(OWNER);
            long others = ram.frame(OwnRam.OTHER);
            Expect.equal("nothing", -Errno.ENOENT, map.remove(PLACE));
            Expect.equal("beyond the map", -Errno.ENOENT, map.remove(map.limit()));
            for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                world.step("type " + type);
                boolean foreign = type == PhysicalMap.FOREIGN;
                boolean goes = !PhysicalMap.isV3Grant(type);
                map.set(PLACE, own, Page.ORDER_4K, type);
                frames.setMachineToPhysical(own, PLACE);
                Expect.holds("a reference", frames.get(own, Page.ORDER_4K, OWNER));
                Expect.equal("its own", goes ? 0 : -Errno.ENOENT, map.remove(PLACE));
                Expect.equal("its place", goes ? PhysicalMap.INVALID : own, map.machineFrame(PLACE));
                Expect.equal("references", foreign ? 1 : 2, frames.references(own));
                Expect.equal("its number", goes && !foreign ? FrameTable.NONE : PLACE, frames.machineToPhysical(own));
                if (!foreign) {
                    frames.put(own, Page.ORDER_4K);
                }
                map.set(PLACE, others, Page.ORDER_4K, type);
                Expect.holds("a reference", frames.get(others, Page.ORDER_4K, OwnRam.OTHER));
                Expect.equal("another's", foreign ? 0 : -Errno.ENOENT, map.remove(PLACE));
                Expect.equal("references", foreign ? 1 : 2, frames.references(others));
                Expect.equal("its place", foreign ? PhysicalMap.INVALID : others, map.machineFrame(PLACE));
                if (!foreign) {
                    frames.put(others, Page.ORDER_4K);
                }
                map.clear(PLACE, Page.ORDER_4K);
            }
        }
    }
}
