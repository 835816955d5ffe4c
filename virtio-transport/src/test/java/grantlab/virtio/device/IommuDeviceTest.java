package grantlab.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.virtio.iommu.Iommu;
import grantlab.virtio.iommu.IommuDevice;
import grantlab.virtio.iommu.IommuDevice.Fault;
import grantlab.virtio.iommu.IommuDriver;
import grantlab.virtio.queue.DescriptorChain;
import grantlab.virtio.queue.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a virtio-iommu device answers to whom, and what it translates then. */
class IommuDeviceTest {
    private static final int ENDPOINT = 5;
    private static final int OTHER = 6;
    private static final int DOMAIN = 9;
    private static final int RW = Iommu.READ | Iommu.WRITE;
    private static final long V = 0x10_0000;
    private static final long P = 0x7f_0000;
    private static final int QUEUE = 64;

    private final FlatTransport transport = new FlatTransport();
    private final List<String> forgotten = new ArrayList<>();
    private final IommuDevice iommu = new IommuDevice((endpoint, first, last) ->
            forgotten.add(endpoint + ":" + Long.toHexString(first) + "-" + Long.toHexString(last)));
    private final VirtioDevice device =
            new VirtioDevice(iommu, transport.deviceSide, Feature.ALL, QUEUE, () -> {}, () -> {});
    private final Mmio registers = new Mmio() {
        @Override
        public int read(int offset) {
            return device.read(offset);
        }

        @Override
        public void write(int offset, int value) {
            device.write(offset, value);
            if (offset == QUEUE_NOTIFY) {
                device.work();
            }
        }
    };
    private final IommuDriver driver;

    IommuDeviceTest() {
        iommu.plug(ENDPOINT);
        iommu.plug(OTHER);
        driver = new IommuDriver(registers, transport.kernel, transport.driverSide);
        forgotten.clear();
    }

    private int map(long first, long last, long physical, int flags) {
        return driver.map(DOMAIN, first, last, physical, flags);
    }

    @Test
    void doesNotAskForTranslationOfItself() {
        assertThat(device.read(Mmio.STATUS) & DeviceStatus.FEATURES_OK).isNotZero();
        registers.write(Mmio.DEVICE_FEATURES_SEL, 1);
        assertThat(registers.read(Mmio.DEVICE_FEATURES) & (int) (Feature.ACCESS_PLATFORM >>> 32))
                .isZero();
    }

    @Test
    void configurationIsAsTheSpecificationHasIt() {
        assertThat(registers.read(Mmio.CONFIG + Iommu.PAGE_SIZE_MASK)).isEqualTo(~0xfff);
        assertThat(registers.read(Mmio.CONFIG + Iommu.INPUT_START)).isZero();
        assertThat(registers.read(Mmio.CONFIG + Iommu.INPUT_END)).isEqualTo(-1);
        assertThat(registers.read(Mmio.CONFIG + Iommu.INPUT_END + 4)).isEqualTo(0xffff);
        assertThat(registers.read(Mmio.CONFIG + Iommu.DOMAIN_END)).isEqualTo(0xffff);
        assertThat(registers.read(Mmio.CONFIG + Iommu.PROBE_BYTES)).isEqualTo(64);
    }

    // ---- attach and detach: 5.13.6.3, 5.13.6.4

    @Test
    void nothingIsTranslatedForWhoIsInNoDomain() {
        assertThat(iommu.translate(ENDPOINT, V, false)).isNegative();
        assertThat(driver.attach(DOMAIN, ENDPOINT, 0)).isZero();
        assertThat(map(V, V + 0x1fff, P, Iommu.READ)).isZero();
        assertThat(iommu.translate(ENDPOINT, V + 0x1234, false)).isEqualTo(P + 0x1234);
        assertThat(iommu.translate(ENDPOINT, V + 0x1234, true)).isNegative();
        assertThat(iommu.translate(ENDPOINT, V + 0x2000, false)).isNegative();
        assertThat(iommu.translate(ENDPOINT, V - 1, false)).isNegative();
        assertThat(iommu.translate(OTHER, V, false)).isNegative();
        assertThat(driver.detach(DOMAIN, ENDPOINT)).isZero();
        assertThat(forgotten).contains(ENDPOINT + ":0-" + Long.toHexString(-1));
        assertThat(iommu.translate(ENDPOINT, V, false)).isNegative();
    }

    @ParameterizedTest
    @CsvSource({"65536, 5, 0, 6", "-1, 5, 0, 6", "9, 7, 0, 6", "9, -1, 0, 6", "9, 5, 2, 4", "9, 5, -1, 4"})
    void attachmentsThatAreRefused(int domain, int endpoint, int flags, int status) {
        assertThat(driver.attach(domain, endpoint, flags)).isEqualTo(status);
        assertThat(iommu.domainOf(ENDPOINT)).isNull();
        assertThat(map(V, V + 0xfff, P, RW)).isEqualTo(Iommu.NOENT);
    }

    @Test
    void anEndpointMovesAndADomainEndsWithItsLast() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        driver.attach(DOMAIN, OTHER, 0);
        map(V, V + 0xfff, P, RW);
        assertThat(iommu.translate(OTHER, V, true)).isEqualTo(P);
        assertThat(driver.attach(DOMAIN + 1, ENDPOINT, 0)).isZero();
        assertThat(iommu.translate(ENDPOINT, V, false)).isNegative();
        assertThat(iommu.translate(OTHER, V, false)).isEqualTo(P);
        assertThat(driver.detach(DOMAIN, ENDPOINT)).isEqualTo(Iommu.INVAL);
        assertThat(driver.detach(DOMAIN + 2, ENDPOINT)).isEqualTo(Iommu.NOENT);
        assertThat(driver.detach(DOMAIN, 99)).isEqualTo(Iommu.NOENT);
        assertThat(driver.detach(DOMAIN, OTHER)).isZero();
        assertThat(driver.attach(DOMAIN, OTHER, 0)).isZero();
        assertThat(iommu.translate(OTHER, V, false)).isNegative();
    }

    @Test
    void attachedTwiceItKeepsItsMappings() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        map(V, V + 0xfff, P, RW);
        assertThat(driver.attach(DOMAIN, ENDPOINT, 0)).isZero();
        assertThat(iommu.translate(ENDPOINT, V, true)).isEqualTo(P);
    }

    @Test
    void bypass() {
        assertThat(driver.attach(DOMAIN, ENDPOINT, Iommu.ATTACH_BYPASS)).isZero();
        assertThat(iommu.translate(ENDPOINT, P + 7, true)).isEqualTo(P + 7);
        assertThat(map(V, V + 0xfff, P, RW)).isEqualTo(Iommu.INVAL);
        assertThat(driver.unmap(DOMAIN, V, V + 0xfff)).isEqualTo(Iommu.INVAL);
        assertThat(driver.attach(DOMAIN, OTHER, 0)).isEqualTo(Iommu.INVAL);
        registers.write(Mmio.CONFIG + Iommu.BYPASS, 1);
        assertThat(registers.read(Mmio.CONFIG + Iommu.BYPASS)).isEqualTo(1);
        assertThat(iommu.translate(OTHER, P, false)).isEqualTo(P);
        registers.write(Mmio.CONFIG + Iommu.BYPASS, 0);
        assertThat(iommu.translate(OTHER, P, false)).isNegative();
    }

    // ---- map and unmap: 5.13.6.5, 5.13.6.6

    @ParameterizedTest
    @CsvSource({
        "0x100001, 0x100fff, 0x7f0000, 3, 5",
        "0x100000, 0x100ffe, 0x7f0000, 3, 5",
        "0x100000, 0x100fff, 0x7f0800, 3, 5",
        "0x100000, 0x0fffff, 0x7f0000, 3, 5",
        "0x100000, 0x1000000000fff, 0x7f0000, 3, 5",
        "0x1000000000000, 0x1000000000fff, 0x7f0000, 3, 5",
        "-4096, -1, 0x7f0000, 3, 5",
        "0, 0xfff, 0x7f0000, 3, 4",
        "0, 0xffffff, 0x7f0000, 3, 4",
        "0x100000, 0x100fff, -4096, 3, 4",
        "0x100000, 0x100fff, 0x7f0000, 0, 4",
        "0x100000, 0x100fff, 0x7f0000, 4, 4",
        "0x100000, 0x100fff, 0x7f0000, -1, 4"
    })
    void mappingsThatAreRefused(String first, String last, String physical, int flags, int status) {
        driver.attach(DOMAIN, ENDPOINT, 0);
        assertThat(map(Long.decode(first), Long.decode(last), Long.decode(physical), flags))
                .isEqualTo(status);
        assertThat(iommu.translate(ENDPOINT, V, false)).isNegative();
    }

    @Test
    void mappingsDoNotOverlap() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        assertThat(map(V, V + 0x3fff, P, RW)).isZero();
        for (long at = V - 0x1000; at <= V + 0x3000; at += 0x1000) {
            assertThat(map(at, at + 0x1fff, P, RW)).isEqualTo(Iommu.INVAL);
        }
        assertThat(map(V - 0x1000, V - 1, P, RW)).isZero();
        assertThat(map(V + 0x4000, V + 0x4fff, P, RW)).isZero();
    }

    @Test
    void unmappingCutsNothing() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        map(V, V + 0x1fff, P, RW);
        map(V + 0x3000, V + 0x3fff, P, RW);
        forgotten.clear();
        assertThat(driver.unmap(DOMAIN, V, V + 0xfff)).isEqualTo(Iommu.RANGE);
        assertThat(driver.unmap(DOMAIN, V + 0x1000, V + 0x3fff)).isEqualTo(Iommu.RANGE);
        assertThat(forgotten).isEmpty();
        assertThat(iommu.translate(ENDPOINT, V + 0x1000, true)).isEqualTo(P + 0x1000);
        assertThat(driver.unmap(DOMAIN, V - 0x1000, V + 0x8fff)).isZero();
        assertThat(forgotten).containsExactly(ENDPOINT + ":ff000-108fff");
        assertThat(iommu.translate(ENDPOINT, V, true)).isNegative();
        assertThat(driver.unmap(DOMAIN, V, V + 0xfff)).isZero();
        assertThat(driver.unmap(DOMAIN + 1, V, V + 0xfff)).isEqualTo(Iommu.NOENT);
        assertThat(driver.unmap(DOMAIN, V, V - 1)).isEqualTo(Iommu.RANGE);
        assertThat(driver.unmap(DOMAIN, 0, -1)).isEqualTo(Iommu.RANGE);
    }

    /** Many at once: one notification, all answered. */
    @Test
    void unmappingsThatWerePutOff() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        for (int n = 0; n < IommuDriver.MOST_REQUESTS; n++) {
            assertThat(map(V + n * 0x1000L, V + n * 0x1000L + 0xfff, P, RW)).isZero();
        }
        for (int n = 0; n < IommuDriver.MOST_REQUESTS; n++) {
            driver.addUnmap(DOMAIN, V + n * 0x1000L, V + n * 0x1000L + 0xfff);
        }
        assertThat(iommu.translate(ENDPOINT, V, true)).isEqualTo(P);
        assertThat(driver.added()).isEqualTo(IommuDriver.MOST_REQUESTS);
        assertThat(driver.perform()).isZero();
        for (int n = 0; n < IommuDriver.MOST_REQUESTS; n++) {
            assertThat(iommu.translate(ENDPOINT, V + n * 0x1000L, false)).isNegative();
        }
    }

    @Test
    void mappingsAreFiniteInNumberAndComeBack() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        int mapped = 0;
        while (map(V + mapped * 0x1000L, V + mapped * 0x1000L + 0xfff, P, RW) == Iommu.OK) {
            mapped++;
        }
        assertThat(mapped).isEqualTo(1 << 16);
        assertThat(map(V + mapped * 0x1000L, V + mapped * 0x1000L + 0xfff, P, RW))
                .isEqualTo(Iommu.NOMEM);
        assertThat(driver.unmap(DOMAIN, V, V + 0xfff)).isZero();
        assertThat(map(V, V + 0xfff, P, RW)).isZero();
        assertThat(driver.detach(DOMAIN, ENDPOINT)).isZero();
        driver.attach(DOMAIN, ENDPOINT, 0);
        assertThat(map(V, V + 0xfff, P, RW)).isZero();
    }

    /** Against a map of single pages. */
    @Test
    void domainIsAMap() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        TreeMap<Long, Long> model = new TreeMap<>();
        Random random = new Random(4);
        for (int round = 0; round < 3_000; round++) {
            long first = 0x100L + random.nextInt(64);
            long last = first + random.nextInt(4);
            long physical = random.nextInt(1 << 20);
            boolean free = model.subMap(first, last + 1).isEmpty();
            if (random.nextBoolean()) {
                int status = map(first << 12, (last << 12) | 0xfff, physical << 12, RW);
                assertThat(status).isEqualTo(free ? Iommu.OK : Iommu.INVAL);
                for (long page = first; free && page <= last; page++) {
                    model.put(page, physical + (page - first));
                }
            } else if (driver.unmap(DOMAIN, first << 12, (last << 12) | 0xfff) == Iommu.OK) {
                model.subMap(first, last + 1).clear();
            }
            for (long page = 0x100; page < 0x148; page++) {
                Long there = model.get(page);
                assertThat(iommu.translate(ENDPOINT, page << 12, true)).isEqualTo(there == null ? -1 : there << 12);
            }
        }
        assertThat(driver.faults()).isNotEmpty();
    }

    // ---- probe, events, and requests that are none

    @Test
    void probeTellsWhatIsReserved() {
        assertThat(driver.reserved(ENDPOINT)).containsExactly(0, 0xfff);
        assertThat(driver.reserved(99)).isNull();
    }

    @Test
    void faultsAreTold() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        map(V, V + 0xfff, P, Iommu.READ);
        iommu.translate(ENDPOINT, V + 4, true);
        iommu.translate(OTHER, V + 8, false);
        assertThat(iommu.hasEvents()).isTrue();
        registers.write(Mmio.QUEUE_NOTIFY, Iommu.EVENTS);
        assertThat(driver.faults())
                .containsExactly(
                        new Fault(Iommu.FAULT_MAPPING, Iommu.FAULT_WRITE | Iommu.FAULT_ADDRESS, ENDPOINT, V + 4),
                        new Fault(Iommu.FAULT_DOMAIN, Iommu.FAULT_READ | Iommu.FAULT_ADDRESS, OTHER, V + 8));
        assertThat(iommu.hasEvents()).isFalse();
        assertThat(driver.faults()).isEmpty();
    }

    /** An endpoint that does nothing but fault fills no memory. */
    @Test
    void faultsThatNobodyReadsAreFinite() {
        for (int n = 0; n < 1_000; n++) {
            iommu.translate(ENDPOINT, V, true);
        }
        int told = 0;
        while (iommu.hasEvents()) {
            registers.write(Mmio.QUEUE_NOTIFY, Iommu.EVENTS);
            told += driver.faults().size();
        }
        told += driver.faults().size();
        assertThat(told).isBetween(16, 64);
    }

    /** Head with reserved bytes, no such type, too short; the queue goes on. */
    @ParameterizedTest
    @CsvSource({"0x103, 36, 4", "0, 20, 2", "6, 20, 2", "255, 20, 2", "3, 35, 4", "1, 4, 4", "5, 71, 4", "4, 27, 4"})
    void requestsThatAreNone(String head, int length, int status) {
        driver.attach(DOMAIN, ENDPOINT, 0);
        long page = transport.kernel.allocatePages(Page.ORDER_4K);
        long bus = transport.driverSide.expose(page, Page.SIZE, Access.READ | Access.WRITE);
        transport.vcpu.store(page, 4, Integer.decode(head));
        transport.vcpu.store(page + 512, 4, -1);
        driver.virtio().queue(0).add(new DescriptorChain(2).read(bus, length).write(bus + 512, Iommu.TAIL));
        driver.virtio().publish(0);
        assertThat(driver.virtio().queue(0).poll()).isNotNegative();
        transport.vcpu.load(page + 512, 4);
        assertThat(transport.vcpu.value()).isEqualTo(status);
        assertThat(map(V, V + 0xfff, P, RW)).isZero();
    }

    /** Without room for an answer there is none: the queue breaks. */
    @Test
    void requestsWithoutRoomForAnAnswer() {
        long page = transport.kernel.allocatePages(Page.ORDER_4K);
        long bus = transport.driverSide.expose(page, Page.SIZE, Access.READ | Access.WRITE);
        driver.virtio().queue(0).add(new DescriptorChain(2).read(bus, 20).write(bus + 512, Iommu.TAIL - 1));
        driver.virtio().publish(0);
        assertThat(driver.virtio().deviceNeedsReset()).isTrue();
        assertThat(driver.attach(DOMAIN, ENDPOINT, 0)).isEqualTo(IommuDriver.NO_ANSWER);
        assertThat(iommu.domainOf(ENDPOINT)).isNull();
    }

    @Test
    void resetForgetsDomains() {
        driver.attach(DOMAIN, ENDPOINT, 0);
        map(V, V + 0xfff, P, RW);
        driver.virtio().reset();
        assertThat(iommu.translate(ENDPOINT, V, false)).isNegative();
        assertThat(iommu.domainOf(ENDPOINT)).isNull();
    }
}
