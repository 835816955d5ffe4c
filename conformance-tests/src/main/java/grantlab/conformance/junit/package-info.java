/** The matrix as JUnit sees it: what a project that provides an implementation implements in its tests. */
@NullMarked
package grantlab.conformance.junit;

import org.jspecify.annotations.NullMarked;
