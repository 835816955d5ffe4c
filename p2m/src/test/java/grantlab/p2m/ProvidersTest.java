package grantlab.p2m;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.MemoryProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProvidersTest {
    @Test
    void theKindsAreFoundByName() {
        List<String> names = Machines.kinds().map(MemoryProvider::name).toList();

        assertThat(names)
                .containsExactlyInAnyOrder(
                        "off-heap", "on-heap", "checked", "memfd", "rotating", "last-freed", "first-freed");
    }
}
