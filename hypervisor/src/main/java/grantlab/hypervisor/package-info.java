/** A whole machine, its settings, and what is installed to build it from. */
@NullMarked
package grantlab.hypervisor;

import org.jspecify.annotations.NullMarked;
