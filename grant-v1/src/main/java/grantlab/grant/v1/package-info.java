/** Format v1, as Xen has it since 2005: xen/include/public/grant_table.h, struct grant_entry_v1. */
@NullMarked
package grantlab.grant.v1;

import org.jspecify.annotations.NullMarked;
