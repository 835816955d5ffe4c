/** What the generator can write: one class for each kind of operation of the script language. */
@NullMarked
package grantlab.conformance.fuzz.kind;

import org.jspecify.annotations.NullMarked;
