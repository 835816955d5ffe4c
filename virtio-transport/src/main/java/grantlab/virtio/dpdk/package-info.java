/** DPDK's testpmd as the backend of a network device: how it is started, and what is sent through it while pages are taken back. */
@NullMarked
package grantlab.virtio.dpdk;

import org.jspecify.annotations.NullMarked;
