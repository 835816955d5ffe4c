package grantlab.hypervisor.wiring;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.ProvisionException;
import grantlab.api.Clock;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One injector, many wholes: what is scoped is shared inside of each and with no other. */
class MachineScopeTest {
    private final Injector injector = Guice.createInjector(new AbstractModule() {
        @Override
        protected void configure() {
            bindScope(MachineScoped.class, new MachineScope());
            bind(Clock.class).toProvider(MachineScope.given(Clock.class)).in(MachineScoped.class);
            bind(Whole.class);
        }
    });

    @Test
    void eachWholeHasPartsOfItsOwn() {
        Clock clock = () -> 1;
        Whole one = assemble(clock);
        Whole other = assemble(() -> 2);
        assertSame(one.part, one.user.part);
        assertSame(clock, one.part.clock);
        assertNotSame(one, other);
        assertNotSame(one.part, other.part);
        assertSame(other.part, other.user.part);
    }

    /** Both are in the midst of it at the same time: the clock of each waits for the other. */
    @Test
    void threadsKnowNothingOfEachOther() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        Clock waits = () -> {
            try {
                return both.await(1, TimeUnit.MINUTES);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<Whole> one = threads.submit(() -> assemble(waits));
            Future<Whole> other = threads.submit(() -> assemble(waits));
            assertNotSame(one.get().part, other.get().part);
            assertSame(one.get().part, one.get().user.part);
            assertSame(other.get().part, other.get().user.part);
        }
    }

    @Test
    void aPartThatWasNotGivenIsNamed() {
        var e = assertThrows(ProvisionException.class, () -> MachineScope.assemble(Whole.class, injector, Map.of()));
        assertTrue(e.getMessage().contains("without its Clock"), e.getMessage());
    }

    @Test
    void outsideOfAMachineThereAreNoParts() {
        assertThrows(RuntimeException.class, () -> injector.getInstance(Whole.class));
    }

    private Whole assemble(Clock clock) {
        return MachineScope.assemble(Whole.class, injector, Map.of(Clock.class, clock));
    }

    @MachineScoped
    static final class Part {
        private final Clock clock;

        @Inject
        Part(Clock clock) {
            this.clock = clock;
            clock.nanos();
        }
    }

    static final class User {
        private final Part part;

        @Inject
        User(Part part) {
            this.part = part;
        }
    }

    @MachineScoped
    static final class Whole {
        private final User user;
        private final Part part;

        @Inject
        Whole(User user, Part part) {
            this.user = user;
            this.part = part;
        }
    }
}
