/** The tree format, from the granting guest's side (grant-v3.md, section 3, rules for the guest). */
@NullMarked
package grantlab.grant.tree.guest;

import org.jspecify.annotations.NullMarked;
