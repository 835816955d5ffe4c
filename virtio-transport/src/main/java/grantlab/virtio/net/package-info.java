/** The network device (section 5.1 of "Virtual I/O Device (VIRTIO) Version 1.2"), its driver, and a switch between devices. */
@NullMarked
package grantlab.virtio.net;

import org.jspecify.annotations.NullMarked;
