package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Member;
import grantlab.conformance.OnceFor;
import java.util.List;

/** What an IOMMU owes by its contract, asked verb by verb: tables, what is remembered of them, devices. */
@OnceFor({Member.GRANTEE, Member.IOMMU})
public final class DmaClauses implements ClauseFamily {
    static final String SOURCE = "DeviceSpace";
    static final String SHARED = "shared-tables";
    static final String WRITE_ONLY = "write-only-entries";

    /** For ServiceLoader. */
    public DmaClauses() {}

    @Override
    public String prefix() {
        return "DMA";
    }

    @Override
    public String title() {
        return "What an IOMMU owes by its contract";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new DmaTables(),
                new DmaParts(),
                new DmaUses(),
                new DmaOthersTables(),
                new DmaMemories(),
                new DmaDevices(),
                new DmaAccesses(),
                new DmaHistories());
    }
}
