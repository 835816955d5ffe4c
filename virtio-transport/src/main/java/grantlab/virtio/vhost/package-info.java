/**
 * A frontend of vhost-user: a backend in another process moves what is in buffers that are grants. The process is the device of a domain
 * of the machine: what that domain has mapped is what the process learns.
 */
@NullMarked
package grantlab.virtio.vhost;

import org.jspecify.annotations.NullMarked;
