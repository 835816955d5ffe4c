/**
 * Virtio devices and their drivers: how they find together over registers (sections 2.1 to 2.6, 3 and 4.2 of "Virtual I/O Device
 * (VIRTIO) Version 1.2"), and what kinds of devices do.
 */
@NullMarked
package grantlab.virtio.device;

import org.jspecify.annotations.NullMarked;
