package grantlab.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.virtio.queue.DeviceQueue.Taken;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One side shows a buffer in the very moment in which the other is about to sleep: either the one is to notify, or the other sees
 * it. Each stores first and loads then, and a processor would do it the other way round if nothing kept it from that.
 */
class NotificationRaceTest {
    private static final int ROUNDS = 30_000;

    /** Neither side saw the other: that would be a sleeper whom nobody wakes. */
    private final AtomicInteger lost = new AtomicInteger();

    private final Meeting meeting = new Meeting();
    private boolean toNotifyDevice;
    private boolean toNotifyDriver;
    private boolean driverSees;
    private boolean deviceSees;

    static Stream<Form> forms() {
        return Form.all(4).filter(form -> !form.has(Feature.IN_ORDER) && !form.has(Feature.INDIRECT_DESC));
    }

    /** Two threads leave together; what one wrote before, the other sees. */
    private static final class Meeting {
        private static final int PATIENCE = 1_000;

        private final AtomicInteger arrivals = new AtomicInteger();

        void meet() {
            int mine = arrivals.incrementAndGet();
            int both = mine + (mine & 1);
            int turns = 0;
            while (arrivals.get() < both) {
                if (++turns > PATIENCE) {
                    LockSupport.parkNanos(1);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void nobodySleepsThroughIt(Form form) throws Exception {
        QueuePair pair = new QueuePair(form);
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            Future<?> driver = executor.submit(() -> drive(pair));
            Future<?> device = executor.submit(() -> serve(pair));
            driver.get();
            device.get();
        }
        assertThat(lost).as(form.toString()).hasValue(0);
        assertThat(pair.driver.fault()).isEqualTo(QueueFault.NONE);
        assertThat(pair.device.fault()).isEqualTo(QueueFault.NONE);
    }

    private void drive(QueuePair pair) {
        DescriptorChain chain = new DescriptorChain(1).read(64, 8);
        for (int round = 0; round < ROUNDS; round++) {
            pair.driver.add(chain);
            pair.driver.disableNotifications();
            meeting.meet();
            toNotifyDevice = pair.driver.publish();
            meeting.meet();
            meeting.meet();
            driverSees = pair.driver.enableNotifications();
            meeting.meet();
            lost.getAndAdd(toNotifyDriver || driverSees ? 0 : 1);
            pair.driver.poll();
        }
    }

    private void serve(QueuePair pair) {
        DescriptorChain chain = new DescriptorChain(1);
        for (int round = 0; round < ROUNDS; round++) {
            pair.device.disableNotifications();
            meeting.meet();
            deviceSees = pair.device.enableNotifications();
            meeting.meet();
            lost.getAndAdd(toNotifyDevice || deviceSees ? 0 : 1);
            lost.getAndAdd(pair.device.take(chain) == Taken.CHAIN ? 0 : 1);
            pair.device.use(chain, 0);
            meeting.meet();
            toNotifyDriver = pair.device.publish();
            meeting.meet();
        }
    }
}
