package grantlab.hypervisor;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import grantlab.api.Clock;
import grantlab.api.Ground;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.TreeFormat;
import grantlab.api.memory.MachineRam;
import grantlab.api.transport.Transport;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.hypercall.GrantTableOp;
import grantlab.hypervisor.hypercall.Hypercalls;
import grantlab.hypervisor.lifecycle.Creation;
import grantlab.hypervisor.lifecycle.Destruction;
import grantlab.hypervisor.operation.tree.TreeFormats;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.revocation.RecordSearch;
import grantlab.hypervisor.revocation.ScanSearch;
import grantlab.hypervisor.table.FlatFormats;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The wiring of one machine: which names of the configuration stand for which implementation. */
final class MachineModule extends AbstractModule {
    private final Settings settings;
    private final Installed installed;
    private final MachineRam ram;
    private final Clock clock;

    MachineModule(Settings settings, Installed installed, MachineRam ram, Clock clock) {
        this.settings = settings;
        this.installed = installed;
        this.ram = ram;
        this.clock = clock;
    }

    @Override
    protected void configure() {
        bind(Settings.class).toInstance(settings);
        bind(Installed.class).toInstance(installed);
        bind(Limits.class).toInstance(settings.limits());
        bind(MachineRam.class).toInstance(ram);
        bind(Clock.class).toInstance(clock);
        bind(Quiescence.class).toInstance(new Quiescence());
        bind(Domains.class);
        bind(Creation.class);
        bind(Destruction.class);
        bind(GrantTableOp.class);
        bind(Hypercalls.class);
    }

    @Provides
    @Singleton
    Ground ground() {
        return new Ground(ram.memory(), ram.frames(), settings.behaviour(), clock);
    }

    @Provides
    @Singleton
    PagingModes pagingModes(Ground ground) {
        return new PagingModes(installed, ground);
    }

    @Provides
    @Singleton
    Iommus iommus(Ground ground) {
        return new Iommus(installed, ground, settings.iommu());
    }

    @Provides
    @Singleton
    MappingSearch mappingSearch() {
        return settings.revokeSearch().equals(Settings.SCAN) ? new ScanSearch() : new RecordSearch();
    }

    /** Every installed format, made for this machine. */
    @Provides
    @Singleton
    Formats formats(Ground ground) {
        Map<String, GrantFormat> made = new TreeMap<>();
        installed.formats().forEach(provider -> made.put(provider.name(), provider.create(ground)));
        return new Formats(made);
    }

    /** Every installed transport, made for this machine. */
    @Provides
    @Singleton
    Transports transports(Ground ground) {
        Map<String, Transport> made = new TreeMap<>();
        installed.transports().forEach(provider -> made.put(provider.name(), provider.create(ground)));
        return new Transports(made);
    }

    @Provides
    @Singleton
    FlatFormats flatFormats(Formats formats) {
        List<FlatFormat> flat = new ArrayList<>();
        for (GrantFormat format : formats.byName().values()) {
            if (format instanceof FlatFormat one) {
                flat.add(one);
            }
        }
        return new FlatFormats(flat);
    }

    /** A machine whose guests are to bring up a tree has the calls for it; any other answers as Xen, which has none. */
    @Provides
    @Singleton
    TreeFormats treeFormats(Formats formats) {
        String name = settings.grantFormat();
        if (formats.named(name) instanceof TreeFormat tree) {
            return new TreeFormats(tree);
        }
        return new TreeFormats(null);
    }
}
