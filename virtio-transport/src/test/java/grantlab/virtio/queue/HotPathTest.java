package grantlab.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A buffer that goes there and back allocates nothing. */
class HotPathTest {
    private static final int TIMES = 20_000;

    static Stream<Form> forms() {
        return Form.all(16);
    }

    private final DescriptorChain out = new DescriptorChain(3);
    private final DescriptorChain in = new DescriptorChain(3);
    private long sink;

    @ParameterizedTest
    @MethodSource("forms")
    void nothingIsAllocated(Form form) {
        QueuePair pair = new QueuePair(form);
        for (int i = 0; i < TIMES; i++) {
            once(pair);
        }
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            least = Math.min(least, allocated(pair));
        }
        // Some bytes for the measurement itself; one object a turn would be a third of a million.
        assertThat(least).isLessThan(TIMES);
        assertThat(sink).isNotZero();
    }

    private long allocated(QueuePair pair) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
            once(pair);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void once(QueuePair pair) {
        out.clear();
        out.read(64, 16).write(4096, 512).write(8192, 1);
        sink += pair.driver.add(out);
        sink += pair.driver.publish() ? 1 : 0;
        sink += pair.device.take(in) == DeviceQueue.Taken.CHAIN ? 1 : 0;
        pair.device.use(in, 513);
        sink += pair.device.publish() ? 1 : 0;
        sink += pair.driver.enableNotifications() ? 1 : 0;
        sink += pair.driver.poll() + pair.driver.written();
        sink += pair.device.enableNotifications() ? 1 : 0;
    }
}
