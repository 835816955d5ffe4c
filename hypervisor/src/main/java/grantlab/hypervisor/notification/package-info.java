/** Rings by which a domain hears of what became of its grants (grant-v3.md, section 9). */
@NullMarked
package grantlab.hypervisor.notification;

import org.jspecify.annotations.NullMarked;
