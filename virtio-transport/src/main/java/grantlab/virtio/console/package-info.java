/** The console device (section 5.3 of "Virtual I/O Device (VIRTIO) Version 1.2"), and its driver. */
@NullMarked
package grantlab.virtio.console;

import org.jspecify.annotations.NullMarked;
