package grantlab.conformance.clause;

import grantlab.api.Access;
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
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Drivers that write into their queues what no specification allows. The queue breaks, the device needs a reset, nothing else was touched,
 * and after the reset it serves.
 */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioHostileDrivers {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int STATUS_AT = 64;

    /** A queue that is ready, and two pages: one that the device may read and write, one that it may read. */
    private record Lie(BlockScene scene, RawQueue queue, long page, long bus, long readable) {
        /** The head of a request that reads the first sector, and where its answer goes. */
        void head(int type) {
            scene.kernel.vcpu().store(page, Long.BYTES, type);
            scene.kernel.vcpu().store(page + 8, Long.BYTES, 0);
        }

        long answer() {
            return bus + STATUS_AT;
        }
    }

    /** Tells a lie in every mode, with features; each on a fresh device, in a fresh queue. */
    private static void expectBroken(World world, long features, Consumer<Lie> lie) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode)) {
                RawQueue queue = new RawQueue(scene).begin(features);
                long page = scene.page();
                long secret = scene.page();
                byte[] pattern = BlockScene.pattern(3);
                scene.put(secret, pattern);
                Lie told =
                        new Lie(scene, queue, page, scene.expose(page, READ_WRITE), scene.expose(secret, Access.READ));
                told.head(Block.IN);
                lie.accept(told);
                Expect.bits(
                        "device status",
                        DeviceStatus.DEVICE_NEEDS_RESET,
                        DeviceStatus.DEVICE_NEEDS_RESET,
                        queue.status());
                Expect.bits(
                        "what the device wants to tell",
                        Mmio.CONFIGURATION_CHANGE,
                        Mmio.CONFIGURATION_CHANGE,
                        scene.registers.read(Mmio.INTERRUPT_STATUS));
                int before = scene.interrupts();
                queue.ring();
                Expect.equal("interrupts of a device that needs a reset", before, scene.interrupts());
                Expect.holds("a page that is for reading is as it was", Arrays.equals(pattern, scene.get(secret)));
                queue.giveBack();
                scene.deviceSide.release();
                scene.driverSide.withdraw(told.bus, Page.SIZE);
                scene.driverSide.withdraw(told.readable, Page.SIZE);
                scene.kernel.freePages(page, Page.ORDER_4K);
                scene.kernel.freePages(secret, Page.ORDER_4K);
                try (BlockDriver driver = scene.begin(0)) {
                    scene.expectService(driver);
                }
            }
        }
    }

    @Clause(
            id = "VIRTIO-30",
            promise = "A chain that leads back to itself, or is longer than the queue, breaks the queue.",
            source = "virtio 1.2, 2.7.5.2, 2.8.17")
    void loop(World world) {
        expectBroken(world, 0, lie -> {
            for (int n = 0; n < BlockScene.QUEUE; n++) {
                lie.queue.put(n, lie.bus, 16, RawQueue.NEXT, (n + 1) % BlockScene.QUEUE);
            }
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(1, lie.bus, 16, RawQueue.NEXT, 0);
            lie.queue.put(0, lie.bus, 16, RawQueue.NEXT, 1);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-31",
            promise =
                    "A chain that goes on with a descriptor that the table does not have, or that was not made available, breaks the"
                            + " queue.",
            source = "virtio 1.2, 2.7.5, 2.8.17")
    void nextThatIsNone(World world) {
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, lie.bus, 16, RawQueue.NEXT, BlockScene.QUEUE);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, lie.bus, 16, RawQueue.NEXT, 0xffff);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-32",
            promise =
                    "An element without bytes, a buffer of more than 2^32 bytes, or one that ends beyond the end of addresses breaks"
                            + " the queue.",
            source = "virtio 1.2, 2.7.5.2, 2.7.13.1")
    void lengths(World world) {
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, lie.bus, 0, 0, 0);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(1, lie.bus, 2, 0, 0);
            lie.queue.put(0, lie.bus, -1, RawQueue.NEXT, 1);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, -8, 9, 0, 0);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(1, lie.answer(), 1, RawQueue.WRITE, 0);
            lie.queue.put(0, lie.bus, Block.HEAD - 1, RawQueue.NEXT, 1);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-33",
            promise =
                    "A buffer outside of what is exposed breaks the queue: head, data or answer, one byte or all of it.",
            source = "virtio 1.2, 6.1 (ACCESS_PLATFORM); grant-v3.md, 12")
    void addressesOutside(World world) {
        long[] outside = {0, 1L << 40, -Page.SIZE, 1L << 62};
        for (long address : outside) {
            expectBroken(world, 0, lie -> {
                lie.queue.put(1, lie.answer(), 1, RawQueue.WRITE, 0);
                lie.queue.put(0, address, Block.HEAD, RawQueue.NEXT, 1);
                lie.queue.offer();
            });
            expectBroken(world, 0, lie -> {
                lie.head(Block.OUT);
                lie.queue.put(2, lie.answer(), 1, RawQueue.WRITE, 0);
                lie.queue.put(1, address, Block.SECTOR, RawQueue.NEXT, 2);
                lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 1);
                lie.queue.offer();
            });
            expectBroken(world, 0, lie -> {
                lie.queue.put(1, address, 1, RawQueue.WRITE, 0);
                lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 1);
                lie.queue.offer();
            });
        }
    }

    @Clause(
            id = "VIRTIO-34",
            promise =
                    "A buffer that the device shall write and that is exposed for reading breaks the queue, and is as it was.",
            source = "grant-v3.md, 12 (VIRTIO-3); virtio 1.2, 2.7.4.2")
    void directions(World world) {
        expectBroken(world, 0, lie -> {
            lie.queue.put(2, lie.answer(), 1, RawQueue.WRITE, 0);
            lie.queue.put(1, lie.readable, Block.SECTOR, RawQueue.NEXT | RawQueue.WRITE, 2);
            lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 1);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(1, lie.readable, 1, RawQueue.WRITE, 0);
            lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 1);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-35",
            promise =
                    "What the device reads after what it writes, a request without a head, and one without room for an answer break"
                            + " the queue.",
            source = "virtio 1.2, 2.7.4.2, 2.8.17, 5.2.6")
    void shapes(World world) {
        expectBroken(world, 0, lie -> {
            lie.queue.put(1, lie.bus, Block.HEAD, 0, 0);
            lie.queue.put(0, lie.answer(), 1, RawQueue.NEXT | RawQueue.WRITE, 1);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, lie.answer(), 1, RawQueue.WRITE, 0);
            lie.queue.offer();
        });
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, lie.bus, Block.HEAD, 0, 0);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-36",
            promise =
                    "An indirect table that was not negotiated, is in a table, goes on after its descriptor, has no whole number of"
                            + " descriptors, none, or more than the queue breaks the queue.",
            source = "virtio 1.2, 2.7.5.3, 2.8.7, 2.8.19")
    void indirect(World world) {
        expectBroken(world, 0, lie -> {
            table(lie, 2);
            lie.queue.put(0, lie.bus + 1024, 2 * RawQueue.DESCRIPTOR, RawQueue.INDIRECT, 0);
            lie.queue.offer();
        });
        for (long bytes : new long[] {0, 15, 17, (BlockScene.QUEUE + 1) * RawQueue.DESCRIPTOR, 0xffff_fff0L}) {
            expectBroken(world, Feature.INDIRECT_DESC, lie -> {
                table(lie, 2);
                lie.queue.put(0, lie.bus + 1024, bytes, RawQueue.INDIRECT, 0);
                lie.queue.offer();
            });
        }
        expectBroken(world, Feature.INDIRECT_DESC, lie -> {
            table(lie, 2);
            lie.queue.put(1, lie.answer(), 1, RawQueue.WRITE, 0);
            lie.queue.put(0, lie.bus + 1024, 2 * RawQueue.DESCRIPTOR, RawQueue.INDIRECT | RawQueue.NEXT, 1);
            lie.queue.offer();
        });
        expectBroken(world, Feature.INDIRECT_DESC, lie -> {
            lie.queue.put(0, 1L << 40, 2 * RawQueue.DESCRIPTOR, RawQueue.INDIRECT, 0);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-37",
            promise = "An indirect table in an indirect table breaks the queue.",
            source = "virtio 1.2, 2.7.5.3.1")
    @Lacks(queue = "packed-ring")
    void indirectInIndirect(World world) {
        expectBroken(world, Feature.INDIRECT_DESC, lie -> {
            lie.queue.putInTable(lie.page + 1024, 0, lie.bus + 2048, RawQueue.DESCRIPTOR, RawQueue.INDIRECT, 0);
            lie.queue.put(0, lie.bus + 1024, RawQueue.DESCRIPTOR, RawQueue.INDIRECT, 0);
            lie.queue.offer();
        });
    }

    /** Head and answer of a request in a table at offset 1024 of the page. */
    private static void table(Lie lie, int elements) {
        lie.queue.putInTable(lie.page + 1024, 0, lie.bus, Block.HEAD, elements > 1 ? RawQueue.NEXT : 0, 1);
        lie.queue.putInTable(lie.page + 1024, 1, lie.answer(), 1, RawQueue.WRITE, 0);
    }

    @Clause(
            id = "VIRTIO-38",
            promise =
                    "A driver that says that it made more available than the queue has, or names a head that is none, breaks the queue.",
            source = "virtio 1.2, 2.7.13.3")
    @Lacks(queue = "packed-ring")
    void indexTooFar(World world) {
        for (int index : new int[] {BlockScene.QUEUE + 1, 0x8000, 0xffff}) {
            expectBroken(world, 0, lie -> {
                lie.queue.put(0, lie.bus, 16, 0, 0);
                lie.queue.offer(0, index);
            });
        }
        expectBroken(world, 0, lie -> lie.queue.offer(BlockScene.QUEUE, 1));
    }

    @Clause(
            id = "VIRTIO-39",
            promise = "With order agreed on, a chain whose descriptors do not follow each other breaks the queue.",
            source = "virtio 1.2, 2.7.5.2")
    @Lacks(queue = "packed-ring")
    void outOfOrder(World world) {
        expectBroken(world, Feature.IN_ORDER, lie -> {
            lie.queue.put(2, lie.answer(), 1, RawQueue.WRITE, 0);
            lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 2);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-40",
            promise =
                    "A list that goes on with a descriptor that is not available, or is longer than what is left of the ring, breaks the"
                            + " queue.",
            source = "virtio 1.2, 2.8.17")
    @Needs(queue = "packed-ring")
    void listIncomplete(World world) {
        expectBroken(world, 0, lie -> {
            lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 7);
            lie.queue.offer();
        });
    }

    @Clause(
            id = "VIRTIO-41",
            promise =
                    "A queue that cannot stand where the driver says, by size, alignment, or because a part of it is not exposed or not"
                            + " for writing, does not become ready; the device needs a reset, and has mapped nothing.",
            source = "virtio 1.2, 2.6, 2.7, 2.8.10.1, 4.2.3.2")
    void queuesThatCannotStand(World world) {
        for (int lie = 0; lie < 8; lie++) {
            try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
                RawQueue queue = new RawQueue(scene);
                long[] right = {queue.descriptorsBus, queue.driverAreaBus, queue.deviceAreaBus};
                Expect.holds("the device agrees", queue.negotiate(Feature.MANDATORY | scene.layout()));
                switch (lie) {
                    case 0 -> queue.size = 0;
                    case 1 -> queue.size = 2 * BlockScene.QUEUE;
                    case 2 -> queue.size = -1;
                    case 3 -> queue.descriptorsBus += 8;
                    case 4 -> queue.descriptorsBus = 1L << 40;
                    case 5 -> queue.driverAreaBus = -Page.SIZE;
                    case 6 -> queue.deviceAreaBus = 0;
                    default -> queue.deviceAreaBus = queue.driverAreaBus;
                }
                Expect.holdsNot("the queue becomes ready with lie " + lie, queue.setUp());
                Expect.bits(
                        "device status",
                        DeviceStatus.DEVICE_NEEDS_RESET,
                        DeviceStatus.DEVICE_NEEDS_RESET,
                        queue.status());
                Expect.equal("pages that are mapped", 0, scene.deviceSide.counts().mappingsLive);
                queue.descriptorsBus = right[0];
                queue.driverAreaBus = right[1];
                queue.deviceAreaBus = right[2];
                queue.giveBack();
            }
        }
    }

    @Clause(
            id = "VIRTIO-42",
            promise = "Registers and queues that there are not read as 0, ignore what is written, and notify nobody.",
            source = "virtio 1.2, 4.2.2")
    void registersThatThereAreNot(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
                BlockDriver driver = scene.begin(0)) {
            for (int queue : new int[] {1, 63, 64, 0xffff, -1}) {
                scene.registers.write(Mmio.QUEUE_SEL, queue);
                Expect.equal("largest size of queue " + queue, 0, (Object) scene.registers.read(Mmio.QUEUE_SIZE_MAX));
                scene.registers.write(Mmio.QUEUE_SIZE, BlockScene.QUEUE);
                scene.registers.write(Mmio.QUEUE_READY, 1);
                Expect.equal("whether it is ready", 0, (Object) scene.registers.read(Mmio.QUEUE_READY));
                scene.registers.write(Mmio.QUEUE_NOTIFY, queue & 0xffff);
                Expect.holdsNot("the device has work", scene.device.work());
            }
            for (int offset : new int[] {0x018, 0x04c, 0x0b0, 0x0fc - 8, 0x1fc, 0x7ffc}) {
                scene.registers.write(offset, -1);
                Expect.equal("register 0x" + Integer.toHexString(offset), 0, (Object) scene.registers.read(offset));
            }
            scene.expectService(driver);
        }
    }

    @Clause(
            id = "VIRTIO-43",
            promise =
                    "A buffer that was withdrawn before the device looks at it breaks the queue; the page is as it was.",
            source = "grant-v3.md, 12")
    @Lacks(transport = "lazy-withdrawal")
    void withdrawnTooEarly(World world) {
        expectBroken(world, 0, lie -> {
            long page = lie.scene.page();
            long gone = lie.scene.expose(page, READ_WRITE);
            lie.scene.kernel.vcpu().store(page, Long.BYTES, 0x55);
            lie.queue.put(2, lie.answer(), 1, RawQueue.WRITE, 0);
            lie.queue.put(1, gone, Block.SECTOR, RawQueue.NEXT | RawQueue.WRITE, 2);
            lie.queue.put(0, lie.bus, Block.HEAD, RawQueue.NEXT, 1);
            lie.scene.driverSide.withdraw(gone, Page.SIZE);
            lie.queue.offer();
            Expect.equal(
                    "what stands in the page", 0x55, lie.scene.world.granter().load(page));
            lie.scene.kernel.freePages(page, Page.ORDER_4K);
        });
    }
}
