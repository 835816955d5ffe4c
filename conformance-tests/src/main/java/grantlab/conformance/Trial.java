package grantlab.conformance;

import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.invariant.InvariantBroken;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of one clause in one combination: a fresh world, the clause, the checks afterwards.
 *
 * @param promise the clause
 * @param combination where
 * @param settings of the machine, but for format and paging
 * @param installed what it is built from
 * @param matrixSeed from which the run's own seed is made
 */
public record Trial(Promise promise, Combination combination, Settings settings, Installed installed, long matrixSeed) {
    private static final int TRACE_LINES = 12;

    /**
     * Carries it out, on the calling thread.
     *
     * @return the cell of the matrix; never an exception of the clause's
     */
    public Cell run() {
        Optional<String> reason = promise.notApplicableIn(combination);
        if (reason.isPresent()) {
            return new Cell(promise, combination, new Outcome.NotApplicable(reason.get()), Cost.NONE);
        }
        long start = System.nanoTime();
        Cell cell = inFreshWorld();
        Cost cost = cell.cost().took(System.nanoTime() - start);
        Outcome outcome =
                cell.outcome() instanceof Outcome.Failed failed ? failed.from(before(failed)) : cell.outcome();
        return new Cell(promise, combination, outcome, cost);
    }

    /**
     * Carries it out, on the calling thread, for the verdict alone: a failure is not looked at.
     *
     * @return as of the cell
     */
    public Verdict verdict() {
        return promise.notApplicableIn(combination).isPresent()
                ? Verdict.NOT_APPLICABLE
                : inFreshWorld().verdict();
    }

    private Cell inFreshWorld() {
        try (World world = world()) {
            Outcome outcome = inside(world);
            return new Cell(promise, combination, outcome, world.cost());
        } catch (RuntimeException | Error e) {
            return new Cell(promise, combination, failed(e, null), Cost.NONE);
        }
    }

    /**
     * The same once more, with a look at every domain as each step begins: what the promise broke from. A race that ends otherwise this
     * time tells nothing of it.
     */
    private List<DomainState> before(Outcome.Failed failed) {
        try (World again = world()) {
            again.lookAtEachStep();
            return inside(again) instanceof Outcome.Failed same && same.isLike(failed)
                    ? again.statesBefore()
                    : List.of();
        } catch (RuntimeException | Error e) {
            return List.of();
        }
    }

    private World world() {
        World world = promise.interruptible()
                ? World.interruptible(settings, installed, combination, seed())
                : World.open(settings, installed, combination, seed());
        if (promise.devicesBeside() && combination.member(Member.IOMMU) != null) {
            world.grantToDevicesToo();
        }
        return world;
    }

    /** Whatever a clause throws ends its run and no other's: that is why everything is caught here. */
    private Outcome inside(World world) {
        try {
            promise.body().check(world);
            world.checkInvariants();
            world.dismantle();
            return new Outcome.Passed();
        } catch (Exception | Error e) {
            return failed(e, world);
        }
    }

    private Outcome.Failed failed(Throwable thrown, @Nullable World world) {
        boolean error = !(thrown instanceof ClauseFailure || thrown instanceof InvariantBroken);
        List<String> message = (error ? thrown.toString() : String.valueOf(thrown.getMessage()))
                .lines()
                .toList();
        return new Outcome.Failed(
                error,
                message.isEmpty() ? "" : message.getFirst(),
                thrown instanceof ClauseFailure failure ? failure.comparison() : null,
                location(thrown),
                error ? trace(thrown) : message.stream().skip(1).toList(),
                world == null ? List.of() : world.steps(),
                List.of(),
                world == null ? List.of() : states(world),
                world != null && world.randomised() ? matrixSeed : null);
    }

    /** A dump of a machine that is broken may break itself; the failure is worth more than its dump. */
    private static List<DomainState> states(World world) {
        try {
            return world.states();
        } catch (RuntimeException e) {
            return List.of(new DomainState("no state", -1, "the dump failed: " + e + "\n"));
        }
    }

    /** The innermost line of the clause's own class. */
    private String location(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .filter(frame ->
                        frame.getClassName().startsWith(promise.declaredIn().getName()))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse("outside the clause");
    }

    private static List<String> trace(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .limit(TRACE_LINES)
                .map(frame -> "at " + frame)
                .toList();
    }

    /** The same numbers for a clause in a combination whatever else is run, and in whatever order. */
    private long seed() {
        return matrixSeed * 0x9e3779b97f4a7c15L + (combination.name() + "/" + promise.id()).hashCode();
    }

    /** What becomes of a run that does not come to an end. */
    Cell stuck(Thread thread, long seconds) {
        List<String> trace = Arrays.stream(thread.getStackTrace())
                .limit(TRACE_LINES)
                .map(frame -> "at " + frame)
                .toList();
        Outcome outcome = new Outcome.Failed(
                true,
                "still running after " + seconds + " s",
                null,
                "unknown",
                trace,
                List.of(),
                List.of(),
                List.of(),
                matrixSeed);
        return new Cell(promise, combination, outcome, Cost.NONE);
    }
}
