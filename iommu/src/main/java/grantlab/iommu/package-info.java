/**
 * What devices reach. Five kinds, one provider each: they differ in the table alone ({@link grantlab.iommu.table}). In front of
 * every table stand the same cache ({@link grantlab.iommu.tlb}) and the same devices ({@link grantlab.iommu.device}); {@link
 * grantlab.iommu.Context} puts them together.
 *
 * <p>The way of an access: {@link grantlab.iommu.device.DmaEngine} says that it is under way, asks {@link
 * grantlab.iommu.tlb.Iotlb} and, where that does not know, the table; moves the bytes of one page; says that it is over. The way
 * of a change: the table, {@link grantlab.iommu.tlb.InvalidationQueue}, and a drain, which looks at what every device said.
 */
@NullMarked
package grantlab.iommu;

import org.jspecify.annotations.NullMarked;
