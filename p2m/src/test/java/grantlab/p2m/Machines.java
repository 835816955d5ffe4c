package grantlab.p2m;

import grantlab.api.Behaviour;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** The machines that the tests run on. */
public final class Machines {
    /** RAM at 0, above 2^32 frames, and at the very end of what frame numbers can say. */
    public static final RamLayout SPARSE = new RamLayout(List.of(
            new RamLayout.Extent(0, 4096),
            new RamLayout.Extent(1L << 32, 1024),
            new RamLayout.Extent(Page.FRAME_LIMIT - 1024, 1024)));

    private Machines() {}

    public static Stream<MemoryProvider> kinds() {
        return ServiceLoader.load(MemoryProvider.class).stream().map(ServiceLoader.Provider::get);
    }

    public static MachineRam create(String kind, RamLayout layout) {
        return kinds().filter(provider -> provider.name().equals(kind))
                .findFirst()
                .orElseThrow()
                .create(layout, Behaviour.XEN_4_17);
    }
}
