/**
 * What guests and the hypervisor exchange, byte by byte: the structs of hypercalls as offsets, each declared once, and the
 * numbers that have a meaning.
 */
@NullMarked
package grantlab.api.abi;

import org.jspecify.annotations.NullMarked;
