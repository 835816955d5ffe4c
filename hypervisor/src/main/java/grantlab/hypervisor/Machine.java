package grantlab.hypervisor;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import grantlab.api.Clock;
import grantlab.api.Errno;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.NodeCacheCounts;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.SharedExtent;
import grantlab.api.transport.Transport;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.DomainInfo;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.guest.Boot;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.hypervisor.guest.GuestVcpu;
import grantlab.hypervisor.hypercall.Hypercalls;
import grantlab.hypervisor.image.Images;
import grantlab.hypervisor.invariant.Accounts;
import grantlab.hypervisor.invariant.Charges;
import grantlab.hypervisor.invariant.DomainDump;
import grantlab.hypervisor.invariant.Dumps;
import grantlab.hypervisor.invariant.Invariants;
import grantlab.hypervisor.invariant.Leaves;
import grantlab.hypervisor.invariant.Mappings;
import grantlab.hypervisor.lifecycle.Creation;
import grantlab.hypervisor.lifecycle.Destruction;
import grantlab.hypervisor.notification.Ring;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.quiescence.Section;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.wiring.MachineScope;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A whole machine: memory, domains, hypercalls. Everything that a toolstack does to it goes through here; what guests do
 * goes through their {@link grantlab.api.guest.Vcpu}. Threads: vCPUs run in parallel, each on one thread at a time; toolstack
 * calls may come from any thread that is not in a hypercall.
 */
@MachineScoped
public final class Machine implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(Machine.class);

    private static final Injector WIRING =
            Guice.createInjector(Stage.PRODUCTION, new Strictness(), new MachineModule());

    private final Settings settings;
    private final Installed installed;
    private final MachineRam ram;
    private final Domains domains;
    private final Formats formats;
    private final Transports transports;
    private final Creation creation;
    private final Destruction destruction;
    private final Hypercalls hypercalls;
    private final Quiescence quiescence;
    private final Images images;
    private final Invariants invariants;
    private final Dumps dumps;
    private final Mappings mappings;
    private final Accounts accounts;
    private final Leaves leaves;

    @Inject
    private Machine(
            Settings settings,
            Installed installed,
            MachineRam ram,
            Domains domains,
            Formats formats,
            Transports transports,
            Creation creation,
            Destruction destruction,
            Hypercalls hypercalls,
            Quiescence quiescence,
            Images images) {
        this.settings = settings;
        this.installed = installed;
        this.ram = ram;
        this.domains = domains;
        this.formats = formats;
        this.transports = transports;
        this.creation = creation;
        this.destruction = destruction;
        this.hypercalls = hypercalls;
        this.quiescence = quiescence;
        this.images = images;
        this.accounts = new Accounts(domains);
        this.dumps = new Dumps(domains, ram, accounts);
        this.invariants = new Invariants(domains, ram.frames(), dumps);
        this.mappings = new Mappings(domains);
        this.leaves = new Leaves(domains);
    }

    /**
     * Builds a machine without domains.
     *
     * @param settings what it is built of
     * @return the machine
     * @throws ConfigurationException when a name stands for nothing that is installed
     */
    public static Machine start(Settings settings) {
        return start(settings, Installed.find());
    }

    /**
     * Builds a machine of what was found before.
     *
     * @param settings what it is built of
     * @param installed what there is
     */
    public static Machine start(Settings settings, Installed installed) {
        return start(settings, installed, System::nanoTime);
    }

    /**
     * Builds a machine with a clock of its own: for tests, in which time passes when they say so.
     *
     * @param settings what it is built of
     * @param installed what there is
     * @param clock by which it waits for devices
     */
    public static Machine start(Settings settings, Installed installed, Clock clock) {
        installed.format(settings.grantFormat());
        installed.pagingMode(settings.paging());
        Iommus.providers(installed, settings.iommu());
        if (settings.virtio().isThere()) {
            installed.transport(settings.virtio().transport());
        }
        MachineRam ram = installed.memory(settings.memory()).create(settings.ram(), settings.behaviour());
        LOG.debug("machine of {}", settings);
        return MachineScope.assemble(
                Machine.class,
                WIRING,
                Map.of(
                        Settings.class, settings,
                        Installed.class, installed,
                        MachineRam.class, ram,
                        Clock.class, clock));
    }

    /**
     * As it was built.
     *
     * @return the settings
     */
    public Settings settings() {
        return settings;
    }

    /**
     * What there is to build from.
     *
     * @return the providers
     */
    public Installed installed() {
        return installed;
    }

    /**
     * Its memory.
     *
     * @return by machine address
     */
    public MachineMemory memory() {
        return ram.memory();
    }

    /**
     * Where other processes can have its memory from.
     *
     * @return as {@link MachineRam#sharedExtents}
     */
    public List<SharedExtent> sharedExtents() {
        return ram.sharedExtents();
    }

    /**
     * Its frames.
     *
     * @return the books
     */
    public FrameTable frames() {
        return ram.frames();
    }

    /**
     * A grant format on this machine.
     *
     * @param name of its provider
     * @return the format
     */
    public GrantFormat format(String name) {
        return formats.named(name);
    }

    /**
     * A virtio transport on this machine.
     *
     * @param name of its provider
     * @return the transport
     */
    public Transport transport(String name) {
        return transports.named(name);
    }

    /**
     * XEN_DOMCTL_createdomain.
     *
     * @param config what is asked for
     * @return zero or a negated errno
     */
    public int createDomain(DomainConfig config) {
        return creation.create(completed(config), null);
    }

    /**
     * XEN_DOMCTL_createdomain of a domain with a guest-physical map that somebody outside of the machine follows: who has the domain's
     * memory as a device has it, and forgets with the TLBs.
     *
     * @param config what is asked for, without devices of its own
     * @param follower of its map
     * @return zero or a negated errno
     */
    public int createDomain(DomainConfig config, MapWatcher follower) {
        return creation.create(completed(config), follower);
    }

    private DomainConfig completed(DomainConfig config) {
        DomainLimits limits = settings.domains().get("d" + config.domid());
        return limits == null ? config : limits.complete(config);
    }

    /**
     * XEN_DOMCTL_destroydomain.
     *
     * @param domid which
     * @return zero, or -ESRCH
     */
    public int destroyDomain(int domid) {
        Domain domain = domains.find(domid);
        if (domain == null) {
            return -Errno.ESRCH;
        }
        destruction.destroy(domain);
        return 0;
    }

    /**
     * XEN_DOMCTL_getdomaininfo.
     *
     * @param domid which
     * @return what is known of it
     */
    public DomainInfo domainInfo(int domid) {
        destruction.reap();
        Domain domain = domains.find(domid);
        if (domain == null) {
            return new DomainInfo(-Errno.ESRCH, false, false, 0, 0, 0);
        }
        return new DomainInfo(
                0,
                domain.dying(),
                domain.crashed(),
                ram.frames().pages(domid),
                domain.grantTable().awaitInForce().format().version(),
                domain.grantTable().sharedCount());
    }

    /**
     * A domain.
     *
     * @param domid which
     * @return null when it does not exist
     */
    public @Nullable Domain domain(int domid) {
        return domains.find(domid);
    }

    /**
     * All domains.
     *
     * @return by number
     */
    public List<Domain> domains() {
        return domains.all();
    }

    /**
     * Puts guest software into a domain that was created and has no memory yet.
     *
     * @param domid which
     * @param layout where things are in it
     * @return the guest, ready to run
     */
    public Guest boot(int domid, GuestLayout layout) {
        Domain domain = domains.find(domid);
        if (domain == null) {
            throw new IllegalArgumentException("domain " + domid + " does not exist: create it first");
        }
        return Boot.into(this, domain, layout);
    }

    /**
     * A vCPU of a domain; each number once.
     *
     * @param domain whose
     * @param number below its number of vCPUs
     * @return the vCPU
     */
    public GuestVcpu vcpu(Domain domain, int number) {
        Section section = quiescence.join();
        domain.addVcpu(number, () -> quiescence.part(section));
        Caller caller = new Caller(domain, number, section, ram.memory(), ram.frames());
        return new GuestVcpu(caller, hypercalls);
    }

    /**
     * Checks what must hold whenever no vCPU is running.
     *
     * @throws grantlab.hypervisor.invariant.InvariantBroken with the state of the machine
     */
    public void checkInvariants() {
        destruction.reap();
        invariants.check();
    }

    /**
     * Saves a domain with its memory and its trees (grant-v3.md, section 10).
     *
     * @param domain whose vCPUs do not run
     * @param path of the image, which appears whole or not at all
     * @throws grantlab.hypervisor.image.ImageException when this domain cannot be saved
     */
    public void save(Domain domain, Path path) {
        images.save(domain, path);
    }

    /**
     * Makes a domain of an image.
     *
     * @param path of the image
     * @param domid a free number
     * @throws grantlab.hypervisor.image.ImageException when the image is damaged or does not fit; nothing was restored then
     */
    public void restore(Path path, int domid) {
        images.restore(path, domid);
    }

    /**
     * How the cache of nodes of a tree fares.
     *
     * @param granter domid of the tree's domain
     * @param slot of the tree
     * @return counts since the tree was created; all zero where there is none
     */
    public NodeCacheCounts nodeCache(int granter, int slot) {
        Domain domain = domains.find(granter);
        Tree tree = domain == null ? null : domain.trees().find(slot);
        return tree == null ? NodeCacheCounts.NONE : tree.table().nodeCache();
    }

    /**
     * Forgets what it may forget at will: cached nodes of trees, and with them the references that the caches hold. So two looks
     * at the books can be compared. No vCPU is running.
     */
    public void dropCaches() {
        quiescence.recall();
        for (Domain domain : domains.all()) {
            domain.trees().all().forEach(tree -> tree.table().invalidate(0, tree.levels() + 1));
        }
    }

    /**
     * How finely revocations were cut into slices: the most records that one of them handled between two points at which others may
     * have the CPU.
     *
     * @return of all vCPUs that there ever were
     */
    public int longestSlice() {
        return quiescence.longestSlice();
    }

    /**
     * Makes a ring of events as if so many had gone through it and all were read; for whoever looks at what happens where positions
     * wrap. Nobody posts to it or reads it meanwhile.
     *
     * @param domain whose ring
     * @param ring what names it
     * @param position of its next entry
     */
    public void windRing(Domain domain, int ring, int position) {
        Ring known = domain.rings().find(ring);
        if (known == null) {
            throw new IllegalArgumentException("domain " + domain.domid() + " has no ring " + ring);
        }
        known.windTo(position);
    }

    /**
     * What is mapped, for whoever judges the books from outside.
     *
     * @return always the same
     */
    public Mappings mappings() {
        return mappings;
    }

    /**
     * What a domain is charged for through grants v3, and by whom its trees are used.
     *
     * @param domid any number
     * @return counts of this moment
     */
    public Charges charges(int domid) {
        return accounts.of(domid);
    }

    /**
     * Trees, and what of them is in use, for whoever judges the books from outside.
     *
     * @return always the same
     */
    public Leaves leaves() {
        return leaves;
    }

    /**
     * The state of all domains for a human reader.
     *
     * @return several lines
     */
    public String dump() {
        return domains.all().stream()
                .map(domain -> dump(domain.domid()).text())
                .collect(Collectors.joining(System.lineSeparator()));
    }

    /**
     * The state of one domain for a human reader.
     *
     * @param domid which
     * @return several lines
     */
    public DomainDump dump(int domid) {
        return dumps.of(domid);
    }

    /** Gives the memory back. No vCPU runs any more. */
    @Override
    public void close() {
        ram.close();
    }
}
