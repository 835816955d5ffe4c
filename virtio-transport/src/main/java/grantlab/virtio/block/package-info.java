/** The block device (section 5.2 of "Virtual I/O Device (VIRTIO) Version 1.2"): what it does, what it keeps blocks in, its driver. */
@NullMarked
package grantlab.virtio.block;

import org.jspecify.annotations.NullMarked;
