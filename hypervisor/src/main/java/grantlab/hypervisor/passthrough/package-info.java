/** Domains that own devices, and what of memory these reach: xen/drivers/passthrough. */
@NullMarked
package grantlab.hypervisor.passthrough;

import org.jspecify.annotations.NullMarked;
