package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.device.DeviceStatus;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.queue.Feature;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** How driver and device find together, part, and find together again. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioLife {
    private static final long UNKNOWN = 1L << 50;

    @Clause(
            id = "VIRTIO-20",
            promise =
                    "A device agrees to VERSION_1 with ACCESS_PLATFORM and to nothing without both, and to no feature that it did"
                            + " not offer; and then it may be asked again.",
            source = "virtio 1.2, 2.2, 6.1, 6.2")
    void features(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
            RawQueue queue = new RawQueue(scene);
            long right = Feature.MANDATORY | scene.layout();
            for (long wrong : new long[] {
                0,
                right & ~Feature.VERSION_1,
                right & ~Feature.ACCESS_PLATFORM,
                right | UNKNOWN,
                right | 1L << 5,
                right | 1L << 63
            }) {
                Expect.holdsNot("the device agrees to features 0x" + Long.toHexString(wrong), queue.negotiate(wrong));
                Expect.holdsNot("a queue becomes ready without an agreement", queue.setUp());
            }
            Expect.holds("the device agrees to what it offered", queue.negotiate(right));
            Expect.holds("a queue becomes ready", queue.setUp());
            scene.registers.write(Mmio.DRIVER_FEATURES_SEL, 1);
            scene.registers.write(Mmio.DRIVER_FEATURES, -1);
            Expect.holds("what was agreed on stays", (queue.status() & DeviceStatus.FEATURES_OK) != 0);
            queue.giveBack();
        }
    }

    @Clause(
            id = "VIRTIO-21",
            promise =
                    "A queue that is reset lets go of its parts and of what is in flight, and of nothing else; it can be set up"
                            + " anew.",
            source = "virtio 1.2, 2.6.1")
    void queueReset(World world) throws IOException {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode);
                    BlockDriver driver = scene.begin(Feature.RING_RESET)) {
                scene.expectService(driver);
                long page = scene.page();
                driver.submit(Block.OUT, 0, page, Page.SIZE);
                driver.publish();
                driver.virtio().resetQueue(0);
                scene.device.work();
                Expect.equal(
                        "bytes that a write changed which was in flight when its queue was reset",
                        0,
                        firstOfDisk(scene));
                Expect.holdsNot("the device needs a reset", driver.virtio().deviceNeedsReset());
                driver.virtio().setUpQueue(0, BlockScene.QUEUE);
                Expect.holds("memory comes back", driver.reset());
                driver.begin(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
                scene.expectService(driver);
            }
        }
    }

    private static long firstOfDisk(BlockScene scene) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Page.SIZE]);
        scene.disk.read(0, bytes, Page.SIZE);
        return bytes.mismatch(MemorySegment.ofArray(new byte[Page.SIZE])) < 0 ? 0 : 1;
    }

    @Clause(
            id = "VIRTIO-22",
            promise =
                    "When the write of a reset is over the device uses nothing of its driver's any more, in flight or not.",
            source = "virtio 1.2, 2.1.2, 2.4.1")
    @Lacks(transport = "lazy-withdrawal")
    void deviceReset(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode);
                    BlockDriver driver = scene.begin(0)) {
                long page = scene.page();
                scene.perform(driver, Block.OUT, 0, page, Page.SIZE);
                driver.submit(Block.IN, 0, page, Page.SIZE);
                driver.publish();
                Expect.holds("all memory is the driver's again", driver.reset());
                VirtioMemory.expectPrivate(scene, page);
                Expect.equal("status after a reset", 0, (Object) scene.registers.read(Mmio.STATUS));
                scene.device.work();
                driver.begin(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
                scene.expectService(driver);
                scene.give(page);
            }
        }
    }

    @Clause(
            id = "VIRTIO-23",
            promise =
                    "A device in the place of one that died carries out what was in flight: nothing is lost, in every mode,"
                            + " again and again.",
            source = "grant-v3.md, 12; virtio 1.2, 2.4.1")
    void replay(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode);
                    BlockDriver driver = scene.begin(0)) {
                long features = BlockScene.BLOCK_FEATURES | scene.layout();
                long page = scene.page();
                byte[] content = BlockScene.pattern(mode.name().length());
                scene.put(page, content);
                for (int round = 0; round < 3; round++) {
                    int first = driver.submit(Block.OUT, 8L * round, page, Page.SIZE);
                    int second = driver.submit(Block.FLUSH, 0, 0, 0);
                    driver.publish();
                    if (round == 1) {
                        scene.device.work();
                    }
                    world.step("the device dies in round " + round + ", and another one takes its place");
                    scene.deviceSide.close();
                    scene.plugAnother();
                    driver.resume(features, BlockScene.QUEUE);
                    driver.publish();
                    scene.device.work();
                    for (int expected : new int[] {first, second}) {
                        Expect.equal("request that is done", expected, driver.complete());
                        Expect.equal("its status", Block.OK, driver.status(expected));
                    }
                    Expect.equal("requests that are done besides", BlockDriver.NONE, driver.complete());
                    scene.put(page, new byte[Page.SIZE]);
                    Expect.equal("a read", Block.OK, scene.perform(driver, Block.IN, 8L * round, page, Page.SIZE));
                    Expect.holds("what was written is there", Arrays.equals(content, scene.get(page)));
                }
                scene.give(page);
            }
        }
    }

    @Clause(
            id = "VIRTIO-24",
            promise =
                    "When the device's domain dies, whatever it was doing, the driver's pages are the driver's, and nobody else"
                            + " reaches them.",
            source = "xen-semantics.md, 5")
    void domainOfTheDeviceDies(World world) {
        BlockScene scene = new BlockScene(world, Endpoint.Mode.POOL);
        BlockDriver driver = scene.begin(0);
        long page = scene.page();
        long free = world.machine().frames().references(scene.frame(page));
        scene.perform(driver, Block.OUT, 0, page, Page.SIZE);
        driver.submit(Block.IN, 0, page, Page.SIZE);
        driver.publish();
        world.destroy(world.grantee());
        VirtioMemory.expectPrivate(scene, page);
        Expect.equal("references of the page", free, world.machine().frames().references(scene.frame(page)));
    }

    @Clause(
            id = "VIRTIO-25",
            promise = "What a device that died had mapped can be withdrawn at once.",
            source = "xen-semantics.md, 5")
    @Needs(transport = "use-is-seen")
    void withdrawnAfterDeath(World world) {
        BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
        long page = scene.page();
        long bus = scene.expose(page, Access.READ | Access.WRITE);
        Expect.equal("a store", Status.OKAY, scene.deviceSide.store(bus, 8, 1));
        Expect.equal("withdrawing it", Status.EAGAIN, scene.driverSide.withdraw(bus, Page.SIZE));
        world.destroy(world.grantee());
        Expect.equal("withdrawing it after that", Status.OKAY, scene.driverSide.withdraw(bus, Page.SIZE));
    }
}
