package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Reachability;
import grantlab.conformance.RequestCost;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.device.DeviceStatus;
import grantlab.virtio.net.Ethernet;
import grantlab.virtio.net.Net;
import grantlab.virtio.net.SwitchPort;
import grantlab.virtio.queue.Feature;
import java.util.Arrays;

/** Network devices of several guests, and the switch between them. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
final class VirtioNetwork {
    private static final long BEHIND = 0x0200_5e01_0000L;

    /** Bytes before a frame in a page that a clause writes itself. */
    private static final int AT = Net.HEADER;

    private static final int LENGTH_OF_SECOND = 77;

    @Clause(
            id = "VIRTIO-60",
            promise =
                    "Two guests exchange frames of every length, in every mode of the transport and with every feature of queues:"
                            + " they arrive whole, in order, and nobody else hears them; afterwards nobody reaches the guests' pages.",
            source = "virtio 1.2, 5.1.6")
    void framesArrive(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            for (long features : new long[] {0, Feature.INDIRECT_DESC | Feature.EVENT_IDX | Feature.IN_ORDER}) {
                world.step("mode " + mode + ", features 0x" + Long.toHexString(features));
                NetScene scene = NetScene.ofThree(world, mode, features);
                NetScene.Station left = scene.station(0);
                NetScene.Station right = scene.station(1);
                for (int length : new int[] {Ethernet.HEAD, 15, 60, 1000, Ethernet.LONGEST - 1, Ethernet.LONGEST}) {
                    byte[] there = left.frame(right.address, length, length);
                    byte[] second = left.frame(right.address, LENGTH_OF_SECOND, length + 1);
                    byte[] back = right.frame(left.address, length, length + 2);
                    left.send(there);
                    left.send(second);
                    right.send(back);
                    right.expectFrame(there);
                    right.expectFrame(second);
                    left.expectFrame(back);
                }
                scene.stations.forEach(NetScene.Station::expectNothing);
                long room = right.driver.room(0);
                scene.close();
                Reachability.expectPrivate(world, World.NEIGHBOUR, right.frameOf(room));
            }
        }
    }

    @Clause(
            id = "VIRTIO-61",
            promise =
                    "A frame to a group or to an unknown address goes to all others, one to an address that was heard goes there"
                            + " alone; a configured address is nobody else's, and a guest that tells many addresses makes the switch"
                            + " forget none of others.",
            source = "docs/virtio.md, the network device")
    void whereFramesGo(World world) {
        try (NetScene scene = NetScene.ofThree(world, Endpoint.Mode.STREAMING, 0)) {
            NetScene.Station left = scene.station(0);
            NetScene.Station right = scene.station(1);
            NetScene.Station other = scene.station(2);
            for (long everybody : new long[] {Ethernet.BROADCAST, 0x0100_5e00_0001L, BEHIND}) {
                byte[] frame = left.frame(everybody, NetScene.LENGTH, 1);
                left.send(frame);
                right.expectFrame(frame);
                other.expectFrame(frame);
                left.expectNothing();
            }
            world.step("an address is heard behind the neighbour's device");
            right.send(NetScene.frame(left.address, BEHIND, NetScene.LENGTH, 2));
            left.receive();
            byte[] known = left.frame(BEHIND, NetScene.LENGTH, 3);
            left.send(known);
            right.expectFrame(known);
            other.expectNothing();
            world.step("a guest says that it is somebody else, and then many others");
            other.send(NetScene.frame(left.address, right.address, NetScene.LENGTH, 4));
            left.expectNothing();
            for (int n = 1; n <= 2 * SwitchPort.MOST_LEARNED; n++) {
                other.send(NetScene.frame(left.address, BEHIND + n, NetScene.LENGTH, 5));
                left.receive();
            }
            left.send(known);
            right.expectFrame(known);
            scene.expectExchange(left, right, 6);
            other.expectNothing();
        }
    }

    @Clause(
            id = "VIRTIO-62",
            promise =
                    "What is no frame goes nowhere: shorter than a head, longer than a frame may be, up to 2^32 bytes, with offloads"
                            + " that nobody agreed on, from a group. Its sender's queue goes on.",
            source = "virtio 1.2, 5.1.6.2")
    void framesThatAreNone(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (NetScene scene = NetScene.ofThree(world, mode, 0)) {
                NetScene.Station left = scene.station(0);
                NetScene.Station right = scene.station(1);
                int refused = 0;
                for (long length : new long[] {
                    0, 1, Ethernet.HEAD - 1, Ethernet.LONGEST + 1, Page.SIZE - AT, 0x1_0000, 0xffff_f000L
                }) {
                    refused += expectRefused(scene, left, length, 0, 0);
                }
                refused += expectRefused(scene, left, NetScene.LENGTH, Net.HEADER_FLAGS, Net.NEEDS_CSUM);
                refused += expectRefused(scene, left, NetScene.LENGTH, Net.HEADER_GSO_TYPE, 1);
                left.send(NetScene.frame(right.address, Ethernet.BROADCAST, NetScene.LENGTH, 3));
                Expect.equal("frames that are refused", refused + 1, left.net.counts().refused);
                scene.expectExchange(left, right, 4);
            }
        }
    }

    /** A buffer with a header, in which one byte is something, and a frame to the neighbour of some length. */
    private static int expectRefused(NetScene scene, NetScene.Station from, long length, int at, int value) {
        byte[] packet = new byte[AT + NetScene.LENGTH];
        byte[] frame = from.frame(scene.station(1).address, NetScene.LENGTH, 9);
        System.arraycopy(frame, 0, packet, AT, NetScene.LENGTH);
        packet[at] = (byte) value;
        from.driver.reset();
        RawQueue queue = from.raw(Net.TRANSMITQ);
        queue.begin(Net.F_MAC);
        from.store(packet);
        long bus = from.exposedPage();
        queue.put(0, bus, AT + length, 0, 0);
        queue.offer();
        Expect.holdsNot("the device needs a reset", (queue.status() & DeviceStatus.DEVICE_NEEDS_RESET) != 0);
        scene.station(1).expectNothing();
        scene.station(2).expectNothing();
        queue.giveBack();
        from.deviceSide.release();
        from.driverSide.withdraw(bus, Page.SIZE);
        from.begin(0);
        return 1;
    }

    @Clause(
            id = "VIRTIO-63",
            promise =
                    "A buffer without room for a header, or with pieces in the wrong direction, breaks the queue that it is in: that"
                            + " device needs a reset, others go on meanwhile, and after the reset it serves.",
            source = "virtio 1.2, 2.7.4.2, 5.1.6")
    void hostileBuffers(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            for (int lie = 0; lie < 4; lie++) {
                try (NetScene scene = NetScene.ofThree(world, mode, 0)) {
                    NetScene.Station hostile = scene.station(0);
                    hostile.driver.reset();
                    long bus = hostile.exposedPage();
                    RawQueue queue = hostile.raw(lie < 2 ? Net.TRANSMITQ : Net.RECEIVEQ);
                    queue.begin(Net.F_MAC);
                    switch (lie) {
                        case 0 -> queue.put(0, bus, Net.HEADER - 1, 0, 0);
                        case 1 -> {
                            queue.put(1, bus, 1, RawQueue.WRITE, 0);
                            queue.put(0, bus, AT + NetScene.LENGTH, RawQueue.NEXT, 1);
                        }
                        case 2 -> queue.put(0, bus, Net.HEADER - 1, RawQueue.WRITE, 0);
                        default -> {
                            queue.put(1, bus, Page.SIZE, RawQueue.WRITE, 0);
                            queue.put(0, bus, 1, RawQueue.NEXT, 1);
                        }
                    }
                    byte[] before = BlockScene.pattern(lie);
                    hostile.store(before);
                    queue.offer();
                    NetScene.Station sender = scene.station(1);
                    sender.send(sender.frame(hostile.address, NetScene.LENGTH, 2));
                    Expect.bits(
                            "status of the device with lie " + lie,
                            DeviceStatus.DEVICE_NEEDS_RESET,
                            DeviceStatus.DEVICE_NEEDS_RESET,
                            queue.status());
                    Expect.holds("its page is as it was", Arrays.equals(before, hostile.load(hostile.page())));
                    scene.expectExchange(sender, scene.station(2), 3);
                    queue.giveBack();
                    hostile.deviceSide.release();
                    hostile.driverSide.withdraw(bus, Page.SIZE);
                    hostile.begin(0);
                    scene.expectExchange(sender, hostile, 4);
                }
            }
        }
    }

    @Clause(
            id = "VIRTIO-64",
            promise =
                    "Memory that is not reached costs the frame that is in it: one that is sent from there goes nowhere, one that"
                            + " arrives there is lost; both are counted, and the queues go on.",
            source = "virtio 1.2, 6.1 (ACCESS_PLATFORM); docs/virtio.md, the network device")
    void memoryThatIsNotReached(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            for (int number : new int[] {Net.TRANSMITQ, Net.RECEIVEQ}) {
                try (NetScene scene = NetScene.ofThree(world, mode, 0)) {
                    NetScene.Station left = scene.station(0);
                    NetScene.Station right = scene.station(1);
                    left.driver.reset();
                    RawQueue queue = left.raw(number);
                    queue.begin(Net.F_MAC);
                    int flags = number == Net.RECEIVEQ ? RawQueue.WRITE : 0;
                    queue.put(0, 1L << 40, AT + NetScene.LENGTH, flags, 0);
                    queue.offer();
                    right.send(right.frame(left.address, NetScene.LENGTH, 1));
                    Expect.equal("frames that are lost", 1, left.net.counts().unreached);
                    Expect.holdsNot(
                            "the device needs a reset", (queue.status() & DeviceStatus.DEVICE_NEEDS_RESET) != 0);
                    right.expectNothing();
                    queue.giveBack();
                    left.begin(0);
                    scene.expectExchange(left, right, 2);
                }
            }
        }
    }

    @Clause(
            id = "VIRTIO-65",
            promise =
                    "A frame that finds no buffer is dropped and counted, and holds up nobody; when there are buffers again frames"
                            + " arrive.",
            source = "docs/virtio.md, the network device")
    void noRoom(World world) {
        try (NetScene scene = NetScene.ofThree(world, Endpoint.Mode.STREAMING, 0)) {
            NetScene.Station left = scene.station(0);
            NetScene.Station right = scene.station(1);
            NetScene.Station other = scene.station(2);
            byte[][] frames = new byte[NetScene.ROOMS + 2][];
            for (int n = 0; n < frames.length; n++) {
                frames[n] = left.frame(right.address, NetScene.LENGTH + n, n);
                left.send(frames[n]);
                scene.expectExchange(left, other, n);
            }
            Expect.equal("frames that are dropped", 2, right.net.counts().dropped);
            for (int n = 0; n < NetScene.ROOMS; n++) {
                right.expectFrame(frames[n]);
            }
            right.expectNothing();
            scene.expectExchange(left, right, 9);
        }
    }

    @Clause(
            id = "VIRTIO-66",
            promise =
                    "A page that a device has to receive into and that is taken back by force loses the frame that would have been in"
                            + " it and no other: nobody writes it any more, and all others arrive.",
            source = "grant-v3.md, 8.2; docs/revocation.md")
    @Needs(format = "layout-tree", transport = "tables-of-devices")
    void takenBackByRevocation(World world) {
        takenBack(world);
    }

    @Clause(
            id = "VIRTIO-67",
            promise =
                    "A page that a device has to receive into and that is unmapped behind its IOMMU loses the frame that would have"
                            + " been in it and no other: nobody writes it any more, and all others arrive.",
            source = "virtio 1.2, 5.13.6.6")
    @Needs(transport = "foreign-mappings")
    @Lacks(transport = "lazy-withdrawal")
    void takenBackByUnmapping(World world) {
        takenBack(world);
    }

    /** In the midst of traffic: each room has been used, and the device has all of them. */
    private static void takenBack(World world) {
        for (Endpoint.Mode mode : new Endpoint.Mode[] {Endpoint.Mode.STREAMING, Endpoint.Mode.POOL}) {
            try (NetScene scene = NetScene.ofThree(world, mode, 0)) {
                NetScene.Station left = scene.station(0);
                NetScene.Station right = scene.station(1);
                for (int n = 0; n < 2 * NetScene.ROOMS; n++) {
                    scene.expectExchange(left, right, n);
                }
                world.step("a page to receive into is taken back, mode " + mode);
                long page = right.driver.room(1);
                Expect.equal("taking it back", Status.OKAY, right.driver.takeBack(1));
                Reachability.expectPrivate(world, World.NEIGHBOUR, right.frameOf(page));
                byte[] own = BlockScene.pattern(5);
                right.store(page, own);
                int arrived = 0;
                for (int n = 0; n < 2 * NetScene.ROOMS; n++) {
                    byte[] frame = left.frame(right.address, NetScene.LENGTH, n);
                    left.send(frame);
                    byte[] came = right.receive();
                    Expect.holds("a frame is lost or whole", came.length == 0 || Arrays.equals(frame, came));
                    arrived += came.length == 0 ? 0 : 1;
                }
                Expect.equal("frames that arrive", 2 * NetScene.ROOMS - 1, arrived);
                Expect.equal("buffers that came back without one", 1, right.driver.lost());
                Expect.holds("the page is as its owner left it", Arrays.equals(own, right.load(page)));
                Expect.holdsNot("the device needs a reset", right.needsReset());
                scene.expectExchange(right, scene.station(2), 7);
            }
        }
    }

    @Clause(
            id = "VIRTIO-68",
            promise =
                    "What a frame takes is counted, of both guests: the hypercalls that all sides count are those that their CPUs made.",
            source = "docs/virtio.md, what it costs")
    void costsAreCounted(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            try (NetScene scene = new NetScene(world, mode, world.granter(), world.neighbour())) {
                scene.stations.forEach(station -> station.begin(0));
                NetScene.Station left = scene.station(0);
                NetScene.Station right = scene.station(1);
                for (int n = 0; n < 2 * NetScene.ROOMS; n++) {
                    scene.expectExchange(left, right, n);
                }
                byte[] frame = left.frame(right.address, Ethernet.LONGEST, 1);
                long made = world.cost().hypercalls();
                RequestCost cost = scene.cost("frame of 1514 bytes, " + mode, () -> {
                    left.send(frame);
                    right.expectFrame(frame);
                });
                Expect.equal(
                        "hypercalls of a frame in mode " + mode, world.cost().hypercalls() - made, cost.hypercalls());
                world.took(cost);
            }
        }
    }
}
