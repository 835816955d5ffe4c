package grantlab.virtio.vhost;

import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.SharedExtent;
import java.util.List;

/**
 * The domain whose device a backend is.
 *
 * @param kernel of its guest, which has a guest-physical map; used by no one else as long as there is a frontend
 * @param map of the domain
 * @param iotlb that follows the map since the domain was created
 * @param memory of the machine, as the backend's process has it
 */
public record BackendDomain(GuestKernel kernel, PhysicalMap map, Iotlb iotlb, List<SharedExtent> memory) {
    /** Checks that there is memory to share. */
    public BackendDomain {
        memory = List.copyOf(memory);
        if (memory.isEmpty()) {
            throw new IllegalArgumentException("the machine's memory lies in no file: its kind must be memfd");
        }
    }
}
