package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** Devices that the grantee owns: what of the granter's memory they reach, with which rights, and until when. */
public final class IommuClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public IommuClauses() {}

    @Override
    public String prefix() {
        return "IOMMU";
    }

    @Override
    public String title() {
        return "What devices reach";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new IommuGrants(), new IommuOwnMemory(), new IommuEnds(), new IommuAccesses(), new IommuTables());
    }
}
