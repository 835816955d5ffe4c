package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.SharedExtent;
import grantlab.p2m.Machines;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Memory that other processes map: by the descriptor alone, as they get it. */
@EnabledOnOs(OS.LINUX)
class SharedExtentsTest {
    @Test
    void whoMapsTheFileSeesTheMachinesMemory() throws IOException {
        try (MachineRam ram = Machines.create("memfd", Machines.SPARSE)) {
            List<SharedExtent> extents = ram.sharedExtents();
            assertThat(extents)
                    .extracting(SharedExtent::address)
                    .containsExactlyElementsOf(Machines.SPARSE.extents().stream()
                            .map(extent -> extent.firstMfn() << 12)
                            .toList());
            MachineMemory memory = ram.memory();
            for (SharedExtent extent : extents) {
                long last = extent.address() + extent.bytes() - Long.BYTES;
                memory.store64(extent.address(), extent.address() + 1);
                memory.store64(last, extent.address() + 2);
                MemorySegment mapped = map(extent);
                assertThat(mapped.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(extent.address() + 1);
                assertThat(mapped.get(ValueLayout.JAVA_LONG, extent.bytes() - Long.BYTES))
                        .isEqualTo(extent.address() + 2);
                mapped.set(ValueLayout.JAVA_LONG, 0, 3);
                assertThat(memory.load64(extent.address())).isEqualTo(3);
            }
        }
    }

    private static MemorySegment map(SharedExtent extent) throws IOException {
        try (FileChannel channel = FileChannel.open(path(extent), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, extent.offset(), extent.bytes(), Arena.ofAuto());
        }
    }

    private static Path path(SharedExtent extent) {
        return Path.of("/proc/self/fd/" + extent.descriptor());
    }

    @Test
    void theFileIsClosedWithTheMachine() throws IOException {
        Path file;
        try (MachineRam ram = Machines.create("memfd", Machines.SPARSE)) {
            file = path(ram.sharedExtents().getFirst());
            assertThat(Files.readSymbolicLink(file).toString()).contains("memfd:grantlab-ram");
        }
        assertThat(Files.exists(file) && Files.readSymbolicLink(file).toString().contains("grantlab-ram"))
                .isFalse();
    }

    @Test
    void otherKindsOfMemoryAreNotShared() {
        try (MachineRam ram = Machines.create("off-heap", Machines.SPARSE)) {
            assertThat(ram.sharedExtents()).isEmpty();
        }
    }
}
