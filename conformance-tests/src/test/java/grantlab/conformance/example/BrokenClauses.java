package grantlab.conformance.example;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;

/** Clauses that no implementation keeps: the kit must say so. */
public final class BrokenClauses implements ClauseFamily {
    @Override
    public String prefix() {
        return "BROKEN";
    }

    @Override
    public String title() {
        return "Promises that nobody keeps";
    }

    @Clause(id = "BROKEN-01", promise = "A good mapping is <refused> & called </script>.", source = "nowhere")
    void differs(World world) {
        world.step("the granter grants p0");
        long ref = world.grant(0, Access.READ);
        world.step("the grantee maps it");
        Mapped mapped = world.grantee()
                .call(MapCall.of(World.GRANTER, ref).at(world.grantee().slot(0)).readonly());
        Expect.status(Status.BAD_GNTREF, mapped);
    }

    @Clause(id = "BROKEN-02", promise = "A clause never throws.", source = "nowhere")
    void throwsSomethingElse(World world) {
        world.step("something goes wrong\u0000");
        throw new IllegalStateException("not what the clause looks at \u0001 <&>");
    }

    @Clause(id = "BROKEN-03", promise = "A lucky number is drawn.", source = "nowhere")
    void randomised(World world) {
        Expect.equal("lucky number", 7, world.random().nextLong());
    }
}
