/** The engine's private books: who uses which reference, and which handle stands for which mapping. */
@NullMarked
package grantlab.hypervisor.mapping;

import org.jspecify.annotations.NullMarked;
