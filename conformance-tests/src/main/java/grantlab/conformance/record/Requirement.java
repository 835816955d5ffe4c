package grantlab.conformance.record;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Something without which nothing can be recorded.
 *
 * @param role what it is for the recorder
 * @param name of the program or file that was looked for
 * @param debianPackage what brings it on Debian
 * @param place where it is, if it is there
 */
record Requirement(String role, String name, String debianPackage, Optional<Path> place) {
    static Requirement compiler(RecorderSettings settings, SearchPath programs) {
        return new Requirement("the compiler", settings.compiler(), "gcc", programs.find(settings.compiler()));
    }

    static Requirement headers(RecorderSettings settings) {
        Path oneOfThem = settings.headers().resolve("xen").resolve("xen.h");
        return new Requirement(
                "Xen's public headers",
                oneOfThem.toString(),
                "libxen-dev",
                readable(oneOfThem).map(there -> settings.headers().toAbsolutePath()));
    }

    static Requirement emulator(RecorderSettings settings, SearchPath programs) {
        return new Requirement("QEMU", settings.emulator(), "qemu-system-x86", programs.find(settings.emulator()));
    }

    static Requirement hypervisor(RecorderSettings settings) {
        return new Requirement(
                "the hypervisor",
                settings.xen().toString(),
                "xen-hypervisor-4.17-amd64",
                readable(settings.xen()).map(Path::toAbsolutePath));
    }

    private static Optional<Path> readable(Path file) {
        return Optional.of(file).filter(Files::isRegularFile).filter(Files::isReadable);
    }

    /**
     * Names all that is missing, at once.
     *
     * @throws RequirementException when something is
     */
    static void check(List<Requirement> requirements) {
        List<Requirement> missing = requirements.stream()
                .filter(requirement -> requirement.place().isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            String packages =
                    missing.stream().map(Requirement::debianPackage).distinct().collect(Collectors.joining(" "));
            throw new RequirementException("recording needs what is not here: "
                    + missing.stream().map(Requirement::toString).collect(Collectors.joining(", "))
                    + "; on Debian: apt install " + packages);
        }
    }

    /** What is looked for, and what brings it. */
    @Override
    public String toString() {
        return role + " " + name + " (package " + debianPackage + ")";
    }
}
