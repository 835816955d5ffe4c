/** The promises, one class per family. */
@NullMarked
package grantlab.conformance.clause;

import org.jspecify.annotations.NullMarked;
