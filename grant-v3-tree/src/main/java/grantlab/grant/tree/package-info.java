/**
 * The tree format, from the hypervisor's side (grant-v3.md, sections 3 and 7): what an entry says, the walk to it, and the table.
 */
@NullMarked
package grantlab.grant.tree;

import org.jspecify.annotations.NullMarked;
