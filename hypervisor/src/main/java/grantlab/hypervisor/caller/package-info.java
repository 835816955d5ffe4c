/** The vCPU that called: its identity, its arguments, and the scratch space that keeps the hot path from allocating. */
@NullMarked
package grantlab.hypervisor.caller;

import org.jspecify.annotations.NullMarked;
