/**
 * Virtqueues as "Virtual I/O Device (VIRTIO) Version 1.2" has them (1.3 says the same under the same numbers): split
 * ({@link grantlab.virtio.queue.SplitDriverQueue}, {@link grantlab.virtio.queue.SplitDeviceQueue}; section 2.7) and packed
 * ({@link grantlab.virtio.queue.PackedDriverQueue}, {@link grantlab.virtio.queue.PackedDeviceQueue}; section 2.8), each on bytes in
 * the memory of a guest. Neither side trusts the other: what the other may write is read once, judged, and used as it was read.
 */
@NullMarked
package grantlab.virtio.queue;

import org.jspecify.annotations.NullMarked;
