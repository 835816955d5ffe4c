/** Sockets and files of Linux as far as vhost-user needs them and java.nio has not: a message that carries open files. */
@NullMarked
package grantlab.virtio.vhost.socket;

import org.jspecify.annotations.NullMarked;
