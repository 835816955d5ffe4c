/**
 * Scripts beside what real Xen answered: {@link grantlab.conformance.replay.Replay} executes recordings again and
 * compares line by line.
 */
@NullMarked
package grantlab.conformance.replay;

import org.jspecify.annotations.NullMarked;
