package grantlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.invariant.InvariantBroken;
import grantlab.virtio.dpdk.MissingPackageException;
import grantlab.virtio.vhost.BackendException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class FaultsTest {
    private final StringWriter err = new StringWriter();

    private int thrown(Exception exception) {
        return new CommandLine(new Failing(exception))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(new Faults())
                .execute();
    }

    @Test
    void aBrokenInvariantEndsWith3AndTheState() {
        assertThat(thrown(new InvariantBroken("pins of d1 ref 8 are 2, mappings 1\ndomain 1: pv, running")))
                .isEqualTo(3);
        assertThat(err.toString())
                .contains("invariant", "pins of d1 ref 8", "domain 1: pv")
                .doesNotContain("\tat ");
    }

    @Test
    void aFaultOfOursEndsWith3AndAllThatIsKnown() {
        assertThat(thrown(new IllegalStateException("oops"))).isEqualTo(3);
        assertThat(err.toString()).contains("please report", "oops", "\tat ");
    }

    @Test
    void whatTheUserCanMendIsOneLine() {
        assertThat(thrown(new ConfigurationException("memory = paper is not known;\n there is: off-heap")))
                .isEqualTo(2);
        assertThat(thrown(new UncheckedIOException(new AccessDeniedException("/secret"))))
                .isEqualTo(2);
        assertThat(thrown(new IOException("disk full"))).isEqualTo(2);
        assertThat(thrown(new MissingPackageException("no dpdk-testpmd: package dpdk-dev")))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "grantlab: memory = paper is not known; there is: off-heap",
                        "grantlab: /secret: permission denied",
                        "grantlab: disk full",
                        "grantlab: no dpdk-testpmd: package dpdk-dev");
    }

    @Test
    void aProgramThatDoesNotDoAsItShouldIsADifference() {
        assertThat(thrown(new BackendException("the backend refused SET_OWNER with 1")))
                .isEqualTo(1);
        assertThat(err.toString().lines()).containsExactly("grantlab: the backend refused SET_OWNER with 1");
    }

    @Command(name = "failing")
    private static final class Failing implements Callable<Integer> {
        private final Exception exception;

        Failing(Exception exception) {
            this.exception = exception;
        }

        @Override
        public Integer call() throws Exception {
            throw exception;
        }
    }
}
