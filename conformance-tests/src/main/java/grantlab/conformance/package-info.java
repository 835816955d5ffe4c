/**
 * The conformance kit's frame: promises, the combinations in which they are kept, and the matrix of both.
 *
 * <p>A reader begins with {@link grantlab.conformance.Clause} (what a promise looks like in code), goes on to
 * {@link grantlab.conformance.World} (what a clause is handed) and ends with {@link grantlab.conformance.Matrix} (who
 * runs it, and where). A stranger adds a family of clauses by providing {@link grantlab.conformance.ClauseFamily}.
 */
@NullMarked
package grantlab.conformance;

import org.jspecify.annotations.NullMarked;
