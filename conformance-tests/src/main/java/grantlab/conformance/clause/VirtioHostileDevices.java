package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.Endpoint;
import grantlab.api.transport.TransportCounts;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.queue.QueueFault;
import java.lang.foreign.MemorySegment;

/** Devices that never let go, read where they may not, use what they were not given, or lie about what they did. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioHostileDevices {
    /** Addresses of the lowest pages, among which those that are exposed are. */
    private static final int TRIED = 0x180;

    /** VIRTQ_DESC_F_AVAIL, VIRTQ_DESC_F_USED and VIRTQ_DESC_F_WRITE. */
    private static final long USED_WRITTEN = 0x8082;

    private static final int READ_WRITE = Access.READ | Access.WRITE;

    /** A device's side that lets go of nothing that it had for a request. */
    private record NeverLetsGo(DeviceSide side) implements DeviceSide {
        @Override
        public int keep(long busAddress, int length, int access) {
            return side.keep(busAddress, length, access);
        }

        @Override
        public void drop(long busAddress, int length) {
            side.drop(busAddress, length);
        }

        @Override
        public void release() {}

        @Override
        public void requestDone() {}

        @Override
        public TransportCounts counts() {
            return side.counts();
        }

        @Override
        public void close() {
            side.close();
        }

        @Override
        public int load(long address, int bytes) {
            return side.load(address, bytes);
        }

        @Override
        public long value() {
            return side.value();
        }

        @Override
        public int store(long address, int bytes, long value) {
            return side.store(address, bytes, value);
        }

        @Override
        public int loadBytes(long address, MemorySegment into, long at, int length) {
            return side.loadBytes(address, into, at, length);
        }

        @Override
        public int storeBytes(long address, MemorySegment from, long at, int length) {
            return side.storeBytes(address, from, at, length);
        }
    }

    @Clause(
            id = "VIRTIO-50",
            promise = "A driver notices a device that says that a request is done and still holds its memory.",
            source = "grant-v3.md, 3, rule (c); docs/virtio.md")
    @Needs(transport = "use-is-seen")
    void stillUsed(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING, NeverLetsGo::new);
                BlockDriver driver = scene.begin(0)) {
            long page = scene.page();
            Expect.equal("status", BlockDriver.STILL_USED, scene.perform(driver, Block.OUT, 0, page, Page.SIZE));
            Expect.holdsNot("memory comes back from a reset", driver.reset());
            scene.deviceSide.release();
        }
    }

    @Clause(
            id = "VIRTIO-51",
            promise =
                    "A driver gets its memory back from a device that never unmaps, by force: nobody else reaches the page, and the"
                            + " device is told so by its next access.",
            source = "grant-v3.md, 8.2; docs/revocation.md")
    @Needs(format = "layout-tree", transport = "tables-of-devices")
    void takenByForce(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
            long page = scene.page();
            long references = world.machine().frames().references(scene.frame(page));
            long bus = scene.expose(page, READ_WRITE);
            Expect.equal("a store", Status.OKAY, scene.deviceSide.store(bus, 8, 1));
            Expect.equal("withdrawing it", Status.EAGAIN, scene.driverSide.withdraw(bus, Page.SIZE));
            Expect.equal("taking it back", Status.OKAY, scene.driverSide.revoke(bus, Page.SIZE));
            VirtioMemory.expectPrivate(scene, page);
            Expect.equal(
                    "references of the page",
                    references,
                    world.machine().frames().references(scene.frame(page)));
            if (!world.grantee().translated()) {
                Expect.equal("a store of the device's", Status.REVOKED, scene.deviceSide.store(bus, 8, 2));
            }
            Expect.equal("what the driver reads", 1, world.granter().load(page));
            scene.deviceSide.release();
            Expect.different("a load after the device has let go", Status.OKAY, scene.deviceSide.load(bus, 8));
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-52",
            promise =
                    "A driver goes on with another device when one never lets go of anything: what it has is taken by force, and what"
                            + " was in flight is carried out.",
            source = "grant-v3.md, 8.2, 12")
    @Needs(format = "layout-tree", transport = "tables-of-devices")
    void resumedByForce(World world) {
        for (Endpoint.Mode mode : new Endpoint.Mode[] {Endpoint.Mode.STREAMING, Endpoint.Mode.POOL}) {
            try (BlockScene scene = new BlockScene(world, mode, NeverLetsGo::new);
                    BlockDriver driver = scene.begin(0)) {
                long page = scene.page();
                byte[] content = BlockScene.pattern(8);
                scene.put(page, content);
                int number = driver.submit(Block.OUT, 0, page, Page.SIZE);
                driver.publish();
                scene.device.work();
                DeviceSide hostile = scene.deviceSide;
                Expect.holds("the device holds memory", hostile.counts().mappingsLive > 0);
                scene.plugAnother();
                driver.resume(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
                driver.publish();
                scene.device.work();
                Expect.equal("request that is done", number, driver.complete());
                Expect.equal("its status", Block.OK, driver.status(number));
                scene.expectService(driver);
                hostile.release();
            }
        }
    }

    @Clause(
            id = "VIRTIO-53",
            promise = "A device that tries every address finds what is exposed to it and nothing else.",
            source = "grant-v3.md, 12 (VIRTIO-1); docs/virtio.md, trust")
    void triesEverything(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
            long page = scene.page();
            long bus = scene.expose(page, READ_WRITE);
            long base = bus & ~0xff_ffffL;
            int found = 0;
            for (long at = base; at < base + (long) TRIED * Page.SIZE; at += Page.SIZE) {
                if (scene.deviceSide.load(at, 8) == Status.OKAY) {
                    Expect.equal("an address where something is reached", bus, at);
                    found++;
                }
                scene.deviceSide.requestDone();
            }
            Expect.equal("pages that are reached", 1, found);
            scene.deviceSide.release();
            scene.driverSide.withdraw(bus, Page.SIZE);
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-54",
            promise =
                    "A driver's queue breaks when the device uses what it was not given, uses it twice, or says that it wrote more than"
                            + " there is room for; the device's word changes nothing else.",
            source = "virtio 1.2, 2.7.8, 2.8.22")
    void usesWhatItWasNotGiven(World world) {
        for (int lie = 0; lie < 4; lie++) {
            try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
                    BlockDriver driver = scene.begin(0)) {
                long page = scene.page();
                int number = driver.submit(Block.OUT, 0, page, Page.SIZE);
                driver.publish();
                int own = ownId(scene);
                switch (lie) {
                    case 0 -> use(scene, 0, BlockScene.QUEUE - 1, 1);
                    case 1 -> use(scene, 0, 0xffff, 1);
                    case 2 -> use(scene, 0, own, 2);
                    default -> {
                        scene.device.work();
                        Expect.equal("request that is done", number, driver.complete());
                        use(scene, 1, own, 1);
                    }
                }
                Expect.equal("what the driver completes", BlockDriver.BROKEN, driver.complete());
                Expect.holds("the queue has a fault", driver.virtio().queue(0).fault() != QueueFault.NONE);
                Expect.holds("memory comes back", driver.reset());
                driver.begin(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
                scene.expectService(driver);
                scene.kernel.freePages(page, Page.ORDER_4K);
            }
        }
    }

    /** By what the queue knows the only buffer: split, the head in the table; packed, the id in the last of its list. */
    private static int ownId(BlockScene scene) {
        if (!BlockScene.packed(scene.world)) {
            return 0;
        }
        Expect.equal(
                "a load", Status.OKAY, scene.deviceSide.load(scene.descriptors() + 2 * RawQueue.DESCRIPTOR + 12, 2));
        return (int) scene.deviceSide.value();
    }

    /** A use in the device's queue, written by itself, after some uses of buffers of three descriptors. */
    private static void use(BlockScene scene, int before, int id, long written) {
        DeviceSide side = scene.deviceSide;
        if (BlockScene.packed(scene.world)) {
            long at = scene.descriptors() + 3L * before * RawQueue.DESCRIPTOR;
            Expect.equal("a store", Status.OKAY, side.store(at + 8, 4, written));
            Expect.equal("a store", Status.OKAY, side.store(at + 12, 4, id | USED_WRITTEN << 16));
        } else {
            long at = scene.deviceArea();
            Expect.equal("a store", Status.OKAY, side.store(at + 4 + 8L * before, 4, id));
            Expect.equal("a store", Status.OKAY, side.store(at + 8 + 8L * before, 4, written));
            Expect.equal("a store", Status.OKAY, side.store(at + 2, 2, before + 1L));
        }
        side.requestDone();
    }
}
