/** Who pays for the hypervisor's memory behind grants v3 (grant-v3.md, section 6): pools of pages, and objects in them. */
@NullMarked
package grantlab.hypervisor.quota;

import org.jspecify.annotations.NullMarked;
