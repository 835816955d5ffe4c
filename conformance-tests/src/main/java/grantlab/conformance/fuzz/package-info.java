/**
 * Differential fuzzing: random scripts, every selected combination, invariants after each operation, minimal scripts of what
 * was found.
 */
@NullMarked
package grantlab.conformance.fuzz;

import org.jspecify.annotations.NullMarked;
