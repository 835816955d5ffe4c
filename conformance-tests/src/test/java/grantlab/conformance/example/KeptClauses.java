package grantlab.conformance.example;

import grantlab.api.Access;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.concurrent.CopyOnWriteArrayList;

/** Clauses that every implementation keeps, for tests of the frame. */
public final class KeptClauses implements ClauseFamily {
    /** What the randomised clause drew, run by run. */
    public final CopyOnWriteArrayList<Long> drawn = new CopyOnWriteArrayList<>();

    @Override
    public String prefix() {
        return "KEPT";
    }

    @Override
    public String title() {
        return "Kept promises";
    }

    @Clause(id = "KEPT-01", promise = "What is mapped can be unmapped.", source = "grant_table.h")
    void mapAndUnmap(World world) {
        world.step("the granter grants p0");
        long ref = world.grant(0, Access.READ | Access.WRITE);
        world.step("the grantee maps and unmaps");
        Mapped mapped = world.grantee()
                .call(MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0)));
        Expect.okay(mapped);
        Expect.okay(world.grantee()
                .call(UnmapCall.of(mapped.handle()).at(world.grantee().slot(0))));
    }

    @Needs(grantee = "names-entries")
    @Clause(id = "KEPT-02", promise = "Runs where entries have names.", source = "grant_table.h")
    void whereDeclared(World world) {
        Expect.holds("the grantee is PV", !world.grantee().translated());
    }

    @Lacks(grantee = "names-entries")
    @Clause(id = "KEPT-03", promise = "Runs where entries have no names.", source = "grant_table.h")
    void whereNotDeclared(World world) {
        Expect.holds("the grantee is translated", world.grantee().translated());
    }

    @Clause(id = "KEPT-04", promise = "Numbers can be had again.", source = "the kit")
    void randomised(World world) {
        drawn.add(world.random().nextLong());
    }
}
