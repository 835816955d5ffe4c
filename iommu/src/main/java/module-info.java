/** What devices reach: device-frame tables, the IOTLB, DMA. */
module grantlab.iommu {
    requires grantlab.api;

    provides grantlab.api.iommu.IommuProvider with
            grantlab.iommu.Off,
            grantlab.iommu.Identity,
            grantlab.iommu.Shared,
            grantlab.iommu.Separate,
            grantlab.iommu.SeparateWriteOnly;
}
