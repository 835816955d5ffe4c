/** The tables: from device frames to machine frames, rights to read and to write apart. */
@NullMarked
package grantlab.iommu.table;

import org.jspecify.annotations.NullMarked;
