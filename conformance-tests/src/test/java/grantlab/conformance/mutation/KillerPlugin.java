package grantlab.conformance.mutation;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pitest.classinfo.ClassByteArraySource;
import org.pitest.help.PitHelpError;
import org.pitest.testapi.AbstractTestUnit;
import org.pitest.testapi.Configuration;
import org.pitest.testapi.Description;
import org.pitest.testapi.ResultCollector;
import org.pitest.testapi.TestGroupConfig;
import org.pitest.testapi.TestPluginFactory;
import org.pitest.testapi.TestSuiteFinder;
import org.pitest.testapi.TestUnit;
import org.pitest.testapi.TestUnitExecutionListener;
import org.pitest.testapi.TestUnitFinder;

/**
 * Shows PIT the proofs of {@link Killer}, one unit each. PIT starts a process for each mutated class and for whatever comes after an endless
 * loop: a platform for tests would carry out all of them in each such process, to know them.
 */
public final class KillerPlugin implements TestPluginFactory {
    @Override
    public String name() {
        return "killer";
    }

    @Override
    public String description() {
        return "The kit, one unit for each clause in each combination";
    }

    @Override
    public Configuration createTestFrameworkConfiguration(
            TestGroupConfig groups,
            ClassByteArraySource source,
            Collection<String> excludedRunners,
            Collection<String> includedMethods) {
        return new Proofs();
    }

    /** What some clauses see by themselves is known sooner than what all do. */
    private static final Pattern ASKED = Pattern.compile(System.getProperty("proofs", ".*"));

    /** The kit as a test framework. */
    private static final class Proofs implements Configuration {
        @Override
        public int priority() {
            return 0;
        }

        @Override
        public TestUnitFinder testUnitFinder() {
            return Proofs::units;
        }

        @Override
        public TestSuiteFinder testSuiteFinder() {
            return type -> List.of();
        }

        @Override
        public Optional<PitHelpError> verifyEnvironment() {
            return Optional.empty();
        }

        private static List<TestUnit> units(Class<?> type, TestUnitExecutionListener listener) {
            return type == Killer.class
                    ? Killer.proofs().stream()
                            .filter(proof -> ASKED.matcher(proof.name()).matches())
                            .<TestUnit>map(Unit::new)
                            .toList()
                    : List.of();
        }
    }

    /** One proof. */
    private static final class Unit extends AbstractTestUnit {
        private final Killer.Proof proof;

        Unit(Killer.Proof proof) {
            super(new Description(proof.name(), Killer.class));
            this.proof = proof;
        }

        /** Whatever is thrown says that the mutant was seen. */
        @Override
        public void execute(ResultCollector results) {
            results.notifyStart(getDescription());
            try {
                if (proof.holds().getAsBoolean()) {
                    results.notifyEnd(getDescription());
                } else {
                    results.notifyEnd(getDescription(), new AssertionError(proof.name()));
                }
            } catch (Throwable thrown) {
                results.notifyEnd(getDescription(), thrown);
            }
        }
    }
}
