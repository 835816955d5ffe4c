/** How domains come and how they go. */
@NullMarked
package grantlab.hypervisor.lifecycle;

import org.jspecify.annotations.NullMarked;
