package grantlab.conformance;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A clause as the kit handles it: what its annotations say, and how it is run.
 *
 * @param id {@code MAP-07}
 * @param text the promise in one sentence
 * @param source where it is made
 * @param requirements what it asks of a combination
 * @param bothTables whether it is about the grantee's own table too, see {@link BothTables}
 * @param concerns further places that play a part in it, see {@link Concerns}; those of its requirements among them
 * @param devicesBeside whether it runs beside devices though they play no part in it
 * @param disturbance what of it says something else beside devices, see {@link DisturbedByDevices}
 * @param interruptible whether its world lets somebody in between two accesses, see {@link Interruptible}
 * @param outOfScope why it is carried out nowhere, see {@link OutOfScope}
 * @param onceFor the places that it asks, of a clause that runs once for whoever stands there, see {@link OnceFor}
 * @param body the clause's method
 * @param declaredIn the class of its method, for locations in reports
 */
public record Promise(
        String id,
        String text,
        String source,
        List<Requirement> requirements,
        boolean bothTables,
        Set<Member> concerns,
        boolean devicesBeside,
        Optional<Disturbance> disturbance,
        boolean interruptible,
        Optional<String> outOfScope,
        Optional<Set<Member>> onceFor,
        Body body,
        Class<?> declaredIn) {
    /** Keeps a copy. */
    public Promise {
        requirements = List.copyOf(requirements);
        concerns = Set.copyOf(concerns);
    }

    /** What a clause does with its world. */
    @FunctionalInterface
    public interface Body {
        /**
         * Holds the world's implementations to the promise.
         *
         * @param world fresh
         * @throws Exception whatever the clause throws; {@link ClauseFailure} means that the promise is broken
         */
        void check(World world) throws Exception;
    }

    /**
     * Why the clause does not run in a combination.
     *
     * @param combination any
     * @return that it runs nowhere, or the first requirement that is not met, as a reason; nothing when it runs
     */
    public Optional<String> notApplicableIn(Combination combination) {
        return outOfScope
                .or(() -> unmetIn(combination))
                .or(() -> idlePlaceIn(combination))
                .or(() -> disturbedIn(combination))
                .or(() -> nothingNewIn(combination));
    }

    /**
     * Whether the clause would only say once more what it says where a place is empty: then there is no such cell.
     *
     * @param combination any
     * @return true when one of its further places plays no part
     */
    public boolean idleIn(Combination combination) {
        return outOfScope.isEmpty() && idlePlaceIn(combination).isPresent();
    }

    /**
     * The same where the devices of its guests play no part in it, but are there.
     *
     * @return runs where an IOMMU stands too
     */
    public Promise withDevicesBeside() {
        Set<Member> places = EnumSet.of(Member.IOMMU);
        places.addAll(concerns);
        return new Promise(
                id,
                text,
                source,
                requirements,
                bothTables,
                places,
                !concerns.contains(Member.IOMMU),
                disturbance,
                interruptible,
                outOfScope,
                onceFor,
                body,
                declaredIn);
    }

    /**
     * Where the clause has something to say: in each combination but those in which a place is idle, or, if it is said once for whoever stands
     * in some places, in those and in the first with the same names there.
     *
     * @param combinations those that are run, in their order
     * @return some of them, in the same order; where it is not applicable too
     */
    public List<Combination> among(List<Combination> combinations) {
        Set<List<String>> asked = new HashSet<>();
        return combinations.stream()
                .filter(combination -> !idleIn(combination))
                .filter(combination -> onceFor.isEmpty()
                        || notApplicableIn(combination).isPresent()
                        || asked.add(combination.names(onceFor.get())))
                .toList();
    }

    private Optional<String> unmetIn(Combination combination) {
        return requirements.stream()
                .flatMap(requirement -> requirement.unmetBy(combination).stream())
                .findFirst();
    }

    private Optional<String> idlePlaceIn(Combination combination) {
        return combination.further().keySet().stream()
                .filter(place -> !concerns.contains(place))
                .findFirst()
                .map(place -> "the " + place.text() + " plays no part: see "
                        + combination.without(place).name());
    }

    private Optional<String> disturbedIn(Combination combination) {
        return devicesBeside ? disturbance.flatMap(devices -> devices.in(combination)) : Optional.empty();
    }

    private Optional<String> nothingNewIn(Combination combination) {
        return combination.sameFormats() || bothTables
                ? Optional.empty()
                : Optional.of("the grantee's own table plays no part: see "
                        + combination.format().name() + "/" + combination.pagings());
    }

    @Override
    public String toString() {
        return id;
    }
}
