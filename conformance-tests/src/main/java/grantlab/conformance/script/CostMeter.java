package grantlab.conformance.script;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.iommu.DeviceSpaceCounts;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.RamLayout;
import grantlab.conformance.WatchedRam;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestVcpu;
import grantlab.hypervisor.passthrough.Passthrough;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Reads what a script's machine has done so far. What nobody else counts it sees on the way to memory: a format writes to entries alone,
 * and the rest of the hypervisor copies between pages for grants alone.
 */
final class CostMeter {
    private final CountedMemory ofFormats = new CountedMemory();
    private final CountedMemory ofMachine = new CountedMemory();

    /** Those that are gone too: what they did is not undone. */
    private final Set<Domain> domains = Collections.newSetFromMap(new IdentityHashMap<>());

    private Costs last = Costs.NONE;

    /**
     * What a machine is to be built from, so that it is seen.
     *
     * @param installed what there is
     * @param memory the name of the memory that the machine will have
     */
    Installed over(Installed installed, String memory) {
        Installed counted = installed.with(new CountedRam(installed.memory(memory)));
        for (GrantFormatProvider format : installed.formats()) {
            counted = counted.with(new CountedFormat(format));
        }
        return counted;
    }

    /** What was done since this was asked last. */
    Costs sinceLast(ScriptWorld world) {
        Costs now = now(world);
        Costs since = now.since(last);
        last = now;
        return since;
    }

    private Costs now(ScriptWorld world) {
        domains.addAll(world.machine().domains());
        long looks = world.tables().looks();
        long flushes = 0;
        long invalidations = 0;
        long drains = 0;
        for (Domain domain : domains) {
            flushes += domain.addressSpace().flushes();
            Passthrough devices = domain.passthrough();
            if (devices != null) {
                DeviceSpaceCounts counts = devices.space().counts();
                invalidations += counts.invalidations() + counts.globalInvalidations();
                drains += counts.drains();
            }
        }
        return new Costs(
                world.guests().stream()
                                .map(Guest::vcpu)
                                .mapToLong(GuestVcpu::hypercalls)
                                .sum()
                        - looks,
                world.guests().stream()
                                .map(Guest::vcpu)
                                .mapToLong(GuestVcpu::exits)
                                .sum()
                        - looks,
                world.entriesWritten() + ofFormats.writes(),
                flushes,
                invalidations,
                drains,
                ofMachine.bytesCopied(),
                mappings(world.machine()));
    }

    /** Those of which a part lives: what a revocation took waits for its handle, and is mapped no more. */
    private static long mappings(Machine machine) {
        long[] live = {0};
        machine.mappings()
                .visit((grantee, granter, reference, frame, access, order, place) -> live[0] += lives(access));
        machine.mappings()
                .visitLeaves((grantee, granter, reference, frame, access, order, place) -> live[0] += lives(access));
        return live[0];
    }

    private static int lives(int access) {
        return (access & (Access.HOST | Access.DEVICE)) == 0 ? 0 : 1;
    }

    private final class CountedRam implements MemoryProvider {
        private final MemoryProvider real;

        CountedRam(MemoryProvider real) {
            this.real = real;
        }

        @Override
        public String name() {
            return real.name();
        }

        @Override
        public MachineRam create(RamLayout layout, Behaviour behaviour) {
            MachineRam ram = real.create(layout, behaviour);
            return new WatchedRam(ram, ofMachine.over(ram.memory()));
        }
    }

    private final class CountedFormat implements GrantFormatProvider {
        private final GrantFormatProvider real;

        CountedFormat(GrantFormatProvider real) {
            this.real = real;
        }

        @Override
        public String name() {
            return real.name();
        }

        @Override
        public Set<Capability> capabilities() {
            return real.capabilities();
        }

        @Override
        public GrantFormat create(Ground ground) {
            return real.create(
                    new Ground(ofFormats.over(ground.memory()), ground.frames(), ground.behaviour(), ground.clock()));
        }
    }
}
