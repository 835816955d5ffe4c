package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.RequestCost;
import grantlab.conformance.World;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.device.VirtioDevice;
import grantlab.virtio.net.Ethernet;
import grantlab.virtio.net.LearningSwitch;
import grantlab.virtio.net.Net;
import grantlab.virtio.net.NetDevice;
import grantlab.virtio.net.NetDriver;
import grantlab.virtio.queue.Feature;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A switch in the grantee with network devices at it, each driven by a guest, over the combination's transport and with queues as the
 * combination says. The devices work when the clause says so.
 */
final class NetScene implements AutoCloseable {
    /** Entries of each queue. */
    static final int QUEUE = 16;

    /** Pages that a driver receives into. */
    static final int ROOMS = 4;

    /** Content of frames that are to be told apart. */
    static final int LENGTH = 400;

    private static final int FIRST_DEVICE = 7;
    private static final long FIRST_ADDRESS = 0x0200_5e00_0010L;
    private static final int MOST_ROUNDS = 1000;

    final World world;
    final List<Station> stations = new ArrayList<>();
    private final LearningSwitch network = new LearningSwitch();
    private final Endpoint.Mode mode;
    private boolean rung;
    private long registerExits;

    /** A device for each of some guests; one that stands there twice has two. */
    NetScene(World world, Endpoint.Mode mode, Party... guests) {
        this.world = world;
        this.mode = mode;
        for (Party guest : guests) {
            stations.add(new Station(guest, stations.size()));
        }
    }

    /** Granter, neighbour, and once more the granter, with drivers that have agreed. */
    static NetScene ofThree(World world, Endpoint.Mode mode, long features) {
        NetScene scene = new NetScene(world, mode, world.granter(), world.neighbour(), world.granter());
        scene.stations.forEach(station -> station.begin(features));
        return scene;
    }

    Station station(int n) {
        return stations.get(n);
    }

    /** All devices, until nobody has anything to do. */
    void work() {
        int rounds = 0;
        do {
            Expect.holds("the devices come to an end", rounds < MOST_ROUNDS);
            rung = false;
            boolean more = false;
            for (Station station : stations) {
                more |= station.device.work();
            }
            rung |= more;
            rounds++;
        } while (rung);
    }

    /** What something takes, of all sides and registers. */
    RequestCost cost(String request, Runnable performed) {
        return Meter.cost(
                request,
                stations.stream()
                        .flatMap(station -> Stream.of(station.driverSide.counts(), station.deviceSide.counts()))
                        .toList(),
                () -> registerExits,
                performed);
    }

    /** A guest and its device. */
    final class Station implements AutoCloseable {
        final GuestKernel kernel;
        final DriverSide driverSide;
        final DeviceSide deviceSide;
        final NetDevice net;
        final VirtioDevice device;
        final Mmio registers;
        final long address;
        final NetDriver driver;

        private final long page;

        private final Party guest;

        private Station(Party guest, int n) {
            this.guest = guest;
            this.address = FIRST_ADDRESS + n;
            this.kernel = guest.kernel();
            Endpoint endpoint = new Endpoint(guest.domid(), World.GRANTEE, FIRST_DEVICE + n, mode);
            this.driverSide = world.transport().driver(kernel, endpoint);
            this.deviceSide = world.transport().device(world.grantee().kernel(), endpoint);
            this.net = new NetDevice(network, address, QUEUE);
            this.device = new VirtioDevice(net, deviceSide, Feature.ALL, QUEUE, () -> rung = true, () -> {});
            this.registers = new Mmio() {
                @Override
                public int read(int offset) {
                    registerExits++;
                    return device.read(offset);
                }

                @Override
                public void write(int offset, int value) {
                    registerExits++;
                    device.write(offset, value);
                }
            };
            this.driver = new NetDriver(registers, kernel, driverSide, mode, ROOMS);
            this.page = kernel.allocatePages(Page.ORDER_4K);
            Expect.holds("the guest has a page", page >= 0);
        }

        void begin(long features) {
            long layout = BlockScene.packed(world) ? Feature.RING_PACKED : 0;
            driver.begin(Net.F_MAC | Net.F_STATUS | layout | features, QUEUE);
            Expect.equal("address that the driver finds", address, driver.address());
            Expect.holds("the link is up", driver.linkUp());
        }

        /** A queue that the clause writes itself. */
        RawQueue raw(int number) {
            return new RawQueue(world, kernel, driverSide, registers, NetScene.this::work, number);
        }

        /** A frame from this station, with content that a seed says. */
        byte[] frame(long destination, int length, int seed) {
            return NetScene.frame(destination, address, length, seed);
        }

        /** Sends, and the device has done with it. */
        void send(byte[] frame) {
            store(page, frame);
            int number = driver.send(page, frame.length);
            Expect.holds("there is room to send", number >= 0);
            driver.publish();
            work();
            Expect.equal("frame that is done", number, driver.sent());
        }

        /** What came, if something did. */
        byte[] receive() {
            byte[] into = new byte[Ethernet.LONGEST];
            int length = driver.receive(MemorySegment.ofArray(into));
            Expect.holds("the queue to receive is whole", length != NetDriver.BROKEN);
            return length < 0 ? new byte[0] : Arrays.copyOf(into, length);
        }

        void expectFrame(byte[] frame) {
            Expect.holds(guest + " receives what was sent, whole", Arrays.equals(frame, receive()));
        }

        void expectNothing() {
            Expect.equal("bytes that " + guest + " receives besides", 0, receive().length);
        }

        /** The page that it sends from. */
        long page() {
            return page;
        }

        long exposedPage() {
            long bus = driverSide.expose(page, Page.SIZE, Access.READ | Access.WRITE);
            Expect.different("bus address of a page", DriverSide.NONE, bus);
            return bus;
        }

        void store(byte[] bytes) {
            store(page, bytes);
        }

        void store(long at, byte[] bytes) {
            Expect.equal("fault of a store", 0, kernel.vcpu().storeBytes(at, MemorySegment.ofArray(bytes)));
        }

        byte[] load(long at) {
            byte[] bytes = new byte[Page.SIZE];
            Expect.equal("fault of a load", 0, kernel.vcpu().loadBytes(at, MemorySegment.ofArray(bytes)));
            return bytes;
        }

        long frameOf(long at) {
            return guest.domain().physicalMap().machineFrame(kernel.frameOf(at));
        }

        boolean needsReset() {
            return driver.virtio().deviceNeedsReset();
        }

        @Override
        public void close() {
            driver.close();
            deviceSide.close();
            driverSide.close();
            kernel.freePages(page, Page.ORDER_4K);
            Expect.equal("pages of " + guest + " that are still mapped", 0, deviceSide.counts().mappingsLive);
        }
    }

    static byte[] frame(long destination, long source, int length, int seed) {
        byte[] frame = Arrays.copyOf(BlockScene.pattern(seed), length);
        for (int n = 0; n < Ethernet.ADDRESS; n++) {
            int shift = (Ethernet.ADDRESS - 1 - n) * Byte.SIZE;
            frame[n] = (byte) (destination >>> shift);
            frame[Ethernet.ADDRESS + n] = (byte) (source >>> shift);
        }
        return frame;
    }

    /** Two stations send to each other, and nobody else hears it. */
    void expectExchange(Station one, Station other, int seed) {
        for (Station[] pair : new Station[][] {{one, other}, {other, one}}) {
            byte[] frame = pair[0].frame(pair[1].address, LENGTH, seed);
            pair[0].send(frame);
            pair[1].expectFrame(frame);
            Expect.holdsNot("a device needs a reset", pair[0].needsReset());
        }
        one.expectNothing();
        other.expectNothing();
    }

    @Override
    public void close() {
        stations.forEach(Station::close);
    }
}
