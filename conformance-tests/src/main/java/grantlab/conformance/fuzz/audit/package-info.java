/** What must be true of a machine after each operation of a script, judged from outside of the engine. */
@NullMarked
package grantlab.conformance.fuzz.audit;

import org.jspecify.annotations.NullMarked;
