/** Devices: what they move, and what is refused to them. */
@NullMarked
package grantlab.iommu.device;

import org.jspecify.annotations.NullMarked;
