/**
 * What the devices of a domain reach: grant-v3.md, section 8.1; xen/drivers/passthrough/iommu.c and, for the counts of mappings
 * where bus equals machine, xen/common/grant_table.c.
 */
@NullMarked
package grantlab.api.iommu;

import org.jspecify.annotations.NullMarked;
