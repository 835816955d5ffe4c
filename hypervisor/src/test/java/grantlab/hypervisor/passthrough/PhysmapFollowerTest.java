package grantlab.hypervisor.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.iommu.DeviceFault;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many change one map, and its devices' table comes out as the map does. */
@Timeout(60)
class PhysmapFollowerTest {
    private static final long FIRST = 1L << 19;
    private static final int BLOCK = 1 << Page.ORDER_2M;
    private static final int ROUNDS = 4000;

    /** Pages and blocks over each other: the invariants compare both tables. */
    @ParameterizedTest
    @ValueSource(strings = {"separate", "separate-wo"})
    void changesThatOvertakeEachOther(String iommu) throws InterruptedException {
        try (DeviceLaboratory laboratory = new DeviceLaboratory(iommu, "hvm", "hvm")) {
            PhysicalMap map = laboratory.grantee.domain().physicalMap();
            long block = laboratory.machine.frames().allocate(DeviceLaboratory.GRANTEE, Page.ORDER_2M);
            for (int round = 0; round < 8; round++) {
                atOnce(random -> change(map, block, random));
                laboratory.machine.checkInvariants();
            }
        }
    }

    private static void change(PhysicalMap map, long block, Random random) {
        int n = random.nextInt(8);
        int type = random.nextBoolean() ? PhysicalMap.RAM_RW : PhysicalMap.RAM_RO;
        switch (random.nextInt(64)) {
            case 0 -> map.set(FIRST, block, Page.ORDER_2M, type);
            case 1 -> map.clear(FIRST, Page.ORDER_2M);
            default -> {
                if (random.nextBoolean()) {
                    map.set(FIRST + n, block + random.nextInt(BLOCK), Page.ORDER_4K, type);
                } else {
                    map.clear(FIRST + n, Page.ORDER_4K);
                }
            }
        }
    }

    /** What was taken out and flushed is out of reach, whatever others do to the same map. */
    @Test
    void nothingComesBackAfterTheFlush() throws InterruptedException {
        try (DeviceLaboratory laboratory = new DeviceLaboratory("separate", "hvm", "hvm")) {
            PhysicalMap map = laboratory.grantee.domain().physicalMap();
            long block = laboratory.machine.frames().allocate(DeviceLaboratory.GRANTEE, Page.ORDER_2M);
            long gone = block + 100;
            Thread other = Thread.ofPlatform().start(() -> {
                Random random = new Random(5);
                while (!Thread.currentThread().isInterrupted()) {
                    map.set(FIRST + 3, block + random.nextInt(100), Page.ORDER_4K, PhysicalMap.RAM_RW);
                }
            });
            for (int round = 0; round < ROUNDS; round++) {
                map.set(FIRST + 3, gone, Page.ORDER_4K, PhysicalMap.RAM_RW);
                int reason = laboratory.write(FIRST + 3, round);
                assertThat(reason).isIn(0, DeviceFault.NOT_MAPPED);
                map.set(FIRST + 3, block, Page.ORDER_4K, PhysicalMap.RAM_RW);
                laboratory.grantee.domain().addressSpace().flush();
                assertThat(laboratory.space().remembers(gone))
                        .as("round %d", round)
                        .isFalse();
            }
            other.interrupt();
            other.join();
        }
    }

    private interface Change {
        void make(Random random);
    }

    private static void atOnce(Change change) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch start = new CountDownLatch(1);
        Thread[] threads = new Thread[3];
        for (int n = 0; n < threads.length; n++) {
            Random random = new Random(n);
            threads[n] = Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                    for (int round = 0; round < ROUNDS; round++) {
                        change.make(random);
                    }
                } catch (InterruptedException | RuntimeException e) {
                    failure.set(e);
                }
            });
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }
}
