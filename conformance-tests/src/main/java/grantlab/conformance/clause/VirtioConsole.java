package grantlab.conformance.clause;

import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.console.Console;
import grantlab.virtio.console.ConsoleDevice;
import grantlab.virtio.device.DeviceStatus;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.queue.Feature;
import java.util.Arrays;

/** Console devices. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioConsole {
    @Clause(
            id = "VIRTIO-70",
            promise =
                    "What a guest prints is on the screen and what is typed is read, byte for byte and in order, in every mode of"
                            + " the transport and with every feature of queues.",
            source = "virtio 1.2, 5.3.6")
    void printedAndTyped(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            for (long features : new long[] {0, Feature.INDIRECT_DESC | Feature.EVENT_IDX | Feature.IN_ORDER}) {
                try (ConsoleScene scene = new ConsoleScene(world, world.granter(), mode)) {
                    scene.begin(features);
                    byte[] page = BlockScene.pattern(mode.name().length());
                    for (int length : new int[] {1, 2, 80, 1000, Page.SIZE}) {
                        scene.expectPrinted(Arrays.copyOf(page, length));
                        scene.expectTyped(Arrays.copyOf(page, length));
                    }
                    Expect.equal("bytes that are read besides", 0, scene.read().length);
                }
            }
        }
    }

    @Clause(
            id = "VIRTIO-71",
            promise =
                    "What is typed waits for a driver and for its buffers, and what finds no room to wait is not taken: nothing"
                            + " that was taken is lost, over a reset too.",
            source = "virtio 1.2, 5.3.6; docs/virtio.md, the console")
    void typedBytesWait(World world) {
        try (ConsoleScene scene = new ConsoleScene(world, world.granter(), Endpoint.Mode.STREAMING)) {
            byte[] early = Arrays.copyOf(BlockScene.pattern(1), 100);
            Expect.equal("bytes that find room", 100, scene.console.type(early));
            Expect.holdsNot("a device without a driver has work", scene.device.work());
            scene.begin(0);
            byte[] late = BlockScene.pattern(2);
            Expect.equal("bytes that find room", ConsoleDevice.WAITING, scene.console.type(late));
            Expect.equal("bytes that find room besides", 0, scene.console.type(new byte[1]));
            scene.device.work();
            Expect.holds("what was typed first is read first", Arrays.equals(early, scene.read()));
            Expect.holds("memory comes back from a reset", scene.driver.reset());
            scene.begin(0);
            Expect.holds("what was typed is read after a reset", Arrays.equals(late, scene.read()));
            scene.expectTyped(early);
        }
    }

    @Clause(
            id = "VIRTIO-72",
            promise =
                    "A driver finds how large the screen is and is told when that changes; a byte of an emergency is printed without"
                            + " a queue, also before anything was agreed on.",
            source = "virtio 1.2, 5.3.4, 5.3.5")
    void sizeAndEmergency(World world) {
        try (ConsoleScene scene = new ConsoleScene(world, world.granter(), Endpoint.Mode.STREAMING)) {
            scene.driver.printInEmergency('!');
            Expect.holds("it is on the screen", Arrays.equals(new byte[] {'!'}, scene.screen()));
            scene.begin(0);
            Expect.equal("columns", ConsoleScene.COLUMNS, (Object) scene.driver.columns());
            Expect.equal("rows", ConsoleScene.ROWS, (Object) scene.driver.rows());
            scene.driver.virtio().acknowledgeInterrupt();
            scene.console.resize(80, 25);
            Expect.equal("what the device tells", Mmio.CONFIGURATION_CHANGE, (Object)
                    scene.driver.virtio().acknowledgeInterrupt());
            Expect.equal("columns", 80, (Object) scene.driver.columns());
            Expect.equal("rows", 25, (Object) scene.driver.rows());
        }
    }

    @Clause(
            id = "VIRTIO-73",
            promise =
                    "A buffer in the wrong direction, or one that is not reached, breaks its queue and shows nothing; another"
                            + " guest's console goes on meanwhile, and after a reset this one does.",
            source = "virtio 1.2, 2.7.4.2, 5.3.6, 6.1 (ACCESS_PLATFORM)")
    void hostileBuffers(World world) {
        for (int lie = 0; lie < 4; lie++) {
            try (ConsoleScene scene = new ConsoleScene(world, world.granter(), Endpoint.Mode.STREAMING);
                    ConsoleScene other = new ConsoleScene(world, world.neighbour(), Endpoint.Mode.STREAMING)) {
                other.begin(0);
                long bus = scene.exposedPage();
                RawQueue queue = scene.raw(lie < 2 ? Console.TRANSMITQ : Console.RECEIVEQ);
                queue.begin(Console.F_SIZE);
                switch (lie) {
                    case 0 -> {
                        queue.put(1, bus, 1, RawQueue.WRITE, 0);
                        queue.put(0, bus, 16, RawQueue.NEXT, 1);
                    }
                    case 1 -> queue.put(0, 1L << 40, 16, 0, 0);
                    case 2 -> {
                        queue.put(1, bus, 16, RawQueue.WRITE, 0);
                        queue.put(0, bus, 1, RawQueue.NEXT, 1);
                    }
                    default -> queue.put(0, 1L << 40, 16, RawQueue.WRITE, 0);
                }
                scene.console.type(new byte[] {'x'});
                queue.offer();
                Expect.bits(
                        "status of the device with lie " + lie,
                        DeviceStatus.DEVICE_NEEDS_RESET,
                        DeviceStatus.DEVICE_NEEDS_RESET,
                        queue.status());
                Expect.equal("bytes on the screen", 0, scene.screen().length);
                other.expectPrinted(BlockScene.pattern(1));
                other.expectTyped(BlockScene.pattern(2));
                queue.giveBack();
                scene.deviceSide.release();
                scene.driverSide.withdraw(bus, Page.SIZE);
                scene.begin(0);
                Expect.holds("what was typed is not lost", Arrays.equals(new byte[] {'x'}, scene.read()));
                scene.expectPrinted(BlockScene.pattern(3));
                scene.expectTyped(BlockScene.pattern(4));
            }
        }
    }
}
