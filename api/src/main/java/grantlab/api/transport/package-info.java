/** How a virtio device in one domain reaches the buffers of its driver in another. */
@NullMarked
package grantlab.api.transport;

import org.jspecify.annotations.NullMarked;
