/** The bytes of the machine: off-heap, on-heap, and a decorator that finds accesses to memory that nobody owns. */
@NullMarked
package grantlab.p2m.memory;

import org.jspecify.annotations.NullMarked;
