package grantlab.conformance.record;

import java.nio.file.Path;
import java.util.List;

/**
 * What the recorder works with, found.
 *
 * @param compiler absolute path of gcc
 * @param headers absolute path of the directory above {@code xen/}
 * @param emulator absolute path of QEMU
 * @param xen absolute path of the hypervisor's image
 */
record Equipment(Path compiler, Path headers, Path emulator, Path xen) {
    /**
     * Looks for everything.
     *
     * @throws RequirementException that names all that is missing
     */
    static Equipment find(RecorderSettings settings, SearchPath programs) {
        Requirement compiler = Requirement.compiler(settings, programs);
        Requirement headers = Requirement.headers(settings);
        Requirement emulator = Requirement.emulator(settings, programs);
        Requirement xen = Requirement.hypervisor(settings);
        Requirement.check(List.of(compiler, headers, emulator, xen));
        return new Equipment(
                compiler.place().orElseThrow(),
                headers.place().orElseThrow(),
                emulator.place().orElseThrow(),
                xen.place().orElseThrow());
    }
}
