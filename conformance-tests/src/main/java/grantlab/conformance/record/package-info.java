/**
 * The recorder: asks a real Xen what it answers to a script.
 *
 * <p>{@link grantlab.conformance.record.Recorder} builds a small guest with gcc, boots it as domain 0 of a real Xen in
 * QEMU, gives it one script and returns what it printed; {@link grantlab.conformance.record.FileRecorder} does so for
 * files, for {@code grantlab record}. The guest's sources stand in {@code conformance-tests/recorder} and travel in the
 * jar.
 */
@NullMarked
package grantlab.conformance.record;

import org.jspecify.annotations.NullMarked;
