package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.VirtioSettings;
import java.util.List;
import java.util.Set;

/** How virtqueues look: there are some where there is a transport. */
final class QueueAxis implements Axis {
    @Override
    public Member place() {
        return Member.QUEUE;
    }

    @Override
    public List<String> usual(Installed installed) {
        return VirtioSettings.QUEUES;
    }

    @Override
    public boolean usualBeside(Installed installed, Combination combination) {
        return true;
    }

    @Override
    public List<Choice> named(Installed installed, String name) {
        if (!VirtioSettings.QUEUES.contains(name)) {
            throw new ConfigurationException(
                    "queue = " + name + " is not known; there is: " + String.join(", ", VirtioSettings.QUEUES));
        }
        boolean packed = name.equals(VirtioSettings.PACKED);
        return List.of(new Choice(name, packed ? Set.of(Capability.PACKED_RING.id()) : Set.of()));
    }

    @Override
    public boolean fits(Choice choice, Combination beside) {
        return beside.member(Member.TRANSPORT) != null;
    }

    @Override
    public String rule(Choice choice) {
        return "combinations with a transport (--transport)";
    }
}
