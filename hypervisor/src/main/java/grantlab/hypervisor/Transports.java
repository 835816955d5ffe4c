package grantlab.hypervisor;

import grantlab.api.transport.Transport;
import java.util.Map;

/**
 * The virtio transports of one machine.
 *
 * @param byName each under the name of its provider
 */
record Transports(Map<String, Transport> byName) {
    /** Keeps a copy. */
    Transports {
        byName = Map.copyOf(byName);
    }

    /** A transport; an unknown name is an error that lists what exists. */
    Transport named(String name) {
        Transport transport = byName.get(name);
        if (transport == null) {
            throw Installed.unknown(
                    "transport", name, byName.keySet().stream().sorted().toList());
        }
        return transport;
    }
}
