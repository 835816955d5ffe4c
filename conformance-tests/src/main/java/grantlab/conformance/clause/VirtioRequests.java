package grantlab.conformance.clause;

import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.RequestCost;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.queue.Feature;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a driver gets from a device that is as it should be. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioRequests {
    private static final long[] FEATURES = {
        0,
        Feature.INDIRECT_DESC,
        Feature.EVENT_IDX,
        Feature.IN_ORDER,
        Feature.INDIRECT_DESC | Feature.EVENT_IDX | Feature.IN_ORDER | Feature.RING_RESET
    };

    @Clause(
            id = "VIRTIO-01",
            promise =
                    "What was written is read back, in every mode of the transport and with every feature of queues, and"
                            + " afterwards nobody but the driver's guest reaches its pages.",
            source = "virtio 1.2, 2.6, 5.2.6")
    void whatIsWrittenIsRead(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            for (long features : FEATURES) {
                world.step("mode " + mode + ", features 0x" + Long.toHexString(features));
                try (BlockScene scene = new BlockScene(world, mode)) {
                    long page = scene.page();
                    try (BlockDriver driver = scene.begin(features)) {
                        expectWriteAndRead(
                                scene,
                                driver,
                                page,
                                (int) features + mode.name().length());
                    }
                    VirtioMemory.expectPrivate(scene, page);
                    scene.kernel.freePages(page, Page.ORDER_4K);
                }
            }
        }
    }

    private static void expectWriteAndRead(BlockScene scene, BlockDriver driver, long page, int seed) {
        byte[] content = BlockScene.pattern(seed);
        scene.put(page, content);
        expect(scene, driver, Block.OK, Block.OUT, 8, page, Page.SIZE);
        expect(scene, driver, Block.OK, Block.FLUSH, 0, 0, 0);
        scene.put(page, new byte[Page.SIZE]);
        expect(scene, driver, Block.OK, Block.IN, 8, page, Page.SIZE);
        Expect.holds("what is read is what was written", Arrays.equals(content, scene.get(page)));
        expect(scene, driver, Block.OK, Block.IN, 9, page, Block.SECTOR);
        Expect.equal("byte 0 of the sector after", content[Block.SECTOR], (long) scene.get(page)[0]);
        Expect.holds("the device asked for attention", scene.interrupts() > 0);
    }

    @Clause(
            id = "VIRTIO-02",
            promise = "As many requests as the queue has room for are in flight at once, and each is done once.",
            source = "virtio 1.2, 2.7.13, 2.8.21")
    void manyInFlight(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
                BlockDriver driver = scene.begin(Feature.INDIRECT_DESC)) {
            long page = scene.page();
            int submitted = 0;
            boolean[] expected = new boolean[BlockScene.QUEUE];
            int number = driver.submit(Block.OUT, 0, page, Block.SECTOR);
            while (number >= 0) {
                Expect.holdsNot("a number is told twice", expected[number]);
                expected[number] = true;
                submitted++;
                number = driver.submit(Block.OUT, submitted, page, Block.SECTOR);
            }
            Expect.holds("more than one request is in flight", submitted > 1);
            driver.publish();
            scene.device.work();
            for (int n = 0; n < submitted; n++) {
                int done = driver.complete();
                Expect.holds("a request is done that was in flight", done >= 0 && expected[done]);
                expected[done] = false;
                Expect.equal("its status", Block.OK, driver.status(done));
            }
            Expect.equal("requests that are done besides", BlockDriver.NONE, driver.complete());
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-03",
            promise =
                    "A request that asks for what is not there is answered and changes nothing: sectors beyond the end, parts of"
                            + " sectors, an unknown type, a discard that is half right.",
            source = "virtio 1.2, 5.2.6.2")
    void requestsThatAreWrong(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
                BlockDriver driver = scene.begin(0)) {
            long page = scene.page();
            byte[] content = BlockScene.pattern(5);
            scene.put(page, content);
            Expect.equal("a write", Block.OK, scene.perform(driver, Block.OUT, 0, page, Page.SIZE));
            int beyond = BlockScene.SECTORS;
            expect(scene, driver, Block.IOERR, Block.OUT, beyond, page, Block.SECTOR);
            expect(scene, driver, Block.IOERR, Block.OUT, beyond - 1, page, 2 * Block.SECTOR);
            expect(scene, driver, Block.IOERR, Block.OUT, -1, page, Block.SECTOR);
            expect(scene, driver, Block.IOERR, Block.IN, Long.MAX_VALUE / Block.SECTOR + 1, page, Block.SECTOR);
            expect(scene, driver, Block.IOERR, Block.OUT, 0, page, Block.SECTOR - 1);
            expect(scene, driver, Block.IOERR, Block.GET_ID, 0, page, Block.ID - 1);
            expect(scene, driver, Block.UNSUPP, 99, 0, page, Block.SECTOR);
            Expect.holds("the driver's page is as it was", Arrays.equals(content, scene.get(page)));
            scene.kernel.vcpu().store(page, Long.BYTES, 0);
            scene.kernel.vcpu().store(page + 8, Long.BYTES, 1);
            scene.kernel.vcpu().store(page + 16, Long.BYTES, beyond);
            scene.kernel.vcpu().store(page + 24, Long.BYTES, 1);
            expect(scene, driver, Block.IOERR, Block.DISCARD, 0, page, 2 * Block.DISCARD_PIECE);
            expect(scene, driver, Block.OK, Block.IN, 0, page, Page.SIZE);
            Expect.holds("the disk is as it was", Arrays.equals(content, scene.get(page)));
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    private static void expect(
            BlockScene scene, BlockDriver driver, int status, int type, long sector, long page, int length) {
        Expect.equal(
                "status of type " + type + " at sector " + sector + ", " + length + " bytes",
                status,
                scene.perform(driver, type, sector, page, length));
    }

    @Clause(
            id = "VIRTIO-04",
            promise = "The device says its id, and what is discarded reads as zero.",
            source = "virtio 1.2, 5.2.6")
    void idAndDiscard(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
                BlockDriver driver = scene.begin(0)) {
            long page = scene.page();
            expect(scene, driver, Block.OK, Block.GET_ID, 0, page, Block.ID);
            Expect.equal(
                    "id",
                    "laboratory-disk",
                    new String(scene.get(page), 0, Block.ID, StandardCharsets.US_ASCII)
                            .stripTrailing()
                            .replace("\0", ""));
            scene.put(page, BlockScene.pattern(9));
            expect(scene, driver, Block.OK, Block.OUT, 0, page, Page.SIZE);
            scene.kernel.vcpu().store(page, Long.BYTES, 2);
            scene.kernel.vcpu().store(page + 8, Long.BYTES, 3);
            expect(scene, driver, Block.OK, Block.DISCARD, 0, page, Block.DISCARD_PIECE);
            expect(scene, driver, Block.OK, Block.IN, 0, page, Page.SIZE);
            byte[] expected = BlockScene.pattern(9);
            Arrays.fill(expected, 2 * Block.SECTOR, 5 * Block.SECTOR, (byte) 0);
            Expect.holds("three sectors are zero and no other", Arrays.equals(expected, scene.get(page)));
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-05",
            promise =
                    "What a request takes is counted: the hypercalls that both sides count are those that their CPUs made.",
            source = "docs/virtio.md, what it costs")
    void costsAreCounted(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode);
                    BlockDriver driver = scene.begin(0)) {
                long page = scene.page();
                scene.perform(driver, Block.OUT, 0, page, Page.SIZE);
                long made = world.cost().hypercalls();
                RequestCost cost = scene.cost(
                        "write of 4 KiB, " + mode, () -> scene.carryOut(driver, Block.OUT, 0, page, Page.SIZE));
                Expect.equal(
                        "hypercalls of a request in mode " + mode, world.cost().hypercalls() - made, cost.hypercalls());
                Expect.holds("at least the notification was an exit", cost.exits() > cost.hypercalls());
                world.took(cost);
                scene.give(page);
            }
        }
    }
}
