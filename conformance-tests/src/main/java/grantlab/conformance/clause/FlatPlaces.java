package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectPrivate;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;

import grantlab.api.Status;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.List;

/** Handles that were unmapped at each other's places: operation 1 takes any place that matches. */
@Needs(format = "layout-tree")
@Concerns(Member.SEARCH)
final class FlatPlaces {
    private static final String SOURCE = "grant-v3.md, 8.2, Slot 0; xen-semantics.md, 2.2, 6.6";

    private static MapCall call(World world, int slot, boolean writes) {
        MapCall call = MapCall.of(World.GRANTER, REF).at(world.grantee().slot(slot));
        return writes ? call : call.readonly();
    }

    @Clause(
            id = "FLAT-41",
            promise =
                    "A handle that is unmapped at another's place leaves its own to that one: a revocation empties the place that is left,"
                            + " and the other handle acknowledges it.",
            source = SOURCE)
    void eachOthersPlaces(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            for (int rights = 0; rights < 4; rights++) {
                boolean first = (rights & 1) != 0;
                boolean second = (rights & 2) != 0;
                if (first == second || grantee.translated()) {
                    world.step("one " + (first ? "writes" : "reads") + ", the other " + (second ? "writes" : "reads"));
                    exchanged(world, version, first, second);
                }
            }
        });
    }

    private static void exchanged(World world, int version, boolean first, boolean second) {
        Party grantee = world.grantee();
        long references = world.references(0);
        FlatVersions.grant(world, version, REF, 0, 0);
        world.granter().store(world.granter().page(0), 42);
        Mapped one = map(grantee, call(world, 0, first));
        Mapped other = map(grantee, call(world, 1, second));
        unmap(grantee, one, 1);
        Sight.nothing(grantee, grantee.slot(1));
        Sight.value(grantee, grantee.slot(0), 42);
        world.machine().checkInvariants();
        expectTaken(world, revocation(REF, 1), 1);
        Sight.nothing(grantee, grantee.slot(0));
        expectPrivate(world, 0, references);
        unmap(grantee, other, 1);
        expectEntry(world, REF, 0);
    }

    @Clause(
            id = "FLAT-42",
            promise =
                    "Of several handles that one has the place whose mapping stood there; the others keep theirs, each can be unmapped where"
                            + " it stands, and in one batch too.",
            source = SOURCE)
    void amongMany(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 0, 0);
            Mapped[] mapped = new Mapped[5];
            for (int slot = 0; slot < mapped.length; slot++) {
                long ref = slot == 3 ? REF + 1 : REF;
                mapped[slot] = map(grantee, MapCall.of(World.GRANTER, ref).at(grantee.slot(slot)));
            }
            world.step(
                    "two in one call, each at the place of another: of the same reference, and of another of the same page");
            grantee.batch(List.of(
                            UnmapCall.of(mapped[0].handle()).at(grantee.slot(2)),
                            UnmapCall.of(mapped[1].handle()).at(grantee.slot(3))))
                    .forEach(Expect::okay);
            Sight.nothing(grantee, grantee.slot(2));
            Sight.nothing(grantee, grantee.slot(3));
            world.machine().checkInvariants();
            world.step("one stands where the first stood, one where the second stood, one where it was");
            expectTaken(world, revocation(REF, 1), 2);
            for (int slot : new int[] {0, 4}) {
                Sight.nothing(grantee, grantee.slot(slot));
            }
            Sight.value(grantee, grantee.slot(1), 0);
            unmap(grantee, mapped[3], 1);
            Sight.nothing(grantee, grantee.slot(1));
            expectPrivate(world, 0, references);
            unmap(grantee, mapped[2], 0);
            unmap(grantee, mapped[4], 4);
            expectEntry(world, REF, 0);
            Expect.status(
                    Status.BAD_HANDLE,
                    grantee.call(UnmapCall.of(mapped[0].handle()).at(grantee.slot(0))));
            Expect.bits("entry", MARKS, 0, world.granter().entry(REF + 1).flags());
            FlatVersions.end(world, REF + 1);
        });
    }
}
