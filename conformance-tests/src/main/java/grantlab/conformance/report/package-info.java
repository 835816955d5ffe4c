/** The matrix on a terminal, as JSON, as JUnit XML and as one page of HTML. */
@NullMarked
package grantlab.conformance.report;

import org.jspecify.annotations.NullMarked;
