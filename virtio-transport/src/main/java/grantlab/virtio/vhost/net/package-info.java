/** A driver of a virtio network device that can take any of its pages back at any time. */
@NullMarked
package grantlab.virtio.vhost.net;

import org.jspecify.annotations.NullMarked;
