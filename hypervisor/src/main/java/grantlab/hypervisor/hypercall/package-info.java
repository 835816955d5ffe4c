/** The way from a guest's registers to an operation, and from guest memory to arguments. */
@NullMarked
package grantlab.hypervisor.hypercall;

import org.jspecify.annotations.NullMarked;
