package grantlab.conformance.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Access;
import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.vhost.EchoBackend.Wrong;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.virtio.dpdk.Forwarding;
import grantlab.virtio.dpdk.PhaseCounts;
import grantlab.virtio.transport.BusAddresses;
import grantlab.virtio.vhost.BackendDomain;
import grantlab.virtio.vhost.BackendException;
import grantlab.virtio.vhost.Iotlb;
import grantlab.virtio.vhost.VhostFrontend;
import grantlab.virtio.vhost.message.Header;
import grantlab.virtio.vhost.message.IotlbMessage;
import grantlab.virtio.vhost.message.ProtocolFeature;
import grantlab.virtio.vhost.message.Request;
import grantlab.virtio.vhost.net.NetDriver;
import grantlab.virtio.vhost.net.SharedPage;
import grantlab.virtio.vhost.socket.UnixSocket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A machine with a driver in one domain, and a backend in a process of its own but for its threads, which are the test's. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class VhostFrontendTest {
    private static final int DRIVER = 1;
    private static final int BACKEND = 2;
    private static final int BUFFERS = 12;
    private static final Endpoint ENDPOINT = new Endpoint(DRIVER, BACKEND, 0, Endpoint.Mode.POOL);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration IMPATIENCE = Duration.ofSeconds(3);

    private final AtomicInteger resets = new AtomicInteger();
    private final Iotlb iotlb = new Iotlb();
    private Machine machine;
    private GuestKernel driverKernel;
    private NetDriver driver;
    private BackendDomain domain;
    private EchoBackend backend;
    private VhostFrontend frontend;

    @BeforeEach
    void build() {
        machine = Machine.start(Settings.usual().withMemory("memfd").withGrantFormat("v3-tree"));
        assertThat(machine.createDomain(DomainConfig.usual(DRIVER, "pv"))).isZero();
        assertThat(machine.createDomain(DomainConfig.usual(BACKEND, "hvm"), iotlb))
                .isZero();
        driverKernel = machine.boot(DRIVER, GuestLayout.LABORATORY).kernel();
        Guest backendGuest = machine.boot(BACKEND, GuestLayout.LABORATORY);
        driver = new NetDriver(driverKernel, BACKEND, 0, BUFFERS);
        domain = new BackendDomain(
                backendGuest.kernel(), machine.domain(BACKEND).physicalMap(), iotlb, machine.sharedExtents());
    }

    private void connect(Duration patience) throws IOException {
        UnixSocket.Pair pair = UnixSocket.pair();
        backend = new EchoBackend(pair.far());
        frontend = VhostFrontend.over(pair.near(), domain, ENDPOINT, this::reset, patience);
    }

    private void reset() {
        resets.incrementAndGet();
        backend.close();
    }

    /** Whatever happened: nothing is mapped any more, the driver can withdraw everything, and the books are right. */
    @AfterEach
    void everythingIsUndone() {
        if (frontend != null) {
            frontend.close();
        }
        if (backend != null) {
            backend.close();
        }
        assertThat(driver.close()).as("pages still in use").isZero();
        machine.checkInvariants();
        machine.destroyDomain(DRIVER);
        machine.destroyDomain(BACKEND);
        machine.close();
    }

    private SharedPage receivePage() {
        return driver.pages().get(2);
    }

    private SharedPage sendPage() {
        return driver.pages().get(3);
    }

    // Traffic

    @Test
    void onlyPacketsInPagesThatWereTakenBackAreLost() throws IOException {
        connect(PATIENCE);
        List<PhaseCounts> phases;
        try (Forwarding forwarding = new Forwarding(driver, frontend)) {
            phases = forwarding.run(200);
        }
        assertThat(phases).allMatch(PhaseCounts::asPromised, "as promised");
        assertThat(phases).extracting(PhaseCounts::sent).containsOnly(200L);
        assertThat(phases.get(0).returned()).isEqualTo(200);
        assertThat(phases.get(1).revoked()).isPositive().isEqualTo(phases.get(1).lost());
        assertThat(phases.get(2).revoked())
                .isPositive()
                .isGreaterThanOrEqualTo(phases.get(2).lost());
        assertThat(phases.get(3).lost()).isPositive();
        assertThat(phases.get(4).revoked()).isPositive();
        assertThat(phases.get(4).returned())
                .as("a queue is taken back, and no packet")
                .isEqualTo(200);
        assertThat(frontend.counts().misses()).isPositive();
        assertThat(frontend.failure()).isEmpty();
        assertThat(resets).hasValue(0);
    }

    // What a backend is told

    @Test
    void aMissIsAMapWithTheRightsThatAreGranted() throws Exception {
        connect(PATIENCE);
        backend.miss(sendPage().busAddress() + 100, Access.READ);
        backend.miss(receivePage().busAddress(), Access.READ);
        frontend.push(driver.sendingQueue().busAddress());
        await(() -> backend.known(sendPage().busAddress()) != null
                && backend.known(receivePage().busAddress()) != null);

        IotlbMessage readable = backend.known(sendPage().busAddress());
        assertThat(readable.access()).isEqualTo(Access.READ);
        assertThat(readable.bytes()).isEqualTo(Page.SIZE);
        assertThat(readable.busAddress()).isEqualTo(sendPage().busAddress());
        assertThat(backend.known(receivePage().busAddress()).access()).isEqualTo(Access.READ | Access.WRITE);
        assertThat(frontend.counts().maps()).isEqualTo(3);
        assertThat(sendPage().withdraw()).as("in use").isFalse();
    }

    @Test
    void whatIsNotGrantedIsNotTold() throws IOException {
        connect(PATIENCE);
        long hole = receivePage().busAddress() + Page.SIZE;

        assertThat(frontend.push(hole)).isFalse();
        assertThat(frontend.push(0)).isFalse();
        assertThat(frontend.push(-Page.SIZE)).isFalse();
        assertThat(frontend.push(1L << 60)).isFalse();
        assertThat(frontend.counts().maps()).isZero();
    }

    /** What stands in for a page that is not granted is nobody's memory, and another one for each direction. */
    @Test
    void whatIsNotGrantedReadsAsZeroesAndSwallowsWhatIsWritten() throws Exception {
        connect(PATIENCE);
        long hole = receivePage().busAddress() + Page.SIZE;
        long another = sendPage().busAddress() + Page.SIZE;
        backend.miss(hole, Access.READ);
        backend.miss(another, Access.READ | Access.WRITE);
        await(() -> backend.known(hole) != null && backend.known(another) != null);

        assertThat(backend.known(hole).access()).isEqualTo(Access.READ);
        assertThat(backend.known(another).userAddress())
                .isNotEqualTo(backend.known(hole).userAddress());
        for (long address : new long[] {
            backend.known(hole).userAddress(), backend.known(another).userAddress()
        }) {
            assertThat(machine.frames().owner(Page.frame(address))).isEqualTo(BACKEND);
        }
    }

    /** DPDK would take the two for one, and go on behind the first page in whatever lies there. */
    @Test
    void ofTwoNeighboursThatLeadElsewhereOneIsTold() throws IOException {
        connect(PATIENCE);
        GuestTree tree = (GuestTree) driverKernel.table(BACKEND, 0);
        long index = driverKernel.allocateIndices(tree, 2);
        for (int n = 0; n < 2; n++) {
            long page = driverKernel.allocatePages(Page.ORDER_4K);
            tree.grant(index + n, BACKEND, driverKernel.frameOf(page), Page.ORDER_4K, Access.READ);
        }
        long busAddress = BusAddresses.OWN_TREE.address(index);

        assertThat(frontend.push(busAddress)).isTrue();
        assertThat(frontend.push(busAddress + Page.SIZE)).isFalse();
        frontend.release(busAddress);
        assertThat(frontend.push(busAddress + Page.SIZE)).isTrue();
        frontend.release(busAddress + Page.SIZE);
        assertThat(tree.end(index)).isTrue();
        assertThat(tree.end(index + 1)).isTrue();
    }

    // Letting go and taking back

    @Test
    void whatIsUnmappedIsForgotten() throws IOException {
        connect(PATIENCE);
        assertThat(frontend.push(receivePage().busAddress())).isTrue();
        assertThat(receivePage().withdraw()).isFalse();

        frontend.release(receivePage().busAddress());

        assertThat(backend.known(receivePage().busAddress())).isNull();
        assertThat(receivePage().withdraw()).isTrue();
        assertThat(frontend.counts().unmaps()).isEqualTo(1);
    }

    @Test
    void aPageThatWasTakenBackIsToldAnewWhenItIsGrantedAnew() throws IOException {
        connect(PATIENCE);
        SharedPage page = receivePage();
        frontend.push(page.busAddress());
        final long told = backend.known(page.busAddress()).userAddress();

        page.revoke();
        frontend.settle();
        assertThat(backend.known(page.busAddress()).userAddress())
                .as("something stands in for it")
                .isNotEqualTo(told);
        assertThat(page.regrant()).isTrue();
        assertThat(frontend.push(page.busAddress())).isTrue();
        assertThat(backend.known(page.busAddress()).userAddress()).isEqualTo(told);
    }

    /** The answer to the invalidation is there while the burst still goes on; v3_revoke waits for the burst. */
    @Test
    void aRevocationEndsOnlyAfterTheBurst() throws Exception {
        connect(PATIENCE);
        CountDownLatch inBurst = new CountDownLatch(1);
        CountDownLatch burstMayEnd = new CountDownLatch(1);
        Forwarding forwarding = new Forwarding(driver, frontend);
        try (forwarding) {
            backend.inBurst = () -> {
                inBurst.countDown();
                await(burstMayEnd);
            };
            SharedPage page = driver.send(MemorySegment.ofArray(new byte[60]));
            driver.publishSending();
            await(inBurst);
            long barriers = backend.barriers.get();
            Thread granter = Thread.ofPlatform().start(page::revoke);
            try {
                await(() -> backend.barriers.get() > barriers || !granter.isAlive());
                assertThat(granter.isAlive()).as("v3_revoke is under way").isTrue();
                assertThat(backend.invalidations.get()).as("answered already").isPositive();
                assertThat(backend.known(page.busAddress())).isNull();
            } finally {
                burstMayEnd.countDown();
            }
            granter.join();
            assertThat(page.granted()).isFalse();
        }
    }

    @Test
    void aBackendThatDiesWhileItIsToForgetIsResetBeforeTheRevocationEnds() throws IOException {
        connect(PATIENCE);
        SharedPage page = receivePage();
        frontend.push(page.busAddress());
        backend.wrongAt = Request.IOTLB_MSG;
        backend.wrong = Wrong.CLOSED;

        page.revoke();

        assertThat(resets).hasValue(1);
        assertThat(frontend.failure()).isPresent();
    }

    // Answers that no backend gives

    static Stream<Arguments> wrongAnswers() {
        Map<Wrong, String> said = Map.of(
                Wrong.NUMBER, "with number 77 instead of",
                Wrong.SIZE, "with 16 bytes instead of 8",
                Wrong.HUGE_SIZE, "with 4294967295 bytes instead of 8",
                Wrong.VERSION, "with version 2 of the protocol",
                Wrong.NO_ANSWER, "does not answer %s: nothing came within " + IMPATIENCE.toMillis() + " ms",
                Wrong.REQUEST, "with a request where an answer was due",
                Wrong.FILE, "the backend answers %s with a file",
                Wrong.HALF, "the other end closed the socket after 6 of 12 bytes",
                Wrong.CLOSED, "does not answer %s",
                Wrong.REFUSAL, "the backend refused %s with 1");
        return Stream.of(Request.GET_FEATURES, Request.SET_OWNER, Request.SET_MEM_TABLE)
                .flatMap(request -> Stream.of(Wrong.values())
                        .filter(wrong -> wrong != Wrong.REFUSAL || request != Request.GET_FEATURES)
                        .map(wrong ->
                                Arguments.of(request, wrong, said.get(wrong).formatted(request))));
    }

    @ParameterizedTest
    @MethodSource("wrongAnswers")
    void aBackendThatAnswersWrongIsCutOff(Request request, Wrong wrong, String said)
            throws IOException, InterruptedException {
        Map<String, Long> before = openFiles();
        UnixSocket.Pair pair = UnixSocket.pair();
        backend = new EchoBackend(pair.far());
        backend.wrongAt = request;
        backend.wrong = wrong;

        Duration patience = wrong == Wrong.NO_ANSWER ? IMPATIENCE : PATIENCE;

        assertThatThrownBy(() -> VhostFrontend.over(pair.near(), domain, ENDPOINT, this::reset, patience))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining(said);
        assertThat(resets).hasValue(1);
        awaitNoMoreThan(before);
    }

    /** With pages mapped, and rings at work. */
    @ParameterizedTest
    @EnumSource(Wrong.class)
    void aBackendThatAnswersWrongLaterIsCutOffToo(Wrong wrong) throws IOException {
        connect(wrong == Wrong.NO_ANSWER ? IMPATIENCE : PATIENCE);
        Forwarding forwarding = new Forwarding(driver, frontend);
        try (forwarding) {
            assertThat(frontend.counts().maps()).isPositive();
            backend.wrongAt = Request.IOTLB_MSG;
            backend.wrong = wrong;
            sendPage().revoke();
            assertThat(resets).hasValue(1);
            assertThat(frontend.failure().orElseThrow()).hasMessageContaining("IOTLB_MSG");
            assertThatThrownBy(() -> frontend.push(receivePage().busAddress())).isInstanceOf(BackendException.class);
        }
    }

    @Test
    void aBackendThatStopsAnotherRingIsCutOff() throws IOException {
        connect(PATIENCE);
        Forwarding forwarding = new Forwarding(driver, frontend);
        backend.wrongAt = Request.GET_VRING_BASE;
        backend.wrong = Wrong.REFUSAL;
        forwarding.close();
        assertThat(frontend.failure().orElseThrow()).hasMessage("the backend tells of ring 1 instead of 0");
        assertThat(resets).hasValue(1);
    }

    @Test
    void aBackendThatLacksAFeatureIsNotTaken() throws IOException {
        UnixSocket.Pair pair = UnixSocket.pair();
        backend = new EchoBackend(pair.far());
        backend.lackingProtocolFeatures = ProtocolFeature.REPLY_ACK;
        assertThatThrownBy(() -> VhostFrontend.over(pair.near(), domain, ENDPOINT, this::reset, PATIENCE))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("lacks 0x8 of the features of the protocol");
    }

    // Questions that no backend asks

    interface Question {
        void ask(EchoBackend backend) throws IOException;
    }

    static Stream<Arguments> wrongQuestions() {
        IotlbMessage miss = new IotlbMessage(0x1000, 0, 0, Access.READ, IotlbMessage.MISS);
        int number = IotlbMessage.BACKEND_REQUEST;
        int size = IotlbMessage.SIZE;
        return Stream.of(
                question("asks with number 2 instead of 1", new Header(2, Header.VERSION, size), miss),
                question("asks with 31 bytes", new Header(number, Header.VERSION, 31), miss),
                question("asks with 2147483648 bytes", new Header(number, Header.VERSION, 1 << 31), miss),
                question("asks with version 3", new Header(number, 3, size), miss),
                question("asks with an answer", new Header(number, Header.VERSION | Header.REPLY, size), miss),
                question("wants an answer", new Header(number, Header.VERSION | Header.NEED_REPLY, size), miss),
                question(
                        "something of type 2",
                        new Header(number, Header.VERSION, size),
                        new IotlbMessage(0x1000, 0, 0, Access.READ, IotlbMessage.UPDATE)),
                question(
                        "an access 4",
                        new Header(number, Header.VERSION, size),
                        new IotlbMessage(0x1000, 0, 0, 4, IotlbMessage.MISS)),
                Arguments.of("asks with a file", (Question)
                        backend -> backend.ask(new Header(number, Header.VERSION, size), miss, 0)));
    }

    private static Arguments question(String said, Header header, IotlbMessage message) {
        return Arguments.of(said, (Question) backend -> backend.ask(header, message));
    }

    @ParameterizedTest
    @MethodSource("wrongQuestions")
    void aBackendThatAsksWrongIsCutOff(String said, Question question) throws Exception {
        connect(PATIENCE);
        frontend.push(receivePage().busAddress());
        question.ask(backend);
        await(() -> frontend.failure().isPresent());

        assertThat(frontend.failure().orElseThrow()).hasMessageContaining(said);
        frontend.close();
        assertThat(resets).hasValue(1);
    }

    @Test
    void whereNobodyListensThereIsNoBackend() {
        assertThatThrownBy(
                        () -> VhostFrontend.connect(Path.of("/no/such.sock"), domain, ENDPOINT, this::reset, PATIENCE))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("/no/such.sock: connect: No such file or directory");
        assertThat(resets).hasValue(0);
    }

    @Test
    void aDomainHasOneBackend() throws IOException {
        connect(PATIENCE);
        UnixSocket.Pair another = UnixSocket.pair();
        assertThatThrownBy(() -> VhostFrontend.over(another.near(), domain, ENDPOINT, this::reset, PATIENCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has a backend already");
        another.far().close();
        assertThat(frontend.push(receivePage().busAddress())).isTrue();
    }

    @Test
    void memoryThatIsInNoFileCannotBeShared() {
        assertThatThrownBy(() -> new BackendDomain(domain.kernel(), domain.map(), iotlb, List.of()))
                .hasMessageContaining("memfd");
    }

    /** Other tests have files too, for some seconds: what is left behind stays. */
    private static void awaitNoMoreThan(Map<String, Long> before) throws IOException, InterruptedException {
        while (openFiles().entrySet().stream()
                .anyMatch(now -> now.getValue() > before.getOrDefault(now.getKey(), 0L))) {
            Thread.sleep(1);
        }
    }

    private static Map<String, Long> openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.map(VhostFrontendTest::kind)
                    .filter(kind -> kind.equals("socket") || kind.contains("eventfd") || kind.contains("memfd"))
                    .collect(Collectors.groupingBy(kind -> kind, Collectors.counting()));
        }
    }

    private static String kind(Path file) {
        try {
            return Files.readSymbolicLink(file).getFileName().toString().replaceAll(":\\[\\d+]$", "");
        } catch (IOException e) {
            return "closed";
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        while (!condition.holds()) {
            Thread.sleep(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
