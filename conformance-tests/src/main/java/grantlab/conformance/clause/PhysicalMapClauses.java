package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.OnceFor;
import grantlab.conformance.World;
import java.util.Arrays;
import java.util.List;

/** What guest-physical maps owe by their contract: here single entries of a map whose numbers are a domain's own. */
@OnceFor(Member.GRANTER)
public final class PhysicalMapClauses implements ClauseFamily {
    static final String SOURCE = "PhysicalMap";

    /** Of a granter that has such a map. */
    static final String TRANSLATED = "translated";

    /** For ServiceLoader. */
    public PhysicalMapClauses() {}

    @Override
    public String prefix() {
        return "PMAP";
    }

    @Override
    public String title() {
        return "What guest-physical maps owe by their contract";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new PhysicalMapBlocks(),
                new PhysicalMapFollowers(),
                new PhysicalMapMemory(),
                new PhysicalMapOfMachineFrames(),
                new PhysicalMapHistories());
    }

    /** Numbers at which parts of maps begin and end. */
    static long[] places(PhysicalMap map) {
        return new long[] {
            0,
            2,
            511,
            513,
            (1 << 18) - 1,
            1 << 18,
            (1 << 22) - 2,
            1 << 22,
            (1 << 28) - 1,
            (1 << 28) + 1,
            map.limit() - 1
        };
    }

    @Needs(granter = TRANSLATED)
    @Clause(
            id = "PMAP-01",
            promise =
                    "What was set last stands at a number, and at no other; setting and emptying answer what stood there.",
            source = SOURCE)
    void entries(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long[] places = places(map);
            for (long gfn : places) {
                world.step("gfn 0x" + Long.toHexString(gfn));
                Expect.equal("entry", PhysicalMap.INVALID, map.entry(gfn));
                Expect.equal("frame", PhysicalMap.INVALID, map.machineFrame(gfn));
                Expect.equal("emptied while empty", PhysicalMap.INVALID, map.clear(gfn, Page.ORDER_4K));
                long before = PhysicalMap.INVALID;
                for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                    long mfn = type % 2 == 0 ? OwnRam.LAST : type;
                    Expect.equal("what stood there", before, map.set(gfn, mfn, Page.ORDER_4K, type));
                    before = PhysicalMap.entry(mfn, Page.ORDER_4K, type);
                    Expect.equal("entry", before, map.entry(gfn));
                    Expect.equal("frame", mfn, map.machineFrame(gfn));
                }
            }
            for (long gfn : places) {
                Expect.holds("an entry", map.entry(gfn) != PhysicalMap.INVALID);
                Expect.equal("beside it", PhysicalMap.INVALID, map.entry(gfn ^ 64));
            }
            for (long gfn : places) {
                long entry = map.entry(gfn);
                Expect.equal("what stood there", entry, map.clear(gfn, Page.ORDER_4K));
                Expect.equal("entry", PhysicalMap.INVALID, map.entry(gfn));
                Expect.equal("emptied once more", PhysicalMap.INVALID, map.clear(gfn, Page.ORDER_4K));
            }
            Expect.equal("the next entry", PhysicalMap.INVALID, map.next(0));
        }
    }

    @Needs(granter = TRANSLATED)
    @Clause(
            id = "PMAP-02",
            promise =
                    "Beyond its limit a map has nothing, and nothing is set there; what is misaligned, no order, no type or no"
                            + " frame is refused.",
            source = SOURCE)
    void bounds(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            for (long gfn : new long[] {map.limit(), map.limit() + 512, Long.MAX_VALUE, -1, -512, Long.MIN_VALUE}) {
                world.step("gfn 0x" + Long.toHexString(gfn));
                Expect.equal("entry", PhysicalMap.INVALID, map.entry(gfn));
                Expect.equal("frame", PhysicalMap.INVALID, map.machineFrame(gfn));
                Expect.holds("a status", map.set(gfn, 0, Page.ORDER_4K, PhysicalMap.RAM_RW) < PhysicalMap.INVALID);
                Expect.holds(
                        "a status", map.set(gfn & -512, 0, Page.ORDER_2M, PhysicalMap.RAM_RW) < PhysicalMap.INVALID);
                Expect.equal("emptied", PhysicalMap.INVALID, map.clear(gfn, Page.ORDER_4K));
                Expect.equal("emptied", PhysicalMap.INVALID, map.clear(gfn & -512, Page.ORDER_2M));
                Expect.equal("to grant", Status.BAD_PAGE, map.frameToGrant(gfn));
                Expect.equal("to grant, held", Status.BAD_PAGE, map.getFrameToGrant(gfn));
            }
            Expect.equal("the next entry", PhysicalMap.INVALID, map.next(Long.MIN_VALUE));
            for (int order : new int[] {-1, 1, 8, 10, 17, 19, 27}) {
                mistake("order " + order, () -> map.set(0, 0, order, PhysicalMap.RAM_RW));
                mistake("order " + order, () -> map.clear(0, order));
            }
            for (int type : new int[] {PhysicalMap.NONE, -1, PhysicalMap.V3_GRANT_RO + 1}) {
                mistake("type " + type, () -> map.set(0, 0, Page.ORDER_4K, type));
            }
            for (long mfn : new long[] {OwnRam.LAST + 1, -1, Long.MIN_VALUE}) {
                mistake("no frame", () -> map.set(0, mfn, Page.ORDER_4K, PhysicalMap.RAM_RW));
            }
            for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
                for (long off : new long[] {1, 1L << (order - 1)}) {
                    mistake("gfn " + off, () -> map.set(off, 0, order, PhysicalMap.RAM_RW));
                    mistake("mfn " + off, () -> map.set(0, off, order, PhysicalMap.RAM_RW));
                    mistake("emptying " + off, () -> map.clear(off, order));
                }
            }
            Expect.equal("the next entry", PhysicalMap.INVALID, map.next(0));
        }
    }

    private static void mistake(String what, Runnable call) {
        refused(what, IllegalArgumentException.class, call);
    }

    @Needs(granter = TRANSLATED)
    @Clause(
            id = "PMAP-03",
            promise =
                    "The searches find the next number with an entry, and the next that names a frame, or one of a block of frames.",
            source = SOURCE)
    void searches(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long[] places = places(map);
            for (int n = 0; n < places.length; n++) {
                map.set(places[n], n % 2 == 0 ? 1000 : 1500 + n, Page.ORDER_4K, PhysicalMap.RAM_RW + n % 8);
            }
            long from = Long.MIN_VALUE;
            for (long gfn : places) {
                Expect.equal("the next entry", gfn, map.next(from));
                Expect.equal("an entry at itself", gfn, map.next(gfn));
                from = gfn + 1;
            }
            Expect.equal("behind the last", PhysicalMap.INVALID, map.next(from));
            Expect.equal("behind all", PhysicalMap.INVALID, map.next(Long.MAX_VALUE));
            from = Long.MIN_VALUE;
            for (int n = 0; n < places.length; n += 2) {
                Expect.equal("the next that names it", places[n], map.findNext(1000, from));
                Expect.equal("the same", places[n], map.findNext(1000, Page.ORDER_4K, from));
                from = places[n] + 1;
            }
            Expect.equal("behind the last", PhysicalMap.INVALID, map.findNext(1000, from));
            Expect.equal("a frame that nothing names", PhysicalMap.INVALID, map.findNext(999, 0));
            Expect.equal("another", PhysicalMap.INVALID, map.findNext(1001, 0));
            world.step("blocks of frames: 1024 to 1535 has odd places, 512 to 1023 even ones");
            for (int n = 0; n < places.length; n++) {
                long first = n % 2 == 0 ? 512 : 1024;
                Expect.equal("the next of its block", places[n], map.findNext(first, Page.ORDER_2M, places[n]));
                Expect.equal("the next of all", places[n], map.findNext(0, Page.ORDER_1G, places[n]));
            }
            Expect.equal("a block that nothing names", PhysicalMap.INVALID, map.findNext(1536, Page.ORDER_2M, 0));
            Expect.equal("a block below", PhysicalMap.INVALID, map.findNext(0, Page.ORDER_2M, 0));
        }
    }

    @Needs(granter = TRANSLATED)
    @Clause(
            id = "PMAP-04",
            promise = "A range is vacant exactly while no number of it has an entry.",
            source = "PhysicalMap, isVacant")
    void vacancy(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long[] places = places(map);
            for (int order : new int[] {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G}) {
                for (long gfn : places) {
                    Expect.holds("vacant", map.isVacant(gfn & -(1L << order), order));
                    map.set(gfn, 5, Page.ORDER_4K, PhysicalMap.RAM_RW);
                    Expect.holdsNot("vacant with an entry", map.isVacant(gfn & -(1L << order), order));
                    map.clear(gfn, Page.ORDER_4K);
                    Expect.holds("vacant again", map.isVacant(gfn & -(1L << order), order));
                }
            }
            map.set(512, 512, Page.ORDER_2M, PhysicalMap.RAM_RW);
            Expect.holdsNot("with a block", map.isVacant(0, Page.ORDER_1G));
            Expect.holdsNot("in a block", map.isVacant(1023, Page.ORDER_4K));
            Expect.holds("before a block", map.isVacant(0, Page.ORDER_2M));
            Expect.holds("behind a block", map.isVacant(1024, Page.ORDER_2M));
            Expect.equal(
                    "places", places.length, Arrays.stream(places).distinct().count());
        }
    }
}
