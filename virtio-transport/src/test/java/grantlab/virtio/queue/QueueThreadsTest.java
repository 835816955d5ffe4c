package grantlab.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.virtio.queue.DeviceQueue.Taken;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A driver and a device on threads of their own, each of which sleeps until it is notified: buffers arrive whole, in order, once,
 * and no notification is lost.
 */
class QueueThreadsTest {
    private static final int BUFFERS = 20_000;

    /** A notification that is lost is one that never comes; how long that is no machine is slow enough for. */
    private static final long NEVER_SECONDS = 120;

    private final Semaphore deviceBell = new Semaphore(0);
    private final Semaphore driverBell = new Semaphore(0);

    static Stream<Form> forms() {
        return Stream.of(4, 32).flatMap(Form::all);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void nothingIsLost(Form form) throws Exception {
        QueuePair pair = new QueuePair(form);
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            Future<?> device = executor.submit(() -> serve(pair));
            Future<?> driver = executor.submit(() -> drive(pair));
            try {
                driver.get();
                device.get();
            } catch (ExecutionException e) {
                executor.shutdownNow();
                throw new AssertionError(form.toString(), e.getCause());
            }
        }
        assertThat(pair.driver.inFlight()).isZero();
    }

    private Void drive(QueuePair pair) throws InterruptedException {
        DescriptorChain chain = new DescriptorChain(3);
        long[] expected = new long[pair.form.size()];
        int added = 0;
        int told = 0;
        while (told < BUFFERS) {
            boolean room = true;
            int burst = added % 7 + 1;
            while (room && added < BUFFERS && burst-- > 0) {
                chain.clear();
                chain.read(address(added), 1 + added % 5);
                if (added % 3 == 0) {
                    chain.write(address(added) + 1, 4).write(address(added) + 2, 8);
                }
                int id = pair.driver.add(chain);
                assertThat(id).isNotEqualTo(DriverQueue.BROKEN);
                room = id != DriverQueue.NONE;
                if (room) {
                    expected[id] = written(added++);
                }
            }
            if (pair.driver.publish()) {
                deviceBell.release();
            }
            int id = pair.driver.poll();
            while (id == DriverQueue.NONE && (!room || added == BUFFERS)) {
                if (!pair.driver.enableNotifications()) {
                    sleep(driverBell, "the driver", told);
                }
                pair.driver.disableNotifications();
                id = pair.driver.poll();
            }
            for (; id >= 0; id = pair.driver.poll()) {
                assertThat(pair.driver.written()).isEqualTo(expected[id]);
                told++;
            }
            assertThat(pair.driver.fault()).isEqualTo(QueueFault.NONE);
        }
        return null;
    }

    private Void serve(QueuePair pair) throws InterruptedException {
        DescriptorChain chain = new DescriptorChain(3);
        int taken = 0;
        while (taken < BUFFERS) {
            Taken found = pair.device.take(chain);
            if (found == Taken.EMPTY) {
                show(pair);
                if (!pair.device.enableNotifications()) {
                    sleep(deviceBell, "the device", taken);
                }
                pair.device.disableNotifications();
                continue;
            }
            assertThat(found).as("fault %s", pair.device.fault()).isEqualTo(Taken.CHAIN);
            assertThat(chain.address(0)).isEqualTo(address(taken));
            assertThat(chain.readableBytes()).isEqualTo(1 + taken % 5);
            assertThat(chain.count()).isEqualTo(taken % 3 == 0 ? 3 : 1);
            pair.device.use(chain, written(taken));
            taken++;
            if (taken % 4 == 0) {
                show(pair);
            }
        }
        show(pair);
        return null;
    }

    private void show(QueuePair pair) {
        if (pair.device.publish()) {
            driverBell.release();
        }
    }

    private static long address(int n) {
        return 0x1000L + 64L * n;
    }

    private static long written(int n) {
        return n % 3 == 0 ? n % 13 : 0;
    }

    private static void sleep(Semaphore bell, String who, int done) throws InterruptedException {
        assertThat(bell.tryAcquire(NEVER_SECONDS, TimeUnit.SECONDS))
                .as("%s is notified after %d buffers", who, done)
                .isTrue();
        bell.drainPermits();
    }
}
