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
import grantlab.hypervisor.operation.tree.TreeFormats;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.revocation.RecordSearch;
import grantlab.hypervisor.revocation.ScanSearch;
import grantlab.hypervisor.table.FlatFormats;
import grantlab.hypervisor.wiring.MachineScope;
import grantlab.hypervisor.wiring.MachineScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The wiring of machines: which names of the configuration stand for which implementation. */
final class MachineModule extends AbstractModule {
    @Override
    protected void configure() {
        bindScope(MachineScoped.class, new MachineScope());
        given(Settings.class);
        given(Installed.class);
        given(MachineRam.class);
        given(Clock.class);
        bind(Quiescence.class).toProvider(Quiescence::new).in(MachineScoped.class);
        bind(Machine.class);
    }

    private <T> void given(Class<T> type) {
        bind(type).toProvider(MachineScope.given(type)).in(MachineScoped.class);
    }

    @Provides
    Limits limits(Settings settings) {
        return settings.limits();
    }

    @Provides
    @MachineScoped
    Ground ground(Settings settings, MachineRam ram, Clock clock) {
        return new Ground(ram.memory(), ram.frames(), settings.behaviour(), clock);
    }

    @Provides
    @MachineScoped
    PagingModes pagingModes(Installed installed, Ground ground) {
        return new PagingModes(installed, ground);
    }

    @Provides
    @MachineScoped
    Iommus iommus(Settings settings, Installed installed, Ground ground) {
        return new Iommus(installed, ground, settings.iommu());
    }

    @Provides
    @MachineScoped
    MappingSearch mappingSearch(Settings settings) {
        return settings.revokeSearch().equals(Settings.SCAN) ? new ScanSearch() : new RecordSearch();
    }

    /** Every installed format, made for this machine. */
    @Provides
    @MachineScoped
    Formats formats(Installed installed, Ground ground) {
        Map<String, GrantFormat> made = new TreeMap<>();
        installed.formats().forEach(provider -> made.put(provider.name(), provider.create(ground)));
        return new Formats(made);
    }

    /** Every installed transport, made for this machine. */
    @Provides
    @MachineScoped
    Transports transports(Installed installed, Ground ground) {
        Map<String, Transport> made = new TreeMap<>();
        installed.transports().forEach(provider -> made.put(provider.name(), provider.create(ground)));
        return new Transports(made);
    }

    @Provides
    @MachineScoped
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
    @MachineScoped
    TreeFormats treeFormats(Settings settings, Formats formats) {
        String name = settings.grantFormat();
        if (formats.named(name) instanceof TreeFormat tree) {
            return new TreeFormats(tree);
        }
        return new TreeFormats(null);
    }
}
