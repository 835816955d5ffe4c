/** The messages of vhost-user, as QEMU's docs/interop/vhost-user.rst has them: in the byte order of the machine, packed. */
@NullMarked
package grantlab.virtio.vhost.message;

import org.jspecify.annotations.NullMarked;
