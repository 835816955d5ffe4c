package grantlab.grant.tree.race;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lookups beside an invalidation, under Lincheck's model checker: what was forgotten is not found, and nothing stays held. */
@Tag("interleaving")
class CacheRaceTest {
    /** Those with few switches first; the fault below shows in one of the first 400, not of the first 120. */
    private static final int INTERLEAVINGS = 400;

    private static void check(Class<?> protocol) {
        check(protocol, "lookUp", "exchange lookUp", "lookUp lookUp");
        check(protocol, "left", "exchange lookUp", "lookUp");
    }

    private static void check(Class<?> protocol, String before, String granter, String others) {
        ModelChecking.check(
                protocol, CacheSpecification.class, before, List.of(granter, others), "lookUp left", INTERLEAVINGS);
    }

    @Test
    void whatWasForgottenIsNotFound() {
        check(CacheProtocol.class);
    }

    /** Whether anything was invalidated is asked after the walk. */
    public static class AsksTooLate extends CacheProtocol {
        @Override
        protected long invalidations(long beforeTheWalk) {
            return cache.invalidations();
        }
    }

    @Test
    void aWalkThatAnInvalidationOvertookIsSeen() {
        ModelChecking.assertSeen(() -> check(AsksTooLate.class));
    }
}
