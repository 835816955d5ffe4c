package grantlab.conformance.clause;

import grantlab.conformance.ClauseFamily;
import java.util.List;

/** Virtio devices over every transport, with queues of either layout: what they promise, and what hostile sides do not get. */
public final class VirtioClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public VirtioClauses() {}

    @Override
    public String prefix() {
        return "VIRTIO";
    }

    @Override
    public String title() {
        return "Virtio devices";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new VirtioRequests(),
                new VirtioMemory(),
                new VirtioLife(),
                new VirtioRestarts(),
                new VirtioIommu(),
                new VirtioHostileDrivers(),
                new VirtioHostileDevices(),
                new VirtioNetwork(),
                new VirtioConsole());
    }
}
