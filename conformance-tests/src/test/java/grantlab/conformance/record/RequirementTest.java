package grantlab.conformance.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequirementTest {
    @TempDir
    private Path directory;

    @Test
    void shouldNameAllThatIsMissingWithItsPackagesInOneLine() {
        RecorderSettings settings = RecorderSettings.usual()
                .withHeaders(directory.resolve("include"))
                .withXen(directory.resolve("xen.gz"));
        assertThatThrownBy(() -> Equipment.find(settings, new SearchPath(List.of(directory))))
                .isInstanceOf(RequirementException.class)
                .hasMessage("recording needs what is not here: the compiler gcc (package gcc), Xen's public headers "
                        + directory.resolve("include/xen/xen.h")
                        + " (package libxen-dev), QEMU qemu-system-x86_64 (package qemu-system-x86), the hypervisor "
                        + directory.resolve("xen.gz")
                        + " (package xen-hypervisor-4.17-amd64); on Debian: apt install gcc libxen-dev qemu-system-x86"
                        + " xen-hypervisor-4.17-amd64");
    }

    @Test
    void shouldNameOnlyWhatIsMissing() throws IOException {
        RecorderSettings settings = FakeLaboratory.in(directory).settings().withEmulator("no-such-qemu");
        assertThatThrownBy(() -> Equipment.find(settings, new SearchPath(List.of(directory))))
                .hasMessage("recording needs what is not here: QEMU no-such-qemu (package qemu-system-x86);"
                        + " on Debian: apt install qemu-system-x86");
    }

    @Test
    void shouldFindProgramsOnThePathAndFilesWhereTheyAre() throws IOException {
        RecorderSettings settings =
                FakeLaboratory.in(directory).settings().withCompiler("gcc").withEmulator("qemu");
        SearchPath path = new SearchPath(List.of(directory.resolve("nowhere"), directory));
        assertThat(Equipment.find(settings, path))
                .isEqualTo(new Equipment(
                        directory.resolve("gcc"),
                        directory.resolve("include"),
                        directory.resolve("qemu"),
                        directory.resolve("xen")));
    }

    @Test
    void shouldTakeNoFileForAProgramThatCannotBeExecuted() throws IOException {
        Files.writeString(directory.resolve("gcc"), "");
        assertThat(new SearchPath(List.of(directory)).find("gcc")).isEmpty();
        assertThat(new SearchPath(List.of()).find(directory.toString())).isEmpty();
    }
}
