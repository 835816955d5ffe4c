package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Reachability;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import java.lang.foreign.MemorySegment;

/** What of a driver's memory a device reaches, and until when. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioMemory {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long VALUE = 0x1122_3344_5566_7788L;

    /** By exhaustive search: nobody but the driver's guest reaches a page. */
    static void expectPrivate(BlockScene scene, long page) {
        Reachability.expectPrivate(scene.world, World.GRANTER, scene.frame(page));
    }

    @Clause(
            id = "VIRTIO-06",
            promise =
                    "A device reaches what is exposed, at the address that it was told, and nothing at any other: not beside it, not"
                            + " with another bit set, not at 0, not around the end of addresses.",
            source = "virtio 1.2, 6.1 (ACCESS_PLATFORM); grant-v3.md, 12")
    void reachesWhatIsExposed(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode)) {
                long page = scene.page();
                long bus = scene.expose(page, READ_WRITE);
                Expect.equal("a store", Status.OKAY, scene.deviceSide.store(bus + 16, 8, VALUE));
                Expect.equal("what the driver reads", VALUE, world.granter().load(page + 16));
                Expect.equal("a load", Status.OKAY, scene.deviceSide.load(bus + 17, 4));
                Expect.equal("what the device reads", 0x4455_6677L, scene.deviceSide.value());
                MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
                for (long wrong : new long[] {
                    0,
                    8,
                    -1,
                    -Page.SIZE,
                    bus + Page.SIZE,
                    bus - Page.SIZE,
                    bus ^ 1L << 63,
                    bus ^ 1L << 62,
                    bus ^ 1L << 48,
                    bus ^ 1L << 47
                }) {
                    String where = " at 0x" + Long.toHexString(wrong);
                    Expect.different("a load" + where, Status.OKAY, scene.deviceSide.load(wrong, 8));
                    Expect.different("a store" + where, Status.OKAY, scene.deviceSide.storeBytes(wrong, bytes));
                    Expect.different("keeping" + where, Status.OKAY, scene.deviceSide.keep(wrong, 8, Access.READ));
                }
                Expect.different(
                        "a load that begins in a page and ends beside it",
                        Status.OKAY,
                        scene.deviceSide.load(bus + Page.SIZE - 4, 8));
                scene.deviceSide.release();
                Expect.equal("withdrawing", Status.OKAY, scene.driverSide.withdraw(bus, Page.SIZE));
                expectPrivate(scene, page);
                scene.kernel.freePages(page, Page.ORDER_4K);
            }
        }
    }

    @Clause(
            id = "VIRTIO-07",
            promise = "What is exposed for reading is not written, by word, by bytes, or as a part of a queue.",
            source = "grant-v3.md, 12 (VIRTIO-3); virtio 1.2, 2.7.4")
    void direction(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode)) {
                long page = scene.page();
                world.granter().store(page, VALUE);
                long bus = scene.expose(page, Access.READ);
                Expect.equal("a load", Status.OKAY, scene.deviceSide.load(bus, 8));
                Expect.different("a store", Status.OKAY, scene.deviceSide.store(bus, 8, 5));
                Expect.different("keeping it to write", Status.OKAY, scene.deviceSide.keep(bus, 64, READ_WRITE));
                Expect.equal("keeping it to read", Status.OKAY, scene.deviceSide.keep(bus, 64, Access.READ));
                Expect.different(
                        "a store of bytes",
                        Status.OKAY,
                        scene.deviceSide.storeBytes(bus, MemorySegment.ofArray(new byte[64])));
                Expect.equal("what the driver reads", VALUE, world.granter().load(page));
                scene.deviceSide.drop(bus, 64);
                scene.deviceSide.release();
                scene.driverSide.withdraw(bus, Page.SIZE);
                scene.kernel.freePages(page, Page.ORDER_4K);
            }
        }
    }

    @Clause(
            id = "VIRTIO-08",
            promise = "What was withdrawn is not reached, by the device, by a CPU or by a device of its domain.",
            source = "grant-v3.md, 12; virtio 1.2, 5.13.6.6")
    @Lacks(transport = "lazy-withdrawal")
    void whatIsWithdrawnIsPrivate(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (BlockScene scene = new BlockScene(world, mode)) {
                long page = scene.page();
                long bus = scene.expose(page, READ_WRITE);
                Expect.equal("a store", Status.OKAY, scene.deviceSide.store(bus, 8, VALUE));
                scene.deviceSide.requestDone();
                scene.deviceSide.release();
                Expect.equal("withdrawing", Status.OKAY, scene.driverSide.withdraw(bus, Page.SIZE));
                expectPrivate(scene, page);
                Expect.different("a store", Status.OKAY, scene.deviceSide.store(bus, 8, 5));
                Expect.different("a load", Status.OKAY, scene.deviceSide.load(bus, 8));
                Expect.equal("what the driver reads", VALUE, world.granter().load(page));
                expectPrivate(scene, page);
                scene.kernel.freePages(page, Page.ORDER_4K);
            }
        }
    }

    @Clause(
            id = "VIRTIO-09",
            promise = "What the device uses is not withdrawn: the driver is told, and nothing has changed.",
            source = "grant-v3.md, 3, rule (c); xen-semantics.md, 1")
    @Needs(transport = "use-is-seen")
    void useIsSeen(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
            long page = scene.page();
            long bus = scene.expose(page, READ_WRITE);
            Expect.equal("a store", Status.OKAY, scene.deviceSide.store(bus, 8, VALUE));
            Expect.equal("withdrawing it", Status.EAGAIN, scene.driverSide.withdraw(bus, Page.SIZE));
            Expect.equal("a store after that", Status.OKAY, scene.deviceSide.store(bus, 8, VALUE + 1));
            Expect.equal("what the driver reads", VALUE + 1, world.granter().load(page));
            scene.deviceSide.requestDone();
            Expect.equal("withdrawing it again", Status.OKAY, scene.driverSide.withdraw(bus, Page.SIZE));
            expectPrivate(scene, page);
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-10",
            promise =
                    "Withdrawing ends a use that is under way: what the device holds, as a buffer or as a part of a queue, it"
                            + " reaches no more.",
            source = "virtio 1.2, 5.13.6.6")
    @Needs(transport = "foreign-mappings")
    @Lacks(transport = "lazy-withdrawal")
    void withdrawingEndsUse(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
            long page = scene.page();
            long bus = scene.expose(page, READ_WRITE);
            Expect.equal("keeping it", Status.OKAY, scene.deviceSide.keep(bus, 64, READ_WRITE));
            Expect.equal("a store", Status.OKAY, scene.deviceSide.store(bus, 8, VALUE));
            Expect.equal("withdrawing it", Status.OKAY, scene.driverSide.withdraw(bus, Page.SIZE));
            expectPrivate(scene, page);
            Expect.different("a store after that", Status.OKAY, scene.deviceSide.store(bus, 8, 5));
            Expect.equal("what the driver reads", VALUE, world.granter().load(page));
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-11",
            promise = "A driver exposes and withdraws without entering the hypervisor, however often.",
            source = "grant-v3.md, 12 (VIRTIO-2)")
    @Needs(transport = "use-is-seen")
    void driverDoesNotEnter(World world) {
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING)) {
            long page = scene.page();
            scene.driverSide.withdraw(scene.expose(page, READ_WRITE), Page.SIZE);
            long before = world.cost().hypercalls();
            for (int n = 0; n < 100; n++) {
                long bus = scene.expose(page, READ_WRITE);
                Expect.equal("withdrawing", Status.OKAY, scene.driverSide.withdraw(bus, Page.SIZE));
            }
            Expect.equal("hypercalls", before, world.cost().hypercalls());
            Expect.equal("exits that the driver counts", 0, scene.driverSide.counts().exits);
            scene.kernel.freePages(page, Page.ORDER_4K);
        }
    }

    @Clause(
            id = "VIRTIO-12",
            promise =
                    "A device does not reach what its driver's guest exposed for another device, also when both are in one domain.",
            source = "grant-v3.md, 12 (VIRTIO-1); virtio 1.2, 5.13.6.3")
    @Lacks(transport = {"use-is-seen", "lazy-withdrawal"})
    void devicesAreApart(World world) {
        apart(world);
    }

    @Clause(
            id = "VIRTIO-13",
            promise =
                    "A device with a table of its own does not reach, by its addresses, what was exposed for another one in the same"
                            + " domain.",
            source = "grant-v3.md, 12 (VIRTIO-1)")
    @Needs(transport = "tables-of-devices")
    void tablesAreApart(World world) {
        apart(world);
    }

    private static void apart(World world) {
        Endpoint other = new Endpoint(World.GRANTER, World.GRANTEE, BlockScene.DEVICE + 1, Endpoint.Mode.STREAMING);
        try (BlockScene scene = new BlockScene(world, Endpoint.Mode.STREAMING);
                DriverSide otherDriver = world.transport().driver(scene.kernel, other);
                DeviceSide otherDevice =
                        world.transport().device(world.grantee().kernel(), other)) {
            long page = scene.page();
            long secret = scene.page();
            long bus = scene.expose(page, READ_WRITE);
            long otherBus = otherDriver.expose(secret, Page.SIZE, READ_WRITE);
            world.granter().store(secret, VALUE);
            Expect.equal("a load of the device's own", Status.OKAY, otherDevice.load(otherBus, 8));
            Expect.equal("what it reads", VALUE, otherDevice.value());
            otherDevice.release();
            Expect.equal("withdrawing it", Status.OKAY, otherDriver.withdraw(otherBus, Page.SIZE));
            if (otherBus != bus) {
                otherBus = otherDriver.expose(secret, Page.SIZE, READ_WRITE);
                Expect.different("a load of the other device's", Status.OKAY, scene.deviceSide.load(otherBus, 8));
                Expect.different("a load of the device's", Status.OKAY, otherDevice.load(bus, 8));
                otherDriver.withdraw(otherBus, Page.SIZE);
            } else {
                Expect.different("a load of what only the other device has", Status.OKAY, otherDevice.load(bus, 8));
            }
            otherDevice.release();
            scene.driverSide.withdraw(bus, Page.SIZE);
            scene.kernel.freePages(page, Page.ORDER_4K);
            scene.kernel.freePages(secret, Page.ORDER_4K);
        }
    }
}
