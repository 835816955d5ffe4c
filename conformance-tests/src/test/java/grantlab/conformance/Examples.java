package grantlab.conformance;

import grantlab.conformance.example.BrokenClauses;
import grantlab.conformance.example.KeptClauses;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.util.List;

/** Small matrices of the example families, on the implementations that are installed. */
public final class Examples {
    private Examples() {}

    /** What there is. */
    public static final Installed INSTALLED = Installed.find();

    /** Runs a matrix of version 1. */
    public static MatrixResult run(long seed, List<? extends ClauseFamily> families, String... pagings) {
        List<Combination> combinations = new Selection(List.of("v1"), List.of(pagings)).combinations(INSTALLED);
        return new Matrix(Catalogue.of(families), combinations, Settings.usual(), INSTALLED, seed)
                .run(Matrix.Listener.NONE);
    }

    /** Kept and broken promises, in two combinations. */
    public static MatrixResult mixed() {
        return run(7, List.of(new KeptClauses(), new BrokenClauses()), "pv", "hvm-pv");
    }
}
