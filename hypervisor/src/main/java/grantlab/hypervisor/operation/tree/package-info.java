/** The operations of grants v3 that tables in guest memory need: one class for each. */
@NullMarked
package grantlab.hypervisor.operation.tree;

import org.jspecify.annotations.NullMarked;
