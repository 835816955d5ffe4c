package grantlab.conformance;

import grantlab.api.Access;
import grantlab.api.Capability;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GuestTable;
import grantlab.api.memory.Page;
import grantlab.api.transport.Transport;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.Version;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.VirtioSettings;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.GuestLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a clause is handed: a machine of its own with a granter and a grantee as the combination says. Built fresh for
 * each run; what is not asked for is not built. Afterwards the kit checks the machine's invariants, destroys every
 * domain and checks that all memory is free again, so that no clause has to.
 *
 * <pre>
 *   world.step("the granter grants p0");
 *   long ref = world.grant(0, Access.READ);
 *   world.step("the grantee maps it");
 *   Party grantee = world.grantee();
 *   Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).readonly());
 *   Expect.okay(mapped);
 * </pre>
 */
public final class World implements AutoCloseable {
    /** The granter's domid. */
    public static final int GRANTER = 1;

    /** The grantee's domid. */
    public static final int GRANTEE = 2;

    /** The third party's domid. */
    public static final int THIRD = 3;

    /** The neighbour's domid. */
    public static final int NEIGHBOUR = 20;

    /** Index at which {@link #grant(int, int)} grants p0: the first that is not reserved. */
    public static final int FIRST_INDEX = 8;

    /** How many devices grantee and third own where the combination has an IOMMU. */
    public static final int DEVICES = 2;

    private static final int CONTROL = 0;
    private static final int FIRST_VERSION = 1;

    private final Machine machine;
    private final LaboratoryClock clock;
    private final Combination combination;
    private final long seed;
    private final @Nullable Interruption interruption;
    private final Steps steps = new Steps();
    private final CountingVcpu.Counts counts = new CountingVcpu.Counts();
    private final Map<Integer, Party> parties = new TreeMap<>();
    private final List<RequestCost> requests = new ArrayList<>();
    private @Nullable GuestTable table;
    private @Nullable RandomGenerator random;
    private boolean looking;
    private boolean toDevicesToo;
    private List<DomainState> before = List.of();

    private World(
            Machine machine,
            LaboratoryClock clock,
            Combination combination,
            long seed,
            @Nullable Interruption interruption) {
        this.machine = machine;
        this.clock = clock;
        this.combination = combination;
        this.seed = seed;
        this.interruption = interruption;
    }

    /**
     * A new world.
     *
     * @param settings of the machine; format and paging are the combination's
     * @param installed what it is built from
     * @param combination who stands in each place
     * @param seed of {@link #random}
     * @return with granter and grantee booted
     */
    public static World open(Settings settings, Installed installed, Combination combination, long seed) {
        return open(settings, installed, combination, seed, null);
    }

    /** A new world in whose memory somebody may come in. */
    static World interruptible(Settings settings, Installed installed, Combination combination, long seed) {
        Interruption interruption = new Interruption(installed.memory(settings.memory()));
        return open(
                settings, interruption.paging(installed.with(interruption.memory())), combination, seed, interruption);
    }

    private static World open(
            Settings settings,
            Installed installed,
            Combination combination,
            long seed,
            @Nullable Interruption interruption) {
        LaboratoryClock clock = new LaboratoryClock();
        Machine machine = Machine.start(placed(settings, combination), installed, clock);
        World world = new World(machine, clock, combination, seed, interruption);
        try {
            world.granter();
            world.grantee();
            return world;
        } catch (RuntimeException | Error e) {
            machine.close();
            throw e;
        }
    }

    private static Settings placed(Settings settings, Combination combination) {
        Settings placed = settings.withGrantFormat(combination.format().name());
        Choice iommu = combination.member(Member.IOMMU);
        if (iommu != null) {
            placed = placed.withIommu(iommu.name());
        }
        Choice search = combination.member(Member.SEARCH);
        if (search != null) {
            placed = placed.withRevokeSearch(search.name());
        }
        Choice transport = combination.member(Member.TRANSPORT);
        Choice queue = combination.member(Member.QUEUE);
        return transport == null
                ? placed
                : placed.withVirtio(
                        new VirtioSettings(transport.name(), queue == null ? VirtioSettings.SPLIT : queue.name()));
    }

    /**
     * Where it is.
     *
     * @return who stands in each place
     */
    public Combination combination() {
        return combination;
    }

    /**
     * The machine, for looking, and for what a toolstack does.
     *
     * @return always the same
     */
    public Machine machine() {
        return machine;
    }

    /**
     * The machine's clock: devices that hang do so until a clause lets time pass.
     *
     * @return always the same
     */
    public LaboratoryClock clock() {
        return clock;
    }

    /**
     * What lets somebody in between two accesses of a call.
     *
     * @return always the same
     * @throws IllegalStateException when the clause is not {@link Interruptible}
     */
    public Interruption interruption() {
        Interruption known = interruption;
        if (known == null) {
            throw new IllegalStateException("this clause is not annotated with @Interruptible");
        }
        return known;
    }

    /**
     * The domain whose table it is: domid 1, paging as the combination's granter.
     *
     * @return always the same
     */
    public Party granter() {
        return party(GRANTER, combination.granterPaging().name());
    }

    /**
     * The domain that maps and copies: domid 2, paging as the combination's grantee.
     *
     * @return always the same
     */
    public Party grantee() {
        return party(GRANTEE, combination.granteePaging().name());
    }

    /**
     * Somebody else: domid 3, paging and format as the grantee's.
     *
     * @return always the same
     */
    public Party third() {
        return party(THIRD, combination.granteePaging().name());
    }

    /**
     * Another one that grants: domid 20, paging and format as the granter's.
     *
     * @return always the same
     */
    public Party neighbour() {
        return party(NEIGHBOUR, combination.granterPaging().name());
    }

    /** What anybody grants by leaves of trees devices may use too: they are there, and play no part. */
    void grantToDevicesToo() {
        toDevicesToo = true;
        parties.values().forEach(Party::leavesAreForDevicesToo);
    }

    /**
     * The control domain: domid 0, PV and privileged.
     *
     * @return always the same
     */
    public Party control() {
        Party control = parties.get(CONTROL);
        return control == null ? boot(DomainConfig.control(), GuestLayout.CONTROL_DOMAIN) : control;
    }

    private Party party(int domid, String paging) {
        Party party = parties.get(domid);
        return party == null ? boot(config(domid, paging)) : party;
    }

    /**
     * What the toolstack asks for when it makes one of the guests: where the combination has an IOMMU all but those that grant own devices, and
     * where its transport reaches memory by frame number the grantee is privileged.
     *
     * @param domid of the guest
     * @param paging its mode
     * @return the configuration
     */
    public DomainConfig config(int domid, String paging) {
        DomainConfig config = DomainConfig.usual(domid, paging);
        boolean grants = domid == GRANTER || domid == NEIGHBOUR;
        boolean served = paging.equals(combination.granteePaging().name());
        boolean owns = !grants && served && combination.member(Member.IOMMU) != null;
        Choice transport = combination.member(Member.TRANSPORT);
        boolean maps = domid == GRANTEE && transport != null && transport.declares(Capability.FOREIGN_MAPPINGS);
        config = owns ? config.withDevices(DEVICES) : config;
        return maps ? config.withPrivilege() : config;
    }

    /**
     * One more guest, with limits as a clause wants them.
     *
     * @param config with a free domid
     * @return booted
     */
    public Party boot(DomainConfig config) {
        return boot(config, GuestLayout.LABORATORY.withLargePages(1));
    }

    private Party boot(DomainConfig config, GuestLayout layout) {
        int rc = machine.createDomain(config);
        if (rc != 0) {
            throw new IllegalStateException("d" + config.domid() + " cannot be created: " + StatusText.rc(rc));
        }
        GrantFormat own = config.domid() == GRANTEE || config.domid() == THIRD ? granteeFormat() : format();
        Party party = new Party(machine, machine.boot(config.domid(), layout), own, counts, steps);
        parties.put(config.domid(), party);
        if (toDevicesToo) {
            party.leavesAreForDevicesToo();
        }
        speak(party);
        return party;
    }

    /**
     * The first thing that a guest of the combination does is to set the version of its table: every domain starts with
     * version 1. Others leave it at that.
     */
    private void speak(Party party) {
        GrantFormat own = switch (party.domid()) {
            case GRANTER, NEIGHBOUR -> format();
            case GRANTEE, THIRD -> granteeFormat();
            default -> null;
        };
        if (own instanceof FlatFormat flat && flat.version() != FIRST_VERSION) {
            Version set = party.call(new SetVersionCall(flat.version()));
            Expect.equal("what set_version answers at boot", new Version(0, flat.version()), set);
        }
    }

    /**
     * A world like this one on a machine with another command line: the clause goes on there. What holds for every world
     * holds for it too.
     *
     * @param change of the settings
     * @param clause what is done there
     * @throws Exception as the clause
     */
    public void under(UnaryOperator<Settings> change, Promise.Body clause) throws Exception {
        try (World other = open(change.apply(machine.settings()), machine.installed(), combination, seed)) {
            clause.check(other);
            other.checkInvariants();
            other.dismantle();
        }
    }

    /**
     * The toolstack destroys a guest.
     *
     * @param party of this world; it acts no more
     */
    public void destroy(Party party) {
        steps.call("destroy dom=" + party);
        Expect.rc(0, machine.destroyDomain(party.domid()));
    }

    // ---- granting

    /**
     * The combination's format: that of the granter's table.
     *
     * @return as the machine has it
     */
    public GrantFormat format() {
        return machine.format(combination.format().name());
    }

    /**
     * The format of the grantee's own table, and of the third's.
     *
     * @return as the machine has it
     */
    public GrantFormat granteeFormat() {
        return machine.format(combination.granteeFormat().name());
    }

    /**
     * The granter's table for the grantee, brought up by the format as a guest kernel does.
     *
     * @return always the same
     */
    public GuestTable table() {
        GuestTable known = table;
        if (known == null) {
            known = format().bringUp(granter().kernel(), GRANTEE, -1);
            table = known;
        }
        return known;
    }

    /**
     * Grants page n of the granter to the grantee, at index {@code FIRST_INDEX + n}.
     *
     * @param n 0..63
     * @param access READ or READ | WRITE
     * @return the reference
     */
    public long grant(int n, int access) {
        long index = (long) FIRST_INDEX + n;
        steps.call("# d1 grants p" + n + (Access.writes(access) ? " read-write" : " read-only") + " to d2 at index "
                + index);
        table().grant(index, GRANTEE, granter().pageFrame(n), Page.ORDER_4K, access);
        return table().reference(index);
    }

    /**
     * References on the frame behind a page of the granter.
     *
     * @param n 0..63
     * @return the allocation's included
     */
    public long references(int n) {
        return machine.frames().references(granter().machineFrame(n));
    }

    /**
     * How a virtio device of the grantee reaches its driver in the granter.
     *
     * @return the combination's transport, on this machine
     */
    public Transport transport() {
        return machine.transport(machine.settings().virtio().transport());
    }

    // ---- telling

    /**
     * What the clause does now, for the reader of a failure.
     *
     * @param text a few words
     */
    public void step(String text) {
        if (looking) {
            before = states();
        }
        steps.next(text);
    }

    /** From now on what the domains look like is kept as each step begins. */
    void lookAtEachStep() {
        looking = true;
    }

    /** The state of every domain when the last step began; empty when nobody looked. */
    List<DomainState> statesBefore() {
        return before;
    }

    /**
     * What one request took, for the report.
     *
     * @param cost of it
     */
    public void took(RequestCost cost) {
        requests.add(cost);
    }

    /**
     * Numbers that differ from run to run and can be had again.
     *
     * @return seeded by {@code --seed}, clause and combination
     */
    public RandomGenerator random() {
        RandomGenerator known = random;
        if (known == null) {
            known = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
            random = known;
        }
        return known;
    }

    /**
     * Whether the outcome depends on the seed.
     *
     * @return true once {@link #random} was asked for
     */
    boolean randomised() {
        return random != null;
    }

    /**
     * What the guests did so far.
     *
     * @return hypercalls, loads and stores of all of their CPUs, and what was told of requests
     */
    public Cost cost() {
        return counts.cost().with(requests);
    }

    List<Step> steps() {
        return steps.written();
    }

    /** The state of every domain that still exists. */
    List<DomainState> states() {
        List<DomainState> states = new ArrayList<>();
        for (int domid : parties.keySet()) {
            String text = machine.domain(domid) == null
                    ? "d" + domid + " is gone\n"
                    : machine.dump(domid).text();
            states.add(new DomainState(role(domid), domid, text));
        }
        return states;
    }

    private static String role(int domid) {
        return switch (domid) {
            case CONTROL -> "control domain";
            case GRANTER -> "granter";
            case GRANTEE -> "grantee";
            case THIRD -> "third party";
            case NEIGHBOUR -> "neighbour";
            default -> "guest";
        };
    }

    // ---- afterwards

    /** The clause is over: the machine is at rest and must be sound. */
    void checkInvariants() {
        step("afterwards: the machine's invariants hold");
        machine.checkInvariants();
    }

    /** Destroys every domain, the control domain last; then every frame must be free again. */
    void dismantle() {
        step("afterwards: every domain is destroyed and all memory is free");
        machine.domains().stream()
                .map(Domain::domid)
                .sorted(Comparator.reverseOrder())
                .forEach(machine::destroyDomain);
        machine.checkInvariants();
        Expect.equal("domains that still exist after their destruction", List.of(), machine.domains());
        for (int domid : parties.keySet()) {
            Expect.equal(
                    "pages that d" + domid + " left behind", 0, machine.frames().pages(domid));
            Expect.equal(
                    "table frames that d" + domid + " left behind",
                    0,
                    machine.frames().sharedPages(domid));
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
