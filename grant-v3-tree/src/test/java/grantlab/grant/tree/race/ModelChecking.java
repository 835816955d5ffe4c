package grantlab.grant.tree.race;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.IdentityMap;
import grantlab.p2m.memory.OnHeapMemory;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.util.LoggingLevel;

/**
 * Lincheck's model checker for scenarios that are written down as names of steps. Threads are switched before each access to
 * shared memory; an access to the machine's memory or books is one step, as it is on a processor.
 */
final class ModelChecking {
    /** No loop has as many turns, over all slots of a cache included, unless it hangs. */
    private static final int LONGEST_LOOP = 100;

    private ModelChecking() {}

    /**
     * Runs a scenario.
     *
     * @param protocol the class whose methods the steps are
     * @param specification what the steps answer one after the other: a class with the same methods
     * @param before steps of one thread
     * @param threads steps of each thread
     * @param after steps of one thread
     * @param interleavings how many are tried, those with few switches first
     * @throws org.jetbrains.lincheck.LincheckAssertionError when an interleaving has answers that no order of the steps has
     */
    static void check(
            Class<?> protocol,
            Class<?> specification,
            String before,
            List<String> threads,
            String after,
            int interleavings) {
        ExecutionScenario scenario = new ExecutionScenario(
                actors(protocol, before),
                threads.stream().map(steps -> actors(protocol, steps)).toList(),
                actors(protocol, after),
                null);
        new ModelCheckingOptions()
                .iterations(0)
                .addCustomScenario(scenario)
                .invocationsPerIteration(interleavings)
                .sequentialSpecification(specification)
                .minimizeFailedScenario(false)
                .loopBound(LONGEST_LOOP)
                .loopIterationsBeforeThreadSwitch(LONGEST_LOOP)
                .addGuarantee(forClasses(
                                OnHeapMemory.class.getName(),
                                AtomicFrameTable.class.getName(),
                                IdentityMap.class.getName())
                        .allMethods()
                        .treatAsAtomic())
                .logLevel(LoggingLevel.ERROR)
                .check(protocol);
    }

    /** What the checker says when it found answers that are not allowed: a run that hangs, or throws, is something else. */
    static void assertSeen(ThrowableAssert.ThrowingCallable checks) {
        assertThatThrownBy(checks)
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("Invalid execution results");
    }

    private static List<Actor> actors(Class<?> protocol, String steps) {
        return Arrays.stream(steps.split(" "))
                .map(step -> actor(protocol, step))
                .toList();
    }

    private static Actor actor(Class<?> protocol, String step) {
        try {
            return new Actor(protocol.getMethod(step), List.of());
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException("nobody can " + step, e);
        }
    }
}
