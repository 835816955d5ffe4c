package grantlab.cli;

import grantlab.api.transport.Endpoint;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.virtio.dpdk.Forwarding;
import grantlab.virtio.dpdk.PhaseCounts;
import grantlab.virtio.dpdk.Testpmd;
import grantlab.virtio.vhost.BackendCounts;
import grantlab.virtio.vhost.BackendDomain;
import grantlab.virtio.vhost.Iotlb;
import grantlab.virtio.vhost.VhostFrontend;
import grantlab.virtio.vhost.net.NetDriver;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code grantlab demo dpdk}. */
@Command(
        name = "dpdk",
        description = {
            "Send packets through DPDK's testpmd, whose buffers are grants, and take pages back meanwhile.",
            "The machine has memory = memfd and grant-format = v3-tree, whatever the settings say.",
            "Needs dpdk-testpmd (Debian: packages dpdk-dev, librte-net-vhost23, librte-mempool-ring23)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class DpdkCommand implements Callable<Integer> {
    private static final int DRIVER = 1;
    private static final int BACKEND = 2;
    private static final int DEVICE = 0;

    /** To send, and as many to receive: what a guest of the laboratory has pages for. */
    private static final int BUFFERS = 24;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Terminal terminal;

    @Option(names = "--packets", paramLabel = "N", description = "Packets of each phase (default: ${DEFAULT-VALUE}).")
    private int packets = 10_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @SuppressWarnings("NullAway.Init") // picocli fills the field
    DpdkCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (packets < 1) {
            throw new ParameterException(spec.commandLine(), "--packets " + packets + ": at least 1");
        }
        options.installed();
        Settings settings = options.settings().withMemory("memfd").withGrantFormat("v3-tree");
        try (Testpmd testpmd = Testpmd.start();
                Machine machine = Machine.start(settings)) {
            return through(testpmd, machine);
        } finally {
            terminal.out().flush();
        }
    }

    private int through(Testpmd testpmd, Machine machine) throws IOException {
        Iotlb iotlb = new Iotlb();
        created(machine.createDomain(
                DomainConfig.usual(DRIVER, machine.settings().paging())));
        created(machine.createDomain(DomainConfig.usual(BACKEND, "hvm"), iotlb));
        Guest driverGuest = machine.boot(DRIVER, GuestLayout.LABORATORY);
        Guest backendGuest = machine.boot(BACKEND, GuestLayout.LABORATORY);
        Domain backend = Objects.requireNonNull(machine.domain(BACKEND));
        NetDriver driver = new NetDriver(driverGuest.kernel(), BACKEND, DEVICE, BUFFERS);
        VhostFrontend frontend = VhostFrontend.connect(
                testpmd.socket(),
                new BackendDomain(backendGuest.kernel(), backend.physicalMap(), iotlb, machine.sharedExtents()),
                new Endpoint(DRIVER, BACKEND, DEVICE, Endpoint.Mode.POOL),
                testpmd::kill,
                PATIENCE);
        List<PhaseCounts> phases;
        try (Forwarding forwarding = new Forwarding(driver, frontend)) {
            phases = forwarding.run(packets);
        } finally {
            frontend.close();
        }
        int inUse = driver.close();
        machine.checkInvariants();
        print(phases, frontend.counts(), testpmd.stop(), inUse);
        return inUse == 0 && phases.stream().allMatch(PhaseCounts::asPromised) ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }

    private static void created(int result) {
        if (result != 0) {
            throw new IllegalStateException("a domain is not created: " + result);
        }
    }

    private void print(List<PhaseCounts> phases, BackendCounts counts, Testpmd.Counts dpdk, int inUse) {
        PrintWriter out = terminal.out();
        out.printf(
                "%-31s %9s %9s %9s %9s %9s %9s %9s%n",
                "taken back", "sent", "returned", "revoked", "lost", "elsewhere", "damaged", "touched");
        for (PhaseCounts phase : phases) {
            out.printf(
                    "%-31s %9d %9d %9d %9d %9d %9d %9d%n",
                    phase.phase(),
                    phase.sent(),
                    phase.returned(),
                    phase.revoked(),
                    phase.lost(),
                    phase.lostElsewhere(),
                    phase.damaged(),
                    phase.touched());
        }
        out.println();
        out.println("elsewhere: packets lost that were in no page taken back. damaged: packets that nobody sent.");
        out.println("touched: bytes that changed in pages after v3_revoke had answered.");
        out.printf("testpmd: %d packets received, %d sent, %d dropped%n", dpdk.received(), dpdk.sent(), dpdk.dropped());
        out.printf(
                "IOTLB: %d misses, %d maps, %d refused, %d pages forgotten for a change of the map, %d unmaps%n",
                counts.misses(), counts.maps(), counts.refusals(), counts.forgotten(), counts.unmaps());
        out.printf("still in use when all was let go: %d pages%n", inUse);
    }
}
