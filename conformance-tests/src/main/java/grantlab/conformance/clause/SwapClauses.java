package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.UnmapCall;
import java.util.List;

/** GNTTABOP_swap_grant_ref. */
@Needs(format = {"flat-home", "swap"})
public final class SwapClauses implements ClauseFamily {
    private static final String RULES = "xen-semantics.md, 2.11; recording swap_v1";
    private static final long A = World.FIRST_INDEX;
    private static final long B = A + 1;

    /** For ServiceLoader. */
    public SwapClauses() {}

    @Override
    public String prefix() {
        return "SWAP";
    }

    @Override
    public String title() {
        return "Exchanging two references";
    }

    @Clause(id = "SWAP-01", promise = "Whole entries change places: flags, domid and frame.", source = RULES)
    void wholeEntries(World world) {
        Party granter = world.granter();
        granter.entry(A).set("flags", 0xfe05).set("domid", 7).set("frame", 0x1234_5678);
        granter.entry(B).set("flags", 2).set("domid", 3).set("frame", 0x8765_4321L);
        world.step("the granter swaps");
        Expect.okay(granter.call(new SwapCall(A, B)));
        expectEntry(granter.entry(A), 2, 3, 0x8765_4321L);
        expectEntry(granter.entry(B), 0xfe05, 7, 0x1234_5678);
    }

    @Clause(
            id = "SWAP-02",
            promise = "After a swap each reference grants what the other granted, with the other's right.",
            source = RULES)
    void grantsFollow(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(0), 100);
        granter.store(granter.page(1), 101);
        long a = world.grant(0, Access.READ | Access.WRITE);
        long b = world.grant(1, Access.READ);
        Expect.okay(granter.call(new SwapCall(a, b)));
        world.step("the grantee maps both");
        MapCall map = MapCall.of(World.GRANTER, a).at(grantee.slot(0));
        Expect.status(Status.GENERAL_ERROR, grantee.call(map));
        Expect.okay(grantee.call(map.readonly()));
        Expect.equal("through the first reference", 101L, grantee.load(grantee.slot(0)));
        Expect.okay(grantee.call(MapCall.of(World.GRANTER, b).at(grantee.slot(1))));
        Expect.equal("through the second reference", 100L, grantee.load(grantee.slot(1)));
    }

    @Clause(
            id = "SWAP-03",
            promise = "A reference in use cannot be swapped, on either side: GNTST_eagain, and nothing changes.",
            source = RULES)
    void inUse(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        granter.store(granter.page(1), 101);
        long a = world.grant(0, Access.READ);
        long b = world.grant(1, Access.READ);
        Mapped mapped =
                grantee.call(MapCall.of(World.GRANTER, a).at(grantee.slot(0)).readonly());
        Expect.okay(mapped);
        world.step("the granter swaps both ways");
        Expect.status(Status.EAGAIN, granter.call(new SwapCall(a, b)));
        Expect.status(Status.EAGAIN, granter.call(new SwapCall(b, a)));
        Expect.okay(
                grantee.call(MapCall.of(World.GRANTER, b).at(grantee.slot(1)).readonly()));
        Expect.equal("through the second reference", 101L, grantee.load(grantee.slot(1)));
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        Expect.status(Status.EAGAIN, granter.call(new SwapCall(a, b)));
    }

    @Clause(
            id = "SWAP-04",
            promise = "A reference swapped with itself is fine, even in use; out of range it is not.",
            source = RULES)
    void withItself(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long a = world.grant(0, Access.READ);
        Expect.okay(
                grantee.call(MapCall.of(World.GRANTER, a).at(grantee.slot(0)).readonly()));
        Expect.okay(granter.call(new SwapCall(a, a)));
        Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(100_000, 100_000)));
    }

    @Clause(
            id = "SWAP-05",
            promise = "References beyond the table are refused, on either side, also as a domain's first call; growth"
                    + " moves the bound.",
            source = "xen-semantics.md, 2.11, 8.1 rows 1 (XSA-18) and 6 (XSA-134)")
    void range(World world) {
        Party granter = world.granter();
        long size = granter.references();
        Expect.okay(granter.call(new SwapCall(0, size - 1)));
        for (long beyond : new long[] {size, 2 * size - 1, 0xffff_ffffL, 0x8000_0000L}) {
            Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(A, beyond)));
            Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(beyond, A)));
        }
        world.step("the table grows to two frames");
        Expect.okay(granter.call(SetupTableCall.own(2)));
        granter.entry(2 * size - 1).set("frame", 77);
        Expect.okay(granter.call(new SwapCall(A, 2 * size - 1)));
        expectEntry(granter.entry(A), 0, 0, 77);
        Expect.status(Status.BAD_GNTREF, granter.call(new SwapCall(A, 2 * size)));
    }

    @Clause(
            id = "SWAP-06",
            promise = "A failing element stops no batch, and each element sees what those before it did.",
            source = RULES)
    void batch(World world) {
        Party granter = world.granter();
        granter.entry(40).set("frame", 1);
        granter.entry(42).set("frame", 3);
        List<Answer> answers = granter.batch(
                List.of(new SwapCall(40, 41), new SwapCall(99_999, 41), new SwapCall(41, 42), new SwapCall(42, 40)));
        Expect.equal(
                "statuses",
                List.of(Status.OKAY, Status.BAD_GNTREF, Status.OKAY, Status.OKAY),
                answers.stream().map(Answer::status).toList());
        expectEntry(granter.entry(40), 0, 0, 1);
        expectEntry(granter.entry(41), 0, 0, 3);
        expectEntry(granter.entry(42), 0, 0, 0);
    }

    private static void expectEntry(TableEntry entry, long flags, long domid, long frame) {
        Expect.equal("flags", flags, entry.get("flags"));
        Expect.equal("domid", domid, entry.get("domid"));
        Expect.equal("frame", frame, entry.get("frame"));
    }
}
