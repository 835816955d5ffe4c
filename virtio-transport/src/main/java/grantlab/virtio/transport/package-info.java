/** The ways in which a device reaches its driver's buffers by grants: what a bus address is, and how it becomes a reference. */
@NullMarked
package grantlab.virtio.transport;

import org.jspecify.annotations.NullMarked;
