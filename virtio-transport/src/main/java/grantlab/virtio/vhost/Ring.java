package grantlab.virtio.vhost;

import grantlab.virtio.queue.QueueLayout;
import grantlab.virtio.vhost.socket.EventFile;

/**
 * A split queue that a backend is to work on.
 *
 * @param layout by bus addresses
 * @param kick by which the driver notifies
 * @param call by which the backend does
 */
public record Ring(QueueLayout layout, EventFile kick, EventFile call) {}
