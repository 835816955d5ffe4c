package grantlab.api.iommu;

import grantlab.api.Provider;

/** A kind of IOMMU, found by ServiceLoader and chosen by {@code iommu} in the configuration. */
public interface IommuProvider extends Provider<Iommu> {}
