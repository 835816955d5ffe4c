/** One class for each operation of the interface; each owns the order of its checks. */
@NullMarked
package grantlab.hypervisor.operation;

import org.jspecify.annotations.NullMarked;
