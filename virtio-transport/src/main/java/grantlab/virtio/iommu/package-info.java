/** The virtio-iommu device and its driver (virtio 1.2, section 5.13). */
@NullMarked
package grantlab.virtio.iommu;

import org.jspecify.annotations.NullMarked;
