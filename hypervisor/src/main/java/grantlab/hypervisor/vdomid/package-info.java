/** Domain ids that are local to a guest (grant-v3.md, section 11). */
@NullMarked
package grantlab.hypervisor.vdomid;

import org.jspecify.annotations.NullMarked;
