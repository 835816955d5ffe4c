/** What is remembered of the tables, and how it is forgotten. */
@NullMarked
package grantlab.iommu.tlb;

import org.jspecify.annotations.NullMarked;
