package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.BOTH_PARTS;
import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;

import grantlab.api.Status;
import grantlab.api.abi.V3Map;
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
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.ArrayList;
import java.util.List;

/** Either side dies, before, meanwhile or afterwards. */
@Needs(format = "layout-tree")
@Concerns(Member.SEARCH)
final class FlatDeaths {
    private static final int MANY = 60;

    @Clause(
            id = "FLAT-10",
            promise =
                    "A granter that dies leaves nothing of what it took back; the grantee acknowledges all the same, be it that"
                            + " another domain has the number by then.",
            source = "grant-v3.md, 8.2; xen-semantics.md, 2.2 (an unmap of what is nobody's crashes its caller)")
    void granterDies(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, REF + 1, 1, 0);
        Mapped first = map(grantee, REF, 0);
        Mapped second = map(grantee, REF, 1);
        V3Answer third = driver.hold(REF + 1, 2, V3Map.ACCEPT_FAULT);
        expectTaken(world, revocation(REF, 2), 3);
        DomainConfig config = world.granter().domain().config();
        world.destroy(world.granter());
        Expect.equal(
                "domains with the number",
                0,
                world.machine().domains().stream()
                        .filter(domain -> domain.domid() == World.GRANTER)
                        .count());
        world.machine().checkInvariants();
        unmap(grantee, first, 0);
        Expect.status(
                Status.BAD_HANDLE, grantee.call(UnmapCall.of(first.handle()).at(grantee.slot(0))));
        Expect.okay(world.boot(config).call(V3Call.of(V3Form.QUERY)));
        unmap(grantee, second, 1);
        driver.letGo(third);
        Expect.holds("the grantee runs", grantee.domain().running());
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-11",
            promise = "A grantee that dies with something to acknowledge leaves nothing behind.",
            source = "grant-v3.md, 8.2, phase 7")
    void granteeDies(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, REF + 1, 0, 0);
        map(grantee, REF, 0);
        driver.hold(REF, 1, V3Map.ACCEPT_FAULT);
        map(grantee, REF + 1, 2);
        boolean device = !grantee.translated();
        if (device) {
            map(grantee, MapCall.of(World.GRANTER, REF).at(grantee.slot(3)).flags(BOTH_PARTS));
        }
        expectTaken(world, revocation(REF, 1), device ? 3 : 2);
        world.destroy(grantee);
        expectEntry(world, REF, 0);
        Expect.bits(
                "the entry that was not taken",
                MARKS,
                0,
                world.granter().entry(REF + 1).flags());
        Expect.equal("references", references, world.references(0));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-17",
            promise =
                    "A grantee that dies while its mappings are being taken leaves nothing behind, and nobody waits for ever.",
            source = "grant-v3.md, 8.2; I7")
    void granteeDiesMeanwhile(World world) {
        long references = world.references(0);
        holdMany(world);
        Race.run(
                () -> {
                    for (int n = 0; n < MANY; n++) {
                        Expect.okay(world.granter().call(revocation(REF + n, 1)));
                    }
                },
                () -> Expect.rc(0, world.machine().destroyDomain(World.GRANTEE)));
        for (int n = 0; n < MANY; n++) {
            expectEntry(world, REF + n, 0);
        }
        Expect.equal("references", references, world.references(0));
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-18",
            promise =
                    "A granter that dies while it takes back leaves no mapping in between: each can be unmapped, and then nothing of"
                            + " the granter is left.",
            source = "grant-v3.md, 8.2; I7")
    void granterDiesMeanwhile(World world) {
        Party grantee = world.grantee();
        List<Mapped> handles = holdMany(world);
        Race.run(
                () -> Traffic.untilDead(world.granter(), () -> world.granter().call(revocation(REF, MANY))),
                () -> Expect.rc(0, world.machine().destroyDomain(World.GRANTER)));
        for (int n = 0; n < MANY; n++) {
            unmap(grantee, handles.get(n), n);
        }
        world.machine().checkInvariants();
    }

    /** The same page by many references, each at a slot. */
    private static List<Mapped> holdMany(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        List<Mapped> handles = new ArrayList<>();
        for (int n = 0; n < MANY; n++) {
            FlatVersions.grant(world, 1, REF + n, 0, 0);
            handles.add(map(grantee, REF + n, n));
        }
        return handles;
    }
}
