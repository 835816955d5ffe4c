/** Waiting until everybody has left: what changes without a lock on the reader's side rests on it. */
@NullMarked
package grantlab.hypervisor.quiescence;

import org.jspecify.annotations.NullMarked;
