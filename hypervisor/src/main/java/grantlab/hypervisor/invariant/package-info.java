/** What must hold whenever the machine is at rest. */
@NullMarked
package grantlab.hypervisor.invariant;

import org.jspecify.annotations.NullMarked;
