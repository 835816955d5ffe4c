package grantlab.hypervisor.domain;

import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.TableFrames;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.event.EventChannels;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.notification.Rings;
import grantlab.hypervisor.passthrough.BusFrames;
import grantlab.hypervisor.passthrough.Passthrough;
import grantlab.hypervisor.table.DomainTable;
import grantlab.hypervisor.tree.Books;
import grantlab.hypervisor.tree.Trees;
import grantlab.hypervisor.vdomid.VirtualDomids;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One domain: the rooms it has, and nothing of what they do. Books and table are the engine's own. */
@SuppressWarnings("exports")
public final class Domain {
    private final DomainConfig config;
    private final boolean translated;
    private final PhysicalMap physicalMap;
    private final AddressSpace addressSpace;
    private final DomainTable grantTable;
    private final Maptrack maptrack;
    private final @Nullable Passthrough passthrough;
    private final @Nullable BusFrames busFrames;
    private final Books books;
    private final Trees trees;
    private final VirtualDomids virtualDomids = new VirtualDomids();
    private final Rings rings = new Rings();
    private final EventChannels events = new EventChannels();
    private final Map<Integer, Runnable> vcpus = new HashMap<>();
    private volatile boolean crashed;
    private volatile boolean dying;

    /**
     * A domain that nobody knows yet.
     */
    public Domain(
            DomainConfig config,
            boolean translated,
            PhysicalMap physicalMap,
            AddressSpace addressSpace,
            DomainTable grantTable,
            Maptrack maptrack,
            @Nullable Passthrough passthrough) {
        this.config = config;
        this.translated = translated;
        this.physicalMap = physicalMap;
        this.addressSpace = addressSpace;
        this.grantTable = grantTable;
        this.maptrack = maptrack;
        this.passthrough = passthrough;
        this.busFrames = passthrough == null ? null : passthrough.busFrames();
        this.books = new Books(config.vcpus());
        this.trees = new Trees(books.pool());
    }

    /**
     * Its number.
     *
     * @return 0..0x7fef
     */
    public int domid() {
        return config.domid();
    }

    /**
     * As it was created.
     *
     * @return its limits
     */
    public DomainConfig config() {
        return config;
    }

    /**
     * Whether its frame numbers are its own (HVM, PVH).
     *
     * @return false for PV
     */
    public boolean translated() {
        return translated;
    }

    /**
     * Guest frames to machine frames.
     *
     * @return its map
     */
    public PhysicalMap physicalMap() {
        return physicalMap;
    }

    /**
     * Where its mappings stand.
     *
     * @return its address space
     */
    public AddressSpace addressSpace() {
        return addressSpace;
    }

    /**
     * Its flat table.
     *
     * @return always the same
     */
    public DomainTable grantTable() {
        return grantTable;
    }

    /**
     * The frames of its flat table.
     *
     * @return for codecs and reports
     */
    public TableFrames tableFrames() {
        return grantTable;
    }

    /**
     * The format of its flat table; for a machine at rest.
     *
     * @return what set_version decided last
     */
    public FlatFormat tableFormat() {
        return grantTable.inForce().format();
    }

    /**
     * Its handles.
     *
     * @return always the same
     */
    public Maptrack maptrack() {
        return maptrack;
    }

    /**
     * Its devices.
     *
     * @return null when it owns none
     */
    public @Nullable Passthrough passthrough() {
        return passthrough;
    }

    /**
     * Where the frames of others are counted that its devices reach by grants (gnttab_need_iommu_mapping).
     *
     * @return null when it has no such devices, or when its physical map says all
     */
    public @Nullable BusFrames busFrames() {
        return busFrames;
    }

    /**
     * Its tables in its own memory.
     *
     * @return always the same
     */
    public Trees trees() {
        return trees;
    }

    /**
     * What it uses of others through trees, and what it is charged for it.
     *
     * @return always the same
     */
    public Books books() {
        return books;
    }

    /**
     * The numbers by which it knows others.
     *
     * @return always the same
     */
    public VirtualDomids virtualDomids() {
        return virtualDomids;
    }

    /**
     * Where it hears of what became of grants.
     *
     * @return always the same
     */
    public Rings rings() {
        return rings;
    }

    /**
     * Its event channels.
     *
     * @return always the same
     */
    public EventChannels events() {
        return events;
    }

    /**
     * Whether its destruction began.
     *
     * @return true for a zombie too
     */
    public boolean dying() {
        return dying;
    }

    /**
     * Whether Xen crashed it.
     *
     * @return true to its end: a destroyed domain still tells that it was crashed before
     */
    public boolean crashed() {
        return crashed;
    }

    /**
     * Whether its vCPUs may run.
     *
     * @return false after a crash and when dying
     */
    public boolean running() {
        return !crashed && !dying;
    }

    /** Xen crashes it: it runs no more, and keeps all that it has until somebody destroys it. */
    public void crash() {
        crashed = true;
    }

    /**
     * A vCPU comes to life.
     *
     * @param number below the number of vCPUs; each once
     * @param departure what is to be done when the domain is gone
     */
    public synchronized void addVcpu(int number, Runnable departure) {
        if (number < 0 || number >= config.vcpus()) {
            throw new IllegalArgumentException(
                    "domain " + domid() + " has vCPUs 0.." + (config.vcpus() - 1) + ", not " + number);
        }
        if (vcpus.putIfAbsent(number, departure) != null) {
            throw new IllegalStateException("vCPU " + number + " of domain " + domid() + " exists already");
        }
    }

    /** The domain is gone: its vCPUs leave what they had joined. */
    public synchronized void forgetVcpus() {
        vcpus.values().forEach(Runnable::run);
        vcpus.clear();
    }

    /** Its destruction begins. */
    public void beginDying() {
        dying = true;
    }
}
