/** Format v2, as Xen has it since 2009: xen/include/public/grant_table.h, union grant_entry_v2. */
@NullMarked
package grantlab.grant.v2;

import org.jspecify.annotations.NullMarked;
