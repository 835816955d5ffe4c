/**
 * The command {@code grantlab}. Exit status: 0 all as expected, 1 something differs, 2 the call itself was wrong (one
 * line that says how to mend it), 3 a fault of ours.
 */
@NullMarked
package grantlab.cli;

import org.jspecify.annotations.NullMarked;
