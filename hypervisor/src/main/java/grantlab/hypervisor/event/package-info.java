/** Event channels as far as grants v3 need them: ports of a domain that the hypervisor notifies. */
@NullMarked
package grantlab.hypervisor.event;

import org.jspecify.annotations.NullMarked;
