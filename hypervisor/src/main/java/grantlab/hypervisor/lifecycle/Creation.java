package grantlab.hypervisor.lifecycle;

import grantlab.api.Capability;
import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.abi.Domid;
import grantlab.api.grant.FlatFormat;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Iommus;
import grantlab.hypervisor.Limits;
import grantlab.hypervisor.PagingModes;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.passthrough.Passthrough;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.table.FlatFormats;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** XEN_DOMCTL_createdomain as far as grant tables go (xen-semantics 4). */
@MachineScoped
public final class Creation {
    private final Domains domains;
    private final MachineRam ram;
    private final FrameTable frames;
    private final Limits limits;
    private final boolean limitsAreBounded;
    private final PagingModes pagingModes;
    private final FlatFormats formats;
    private final Iommus iommus;

    @Inject
    Creation(
            Domains domains,
            MachineRam ram,
            Ground ground,
            Limits limits,
            PagingModes pagingModes,
            FlatFormats formats,
            Iommus iommus) {
        this.domains = domains;
        this.ram = ram;
        this.frames = ground.frames();
        this.limits = limits;
        this.limitsAreBounded = ground.behaviour().createdomainLimitsAreBounded();
        this.pagingModes = pagingModes;
        this.formats = formats;
        this.iommus = iommus;
    }

    /**
     * Creates.
     *
     * @param config what is asked for
     * @param follower who follows the map of a domain without devices that has one of its own, or null
     * @return zero or a negated errno
     */
    public synchronized int create(DomainConfig config, @Nullable MapWatcher follower) {
        if (config.domid() < 0 || config.domid() >= Domid.FIRST_RESERVED) {
            return -Errno.EINVAL;
        }
        if (domains.find(config.domid()) != null) {
            return -Errno.EEXIST;
        }
        int grantFrames = config.maxGrantFrames() < 0 ? limits.maxGrantFrames() : config.maxGrantFrames();
        int maptrackFrames = config.maxMaptrackFrames() < 0 ? limits.maxMaptrackFrames() : config.maxMaptrackFrames();
        if (!admissible(config.maxGrantVersion(), grantFrames, maptrackFrames)) {
            return -Errno.EINVAL;
        }
        return build(config, grantFrames, maptrackFrames, follower);
    }

    private boolean admissible(int version, int grantFrames, int maptrackFrames) {
        boolean withinBounds = !limitsAreBounded
                || (grantFrames <= limits.maxGrantFrames() && maptrackFrames <= limits.maxMaptrackFrames());
        return version >= 1 && version <= limits.maxGrantVersion() && grantFrames >= 1 && withinBounds;
    }

    private int build(DomainConfig config, int grantFrames, int maptrackFrames, @Nullable MapWatcher follower) {
        PagingModes.Mode mode = pagingModes.named(config.paging());
        boolean translated = mode.capabilities().contains(Capability.TRANSLATED);
        Iommus.Kind iommu = iommus.serving(translated);
        if (config.devices() > 0 && iommu == null) {
            return -Errno.EINVAL;
        }
        if (follower != null && (config.devices() > 0 || !translated)) {
            return -Errno.EINVAL;
        }
        frames.admit(config.domid(), mode.capabilities().contains(Capability.TYPED_FRAMES));
        PhysicalMap map = translated ? ram.translatedMap(config.domid()) : ram.identityMap(config.domid());
        if (follower != null) {
            map.watch(follower);
        }
        Passthrough passthrough = iommu == null || config.devices() == 0 ? null : passthrough(config, map, iommu);
        DomainTable table = new DomainTable(config.domid(), grantFrames, config.maxGrantVersion(), frames);
        FlatFormat first = formats.first();
        if (!table.grow(first, 1)) {
            return -Errno.ENOMEM;
        }
        table.publish(first);
        Domain domain = new Domain(
                config,
                translated,
                map,
                mode.paging().open(config.domid(), map),
                table,
                new Maptrack(maptrackFrames, config.vcpus()),
                passthrough);
        domains.add(domain);
        return 0;
    }

    private Passthrough passthrough(DomainConfig config, PhysicalMap map, Iommus.Kind kind) {
        return kind.busIsMachine()
                ? Passthrough.onBus(config.domid(), map, config.devices(), kind.iommu(), kind.confining(), frames)
                : Passthrough.translated(config.domid(), map, config.devices(), kind.iommu());
    }
}
