package grantlab.iommu;

import static grantlab.iommu.DeviceWorld.READ;
import static grantlab.iommu.DeviceWorld.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Status;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpaceCounts;
import grantlab.api.memory.Page;
import grantlab.iommu.tlb.InvalidationQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device remembers is what it reaches, until that was invalidated and drained. */
class IotlbTest {
    @ParameterizedTest
    @ValueSource(strings = {"identity", "shared", "separate", "separate-wo"})
    void whatWasUnmappedIsReachedUntilItIsInvalidatedAndDrained(String kind) {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(0, mfn);
            long other = world.granted(Page.ORDER_4K);
            world.fill(mfn, 5);
            world.map(dfn, mfn, Page.ORDER_4K, WRITE);
            assertThat(world.read(dfn)).isEqualTo(5);
            assertThat(world.space.remembers(mfn)).isTrue();

            assertThat(world.unmap(dfn, mfn, Page.ORDER_4K, WRITE)).isEqualTo(Status.MODIFIED);
            assertThat(world.space.findNext(mfn, 0)).isNegative();
            assertThat(world.read(dfn)).as("after unmap").isEqualTo(5);
            world.invalidate(world.dfn(1, other), Page.ORDER_4K);
            assertThat(world.write(dfn, 6)).as("after another was invalidated").isZero();
            world.space.queueInvalidation(dfn, Page.ORDER_4K);
            assertThat(world.read(dfn)).as("queued only").isEqualTo(6);
            assertThat(world.space.drain()).isZero();
            assertThat(world.read(dfn)).as("drained").isEqualTo(-DeviceFault.NOT_MAPPED);
            assertThat(world.space.remembers(mfn)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "shared", "separate", "separate-wo"})
    void rightsAreRememberedToo(String kind) {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(0, mfn);
            world.map(dfn, mfn, Page.ORDER_4K, WRITE);
            assertThat(world.write(dfn, 1)).isZero();

            assertThat(world.downgrade(dfn, mfn, Page.ORDER_4K)).isEqualTo(Status.MODIFIED);
            assertThat(world.write(dfn, 2)).as("not invalidated yet").isZero();
            world.invalidate(dfn, Page.ORDER_4K);
            assertThat(world.write(dfn, 3)).isEqualTo(DeviceFault.NOT_WRITABLE);
            assertThat(world.read(dfn)).isEqualTo(2);

            assertThat(world.map(dfn, mfn, Page.ORDER_4K, WRITE)).isEqualTo(Status.MODIFIED);
            assertThat(world.write(dfn, 4))
                    .as("more rights, not invalidated yet")
                    .isEqualTo(DeviceFault.NOT_WRITABLE);
            world.invalidate(dfn, Page.ORDER_4K);
            assertThat(world.write(dfn, 5)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "shared", "separate", "separate-wo"})
    void whatIsAbsentIsNotRemembered(String kind) {
        try (DeviceWorld world = new DeviceWorld(kind)) {
            long mfn = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(0, mfn);
            assertThat(world.read(dfn)).isEqualTo(-DeviceFault.NOT_MAPPED);

            world.map(dfn, mfn, Page.ORDER_4K, READ);
            assertThat(world.read(dfn)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Page.ORDER_2M, Page.ORDER_1G})
    void aLargeEntryIsRememberedAsOneAndForgottenWithAnyOfItsPages(int order) {
        try (DeviceWorld world = new DeviceWorld("separate")) {
            long mfn = world.granted(order);
            long dfn = world.dfn(0, mfn);
            world.map(dfn, mfn, order, WRITE);
            world.fill(mfn + 5, 5);
            world.fill(mfn + 300, 300);
            assertThat(world.read(dfn + 5)).isEqualTo(5);
            world.unmap(dfn, mfn, order, WRITE);
            assertThat(world.read(dfn + 300)).as("by the line of a neighbour").isEqualTo(300);
            assertThat(world.space.remembers(mfn + 400)).isTrue();

            world.invalidate(dfn + 1, Page.ORDER_4K);
            assertThat(world.read(dfn + 300)).isEqualTo(-DeviceFault.NOT_MAPPED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Page.ORDER_2M, Page.ORDER_1G})
    void pagesAreForgottenWithTheRangeAroundThem(int order) {
        try (DeviceWorld world = new DeviceWorld("separate")) {
            long mfn = world.granted(Page.ORDER_4K);
            long outside = world.granted(Page.ORDER_4K);
            long dfn = world.dfn(77, mfn);
            world.map(dfn, mfn, Page.ORDER_4K, WRITE);
            world.map(world.dfn(0, outside) - 1, outside, Page.ORDER_4K, WRITE);
            world.read(dfn);
            world.read(world.dfn(0, outside) - 1);

            world.invalidate(world.dfn(0, mfn), order);
            assertThat(world.space.remembers(mfn)).isFalse();
            assertThat(world.space.remembers(outside))
                    .as("just outside of the range")
                    .isTrue();
        }
    }

    @Test
    void aQueueThatRunsOverForgetsEverything() {
        try (DeviceWorld world = new DeviceWorld("identity")) {
            long mfn = world.granted(Page.ORDER_4K);
            world.map(mfn, mfn, Page.ORDER_4K, WRITE);
            world.read(mfn);
            world.unmap(mfn, mfn, Page.ORDER_4K, WRITE);
            for (int each = 0; each < InvalidationQueue.CAPACITY; each++) {
                world.space.queueInvalidation(mfn + 1 + each, Page.ORDER_4K);
            }
            world.space.drain();
            assertThat(world.space.remembers(mfn))
                    .as("the queue was full and no more")
                    .isTrue();

            for (int each = 0; each <= InvalidationQueue.CAPACITY; each++) {
                world.space.queueInvalidation(mfn + 1 + each, Page.ORDER_4K);
            }
            world.space.drain();
            assertThat(world.space.remembers(mfn)).isFalse();
            assertThat(world.space.counts()).isEqualTo(new DeviceSpaceCounts(InvalidationQueue.CAPACITY, 1, 2, 0, 0));
        }
    }
}
