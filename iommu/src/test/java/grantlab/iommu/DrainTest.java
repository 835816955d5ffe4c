package grantlab.iommu;

import static grantlab.iommu.DeviceWorld.LONG;
import static grantlab.iommu.DeviceWorld.READ;
import static grantlab.iommu.DeviceWorld.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is under way ends before the drain does; what does not end is cut off. */
@Timeout(60)
class DrainTest {
    private final DeviceWorld world = new DeviceWorld("separate");
    private final long mfn = world.granted(Page.ORDER_4K);
    private final long dfn = world.dfn(0, mfn);
    private final MemorySegment word = MemorySegment.ofArray(new byte[8]);
    private final AtomicInteger answer = new AtomicInteger(-1);

    @AfterEach
    void end() {
        world.close();
    }

    private void beginWrite(long value) {
        world.space.map(dfn, mfn, Page.ORDER_4K, WRITE);
        word.set(LONG, 0, value);
        assertThat(world.device.begin(Page.address(dfn), Access.WRITE)).isZero();
    }

    private Thread drainMeanwhile() throws InterruptedException {
        Thread drainer = Thread.ofPlatform().start(() -> answer.set(world.space.drain()));
        assertThat(drainer.join(Duration.ofMillis(50))).as("returned").isFalse();
        return drainer;
    }

    @Test
    void drainWaitsForAnAccessThatHasBegun() throws Exception {
        beginWrite(9);
        world.unmap(dfn, mfn, Page.ORDER_4K, WRITE);
        world.space.queueInvalidation(dfn, Page.ORDER_4K);
        Thread drainer = drainMeanwhile();
        assertThat(world.space.remembers(mfn)).as("under way").isTrue();

        assertThat(world.device.finish(word)).isZero();
        drainer.join();
        assertThat(answer.get()).isZero();
        assertThat(world.content(mfn)).as("arrived before the drain was over").isEqualTo(9);
        assertThat(world.space.remembers(mfn)).isFalse();
        assertThat(world.read(dfn)).isEqualTo(-DeviceFault.NOT_MAPPED);
    }

    @Test
    void drainDoesNotWaitForWhatBeginsLater() throws Exception {
        world.space.map(dfn, mfn, Page.ORDER_4K, WRITE);
        Device other = world.space.attach();
        assertThat(other.begin(Page.address(dfn), Access.READ)).isZero();
        Thread drainer = drainMeanwhile();

        other.finish(word);
        assertThat(other.begin(Page.address(dfn), Access.READ)).isZero();
        drainer.join();
        assertThat(answer.get()).isZero();
        other.finish(word);
    }

    @Test
    void aDeviceThatHangsIsCutOff() throws Exception {
        Device healthy = world.space.attach();
        beginWrite(9);
        world.space.queueInvalidation(dfn, Page.ORDER_4K);
        Thread drainer = drainMeanwhile();
        assertThat(world.space.remembers(mfn)).as("under way").isTrue();
        world.now.set(DeviceSpace.DRAIN_NANOS - 1);
        assertThat(drainer.join(Duration.ofMillis(50))).as("before its time").isFalse();

        world.now.set(DeviceSpace.DRAIN_NANOS);
        drainer.join();
        assertThat(answer.get()).isEqualTo(Status.QUARANTINED);
        assertThat(world.device.blocked()).isTrue();
        assertThat(world.space.counts().quarantined()).isEqualTo(1);
        assertThat(world.space.remembers(mfn)).as("under way").isFalse();

        assertThat(world.device.finish(word)).isEqualTo(DeviceFault.BLOCKED);
        assertThat(world.content(mfn)).isZero();
        assertThat(world.read(dfn)).isEqualTo(-DeviceFault.BLOCKED);
        assertThat(healthy.read(Page.address(dfn), word)).isZero();
        assertThat(world.space.drain()).as("once").isZero();
    }

    @Test
    void aDetachedDeviceDoesNothingAnyMore() {
        beginWrite(9);
        world.space.detach(world.device);

        assertThat(world.space.drain()).isZero();
        assertThat(world.device.finish(word)).isEqualTo(DeviceFault.BLOCKED);
        assertThat(world.content(mfn)).isZero();
        assertThat(world.space.attach().number()).isEqualTo(1);
    }

    @Test
    void afterDisposeNothingIsReached() {
        Device idle = world.space.attach();
        beginWrite(9);
        assertThat(idle.read(Page.address(dfn), MemorySegment.ofArray(new byte[8])))
                .isZero();
        world.space.dispose();

        assertThat(world.device.finish(word)).isEqualTo(DeviceFault.BLOCKED);
        assertThat(idle.read(Page.address(dfn), word)).isEqualTo(DeviceFault.BLOCKED);
        assertThat(world.content(mfn)).isZero();
        assertThat(world.space.next(0)).isEqualTo(DeviceSpace.NONE);
        assertThat(world.space.remembers(mfn)).isFalse();
        assertThatThrownBy(() -> world.space.attach()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aReadThatFaultedIsNotWaitedFor() {
        assertThat(world.device.begin(Page.address(dfn), READ)).isEqualTo(DeviceFault.NOT_MAPPED);
        assertThat(world.space.drain()).isZero();
    }
}
