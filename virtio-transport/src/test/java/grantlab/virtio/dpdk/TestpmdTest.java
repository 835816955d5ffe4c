package grantlab.virtio.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What surrounds testpmd, without it: programs of a few lines stand for it. */
class TestpmdTest {
    @TempDir
    Path directory;

    private String pathWith(String script) throws IOException {
        Path program = Files.writeString(directory.resolve("dpdk-testpmd"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return "/nowhere:" + directory;
    }

    @Test
    void whatIsMissingIsNamedWithItsPackage() {
        assertThatThrownBy(() -> Testpmd.start("/nowhere"))
                .isInstanceOf(MissingPackageException.class)
                .hasMessageContaining("dpdk-testpmd is not on the PATH")
                .hasMessageContaining("dpdk-dev");
    }

    @Test
    void aDriverThatIsMissingIsNamedToo() throws IOException {
        String path = pathWith("echo 'vdev_probe(): failed to initialize net_vhost0 device'; exit 1");
        assertThatThrownBy(() -> Testpmd.start(path))
                .isInstanceOf(MissingPackageException.class)
                .hasMessageContaining("librte-net-vhost23");
    }

    @Test
    void whatItSaidLastIsTold() throws IOException {
        String path = pathWith("echo 'EAL: no memory'; echo; echo 'Usage: so and so'; exit 3");
        assertThatThrownBy(() -> Testpmd.start(path))
                .isInstanceOf(IOException.class)
                .hasMessage("dpdk-testpmd ended with status 3: EAL: no memory");
    }

    @Test
    void itsCountsAreThoseOfTheEnd() throws IOException {
        String log = """
                RX-packets: 7          RX-missed: 0          RX-bytes:  0
                TX-packets: 6          TX-errors: 0          TX-bytes:  0
                +++++++ Accumulated forward statistics for all ports
                RX-packets: 5000       RX-dropped: 0         RX-total: 5000
                TX-packets: 4990       TX-dropped: 10        TX-total: 5000
                """;
        assertThat(Testpmd.counts(log)).isEqualTo(new Testpmd.Counts(5000, 4990, 10));
        assertThatThrownBy(() -> Testpmd.counts("EAL: nothing"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("RX-packets");
    }
}
