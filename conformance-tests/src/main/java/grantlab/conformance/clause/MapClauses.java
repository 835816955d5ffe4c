package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;

/** GNTTABOP_map_grant_ref. */
public final class MapClauses implements ClauseFamily {
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long REPLY = 0x7265_706c_7921_2121L;

    /** For ServiceLoader. */
    public MapClauses() {}

    @Override
    public String prefix() {
        return "MAP";
    }

    @Override
    public String title() {
        return "Mapping a grant";
    }

    @Clause(
            id = "MAP-01",
            promise = "A writable mapping is the granter's page: what either side stores, the other side loads.",
            source = "xen-semantics.md, 2.1")
    void samePage(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        world.step("the granter writes p0 and grants it");
        granter.store(granter.page(0), GREETING);
        long ref = world.grant(0, Access.READ | Access.WRITE);

        world.step("the grantee maps it at m0 and reads");
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)));
        Expect.okay(mapped);
        Expect.equal("what the grantee loads", GREETING, grantee.load(grantee.slot(0)));

        world.step("the grantee answers through the mapping");
        grantee.store(grantee.slot(0), REPLY);
        Expect.equal("what the granter loads", REPLY, granter.load(granter.page(0)));

        world.step("the grantee unmaps and the granter ends the grant");
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(0))));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "MAP-02",
            promise = "With GNTMAP_contains_pte the address names the page-table entry that becomes the mapping.",
            source = "xen-semantics.md, 6.1; xen/include/public/grant_table.h, GNTMAP_contains_pte")
    void throughEntry(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        world.step("the granter grants p0");
        granter.store(granter.page(0), GREETING);
        long ref = world.grant(0, Access.READ | Access.WRITE);

        world.step("the grantee maps by the machine address of the entry of m0");
        long entry = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        int flags = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(entry).flags(flags));
        Expect.okay(mapped);
        Expect.equal("what the grantee loads at m0", GREETING, grantee.load(grantee.slot(0)));

        world.step("the grantee unmaps by the same address");
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(entry)));
    }

    @Lacks(grantee = "names-entries")
    @Clause(
            id = "MAP-03",
            promise = "Where mappings are no page-table entries, GNTMAP_contains_pte is refused.",
            source = "xen-semantics.md, 2.1 row 2")
    void entryRefused(World world) {
        Party grantee = world.grantee();
        world.step("the granter grants p0");
        long ref = world.grant(0, Access.READ | Access.WRITE);

        world.step("the grantee asks for contains_pte");
        int flags = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
        Expect.status(
                Status.GENERAL_ERROR,
                grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(flags)));
    }
}
