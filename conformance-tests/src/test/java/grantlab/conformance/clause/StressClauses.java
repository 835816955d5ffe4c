package grantlab.conformance.clause;

import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Concerns;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** A siege for each kind of table: no family of the kit, since what it finds depends on how the threads run. */
@Needs(format = "layout-tree", iommu = "confined-devices")
@Concerns({Member.IOMMU, Member.SEARCH})
final class StressClauses implements ClauseFamily {
    private static final String PROMISE =
            "What was taken back nobody reaches, whatever a grantee and its devices do meanwhile, and all references are told.";
    private static final String SOURCE = "grant-v3.md, 8.2; I1 to I6";

    /** Whoever takes a leaf now and then has so many more turns. */
    private static final int RUN_TURNS = 16;

    private final int turns;

    StressClauses(int turns) {
        this.turns = turns;
    }

    @Override
    public String prefix() {
        return "STRESS";
    }

    @Override
    public String title() {
        return "Taking back under siege";
    }

    @Clause(id = "STRESS-01", promise = PROMISE, source = SOURCE)
    void leaves(World world) {
        Siege.tree(world, turns);
    }

    @Clause(id = "STRESS-04", promise = PROMISE, source = SOURCE)
    void runs(World world) {
        Siege.runs(world, RUN_TURNS * turns);
    }

    @Clause(id = "STRESS-02", promise = PROMISE, source = SOURCE)
    void versionOne(World world) {
        Siege.flat(world, 1, turns);
    }

    @Clause(id = "STRESS-03", promise = PROMISE, source = SOURCE)
    void versionTwo(World world) {
        Siege.flat(world, 2, turns);
    }
}
