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
import grantlab.conformance.Party;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.device.DeviceStatus;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.iommu.Iommu;

/**
 * What a hostile guest asks its virtio-iommu device. Each request that is wrong has its status, and then nothing has changed: the guest's
 * devices reach what they reached, and nobody else is harmed.
 */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
@Needs(transport = "foreign-mappings")
@Lacks(transport = "lazy-withdrawal")
final class VirtioIommu {
    private static final long VIRTUAL = IommuScene.VIRTUAL;
    private static final long LAST = VIRTUAL | Page.OFFSET_MASK;
    private static final int DOMAIN = IommuScene.DOMAIN;
    private static final int FIRST = IommuScene.FIRST;
    private static final int SECOND = IommuScene.SECOND;
    private static final int READ_WRITE = IommuScene.READ_WRITE;
    private static final long FREE = VIRTUAL + 0x10_0000;

    @Clause(
            id = "VIRTIO-80",
            promise =
                    "An attachment or detachment of an endpoint or a domain that there is not, with flags or reserved bytes that are"
                            + " not known, or from a domain that the endpoint is not in, is refused, and nothing has changed.",
            source = "virtio 1.2, 5.13.6.3, 5.13.6.4")
    void attachments(World world) {
        try (IommuScene scene = new IommuScene(world).attached()) {
            for (int domain : new int[] {Iommu.LAST_DOMAIN + 1, -1, Integer.MIN_VALUE}) {
                expect(Iommu.NOENT, "attaching to domain " + domain, scene.driver.attach(domain, FIRST, 0));
                expect(Iommu.NOENT, "detaching from domain " + domain, scene.driver.detach(domain, FIRST));
            }
            for (int endpoint : new int[] {0, FIRST - 1, SECOND + 1, 0x1_0000 + FIRST, -1}) {
                expect(Iommu.NOENT, "attaching endpoint " + endpoint, scene.driver.attach(DOMAIN, endpoint, 0));
                expect(Iommu.NOENT, "detaching endpoint " + endpoint, scene.driver.detach(DOMAIN, endpoint));
            }
            for (int flags : new int[] {2, 3, Integer.MIN_VALUE, -1}) {
                expect(Iommu.INVAL, "attaching with flags " + flags, scene.driver.attach(DOMAIN, FIRST, flags));
            }
            expect(Iommu.INVAL, "bypass in a domain that translates", scene.driver.attach(DOMAIN, SECOND, 1));
            expect(Iommu.INVAL, "detaching who is in none", scene.driver.detach(DOMAIN, SECOND));
            expect(
                    Iommu.INVAL,
                    "attaching with reserved bytes",
                    scene.ask(Iommu.ATTACH_SIZE, Iommu.TAIL, Iommu.ATTACH, DOMAIN, SECOND, 0, 1));
            expect(
                    Iommu.INVAL,
                    "detaching with reserved bytes",
                    scene.ask(Iommu.ATTACH_SIZE, Iommu.TAIL, Iommu.DETACH, DOMAIN, FIRST, 0, 1));
            IommuScene.expectNothing(scene.second, VIRTUAL);
            scene.expectReached();
        }
    }

    @Clause(
            id = "VIRTIO-81",
            promise =
                    "A mapping that is not aligned, empty, backwards, beyond the range, of the reserved page, over another one, with no"
                            + " flags or unknown ones, or in a domain that there is not, is refused: nothing is reached there, and what was"
                            + " mapped still is.",
            source = "virtio 1.2, 5.13.6.5")
    void mappings(World world) {
        try (IommuScene scene = new IommuScene(world).attached()) {
            long to = scene.physical;
            long[][] wrong = {
                // first, last, physical, flags, status
                {FREE + 1, FREE | 0xfff, to, READ_WRITE, Iommu.RANGE},
                {FREE, FREE + 0xffe, to, READ_WRITE, Iommu.RANGE},
                {FREE, FREE | 0xfff, to + 8, READ_WRITE, Iommu.RANGE},
                {FREE, FREE - 1, to, READ_WRITE, Iommu.RANGE},
                {FREE, FREE - 0x1001, to, READ_WRITE, Iommu.RANGE},
                {FREE, Iommu.LAST_ADDRESS + 0x1000, to, READ_WRITE, Iommu.RANGE},
                {Iommu.LAST_ADDRESS + 1, Iommu.LAST_ADDRESS + 0x1000, to, READ_WRITE, Iommu.RANGE},
                {-0x1000, -1, to, READ_WRITE, Iommu.RANGE},
                {FREE, -1, to, READ_WRITE, Iommu.RANGE},
                {0, 0xfff, to, READ_WRITE, Iommu.INVAL},
                {0, LAST - Page.SIZE, to, READ_WRITE, Iommu.INVAL},
                {VIRTUAL, LAST, to, READ_WRITE, Iommu.INVAL},
                {VIRTUAL - 0x1000, VIRTUAL + 0x1fff, to, READ_WRITE, Iommu.INVAL},
                {VIRTUAL - 0x1000, LAST, to, READ_WRITE, Iommu.INVAL},
                {VIRTUAL, LAST + 0x1000, to, READ_WRITE, Iommu.INVAL},
                {FREE, FREE | 0xfff, -0x1000, READ_WRITE, Iommu.INVAL},
                {FREE, FREE | 0xfff, to, 0, Iommu.INVAL},
                {FREE, FREE | 0xfff, to, 4, Iommu.INVAL},
                {FREE, FREE | 0xfff, to, -1, Iommu.INVAL},
            };
            for (long[] each : wrong) {
                expect(
                        (int) each[4],
                        "mapping 0x" + Long.toHexString(each[0]) + " to 0x" + Long.toHexString(each[1]),
                        scene.driver.map(DOMAIN, each[0], each[1], each[2], (int) each[3]));
            }
            for (int domain : new int[] {DOMAIN + 1, 0, -1, Iommu.LAST_DOMAIN + 1}) {
                expect(
                        Iommu.NOENT,
                        "mapping in domain " + domain,
                        scene.driver.map(domain, FREE, FREE | 0xfff, to, READ_WRITE));
            }
            for (long nothing : new long[] {FREE, FREE - 0x1000, 0, VIRTUAL - 0x1000, VIRTUAL + 0x1000, -0x1000}) {
                IommuScene.expectNothing(scene.first, nothing);
            }
            scene.expectReached();
            expect(Iommu.OK, "mapping where that may be", scene.map(FREE, to));
            Expect.equal("a load there", Status.OKAY, scene.first.load(FREE, 8));
        }
    }

    @Clause(
            id = "VIRTIO-82",
            promise =
                    "A range that cuts a mapping, is backwards or beyond the range, is in a domain that there is not, or has reserved"
                            + " bytes, is not unmapped, not a page of it; what is unmapped is not reached, whoever had it.",
            source = "virtio 1.2, 5.13.6.6")
    void unmappings(World world) {
        try (IommuScene scene = new IommuScene(world).attached()) {
            expect(
                    Iommu.OK,
                    "mapping two pages at once",
                    scene.driver.map(DOMAIN, FREE, FREE + 0x1fff, scene.physical - 0x1000, READ_WRITE));
            Expect.equal("a load of the second", Status.OKAY, scene.first.load(FREE + 0x1000, 8));
            long[][] wrong = {
                {FREE, FREE | 0xfff},
                {FREE + 0x1000, FREE + 0x1fff},
                {VIRTUAL, FREE | 0xfff},
                {FREE + 0x1000, Iommu.LAST_ADDRESS},
                {VIRTUAL, VIRTUAL + 7},
                {VIRTUAL, VIRTUAL - 1},
                {VIRTUAL, Iommu.LAST_ADDRESS + 1},
                {0, -1},
                {-0x1000, -1}
            };
            for (long[] each : wrong) {
                expect(
                        Iommu.RANGE,
                        "unmapping 0x" + Long.toHexString(each[0]) + " to 0x" + Long.toHexString(each[1]),
                        scene.driver.unmap(DOMAIN, each[0], each[1]));
            }
            for (int domain : new int[] {DOMAIN + 1, -1}) {
                expect(Iommu.NOENT, "unmapping in domain " + domain, scene.driver.unmap(domain, VIRTUAL, LAST));
            }
            int[] words = {
                Iommu.UNMAP, DOMAIN, (int) VIRTUAL, (int) (VIRTUAL >>> 32), (int) LAST, (int) (LAST >>> 32), 1
            };
            expect(Iommu.INVAL, "unmapping with reserved bytes", scene.ask(Iommu.UNMAP_SIZE, Iommu.TAIL, words));
            scene.expectReached();
            Expect.equal("a load of the second page", Status.OKAY, scene.first.load(FREE + 0x1000, 8));
            expect(Iommu.OK, "unmapping all of it", scene.driver.unmap(DOMAIN, 0, Iommu.LAST_ADDRESS));
            IommuScene.expectNothing(scene.first, VIRTUAL);
            IommuScene.expectNothing(scene.first, FREE + 0x1000);
        }
    }

    @Clause(
            id = "VIRTIO-83",
            promise =
                    "A request that is none (of an unknown type, too short, with reserved bytes) is answered so and the queue goes on;"
                            + " one without room for a head or an answer breaks the queue, and until the reset nothing more is answered."
                            + " Another guest's IOMMU goes on meanwhile.",
            source = "virtio 1.2, 5.13.6")
    void requestsThatAreNone(World world) {
        try (ConsoleScene other = new ConsoleScene(world, world.neighbour(), Endpoint.Mode.STREAMING)) {
            other.begin(0);
            int[][] broken = {{0, Iommu.TAIL}, {Iommu.HEAD - 1, Iommu.TAIL}, {Iommu.ATTACH_SIZE, Iommu.TAIL - 1}};
            for (int[] lengths : broken) {
                try (IommuScene scene = new IommuScene(world).attached()) {
                    for (int type : new int[] {0, 6, 0x80, 0xff}) {
                        expect(Iommu.UNSUPP, "type " + type, scene.ask(Iommu.MAP_SIZE, Iommu.TAIL, type));
                    }
                    for (int type : new int[] {0x101, 0x8000_0003, 0xffff_ff04}) {
                        expect(Iommu.INVAL, "a reserved byte", scene.ask(Iommu.MAP_SIZE, Iommu.TAIL, type));
                    }
                    expect(Iommu.INVAL, "a short ATTACH", scene.ask(Iommu.ATTACH_SIZE - 1, Iommu.TAIL, Iommu.ATTACH));
                    expect(Iommu.INVAL, "a short DETACH", scene.ask(Iommu.HEAD, Iommu.TAIL, Iommu.DETACH));
                    expect(Iommu.INVAL, "a short MAP", scene.ask(Iommu.MAP_SIZE - 1, Iommu.TAIL, Iommu.MAP));
                    expect(Iommu.INVAL, "a short UNMAP", scene.ask(Iommu.UNMAP_SIZE - 1, Iommu.TAIL, Iommu.UNMAP));
                    expect(Iommu.INVAL, "a short PROBE", scene.ask(Iommu.PROBE_SIZE - 1, Iommu.TAIL, Iommu.PROBE));
                    expect(
                            Iommu.INVAL,
                            "a PROBE without room",
                            scene.ask(Iommu.PROBE_SIZE, Iommu.TAIL, Iommu.PROBE, FIRST));
                    expect(
                            Iommu.NOENT,
                            "a PROBE of an endpoint that there is not",
                            scene.ask(Iommu.PROBE_SIZE, Iommu.PROPERTIES + Iommu.TAIL, Iommu.PROBE, FIRST - 1));
                    scene.expectReached();
                    Expect.holdsNot("the IOMMU needs a reset", scene.needsReset());
                    expect(IommuScene.NO_ANSWER, "no request at all", scene.ask(lengths[0], lengths[1], Iommu.DETACH));
                    Expect.holds("the IOMMU needs a reset", scene.needsReset());
                    expect(IommuScene.NO_ANSWER, "a request after that", scene.ask(20, Iommu.TAIL, Iommu.DETACH));
                    other.expectPrinted(BlockScene.pattern(1));
                    other.expectTyped(BlockScene.pattern(2));
                }
            }
        }
    }

    @Clause(
            id = "VIRTIO-84",
            promise =
                    "A guest maps what is not its own: its IOMMU knows no better and says that it is mapped, and its devices reach"
                            + " nothing there. Another guest's page is as it was.",
            source = "docs/virtio.md, the IOMMU; xen-semantics.md, foreign mappings")
    void framesOfOthers(World world) {
        Party neighbour = world.neighbour();
        neighbour.store(neighbour.page(0), IommuScene.SECRET + 1);
        try (IommuScene scene = new IommuScene(world).attached()) {
            long[] others = world.granter().translated()
                    ? new long[] {1L << 24, 1L << 36}
                    : new long[] {neighbour.pageFrame(0), world.grantee().machineFrame(0), 1L << 24, 1L << 36};
            long at = FREE;
            for (long frame : others) {
                expect(Iommu.OK, "mapping frame 0x" + Long.toHexString(frame), scene.map(at, Page.address(frame)));
                IommuScene.expectNothing(scene.first, at);
                at += Page.SIZE;
            }
            scene.expectReached();
        }
        Expect.equal("what the other guest has", IommuScene.SECRET + 1, neighbour.load(neighbour.page(0)));
    }

    @Clause(
            id = "VIRTIO-85",
            promise =
                    "A device reaches what its domain maps, and nothing when it is in none: not before it was attached, not after it"
                            + " was detached or moved, not after its IOMMU was reset. Faults are told, and no more of them wait than"
                            + " there is room for.",
            source = "virtio 1.2, 5.13.6.3, 5.13.6.4, 5.13.6.9")
    void inNoDomain(World world) {
        try (IommuScene scene = new IommuScene(world).attached()) {
            IommuScene.expectNothing(scene.second, VIRTUAL);
            IommuScene.expectNothing(scene.second, scene.physical);
            expect(Iommu.OK, "attaching the second", scene.driver.attach(DOMAIN, SECOND, 0));
            Expect.equal("a load of the second's", Status.OKAY, scene.second.load(VIRTUAL, 8));
            expect(Iommu.OK, "moving it", scene.driver.attach(DOMAIN + 1, SECOND, 0));
            IommuScene.expectNothing(scene.second, VIRTUAL);
            scene.expectReached();
            expect(Iommu.OK, "detaching the first", scene.driver.detach(DOMAIN, FIRST));
            IommuScene.expectNothing(scene.first, VIRTUAL);
            IommuScene.expectNothing(scene.first, scene.physical);
            expect(Iommu.OK, "attaching it again", scene.driver.attach(DOMAIN, FIRST, 0));
            IommuScene.expectNothing(scene.first, VIRTUAL);
            int told = scene.driver.faults().size();
            for (int n = 0; n < 1000; n++) {
                scene.first.load(VIRTUAL, 8);
            }
            told += scene.driver.faults().size();
            Expect.holds("faults are told", told > 0);
            int more = scene.driver.faults().size();
            for (int n = 0; n < 100 && more > 0; n++) {
                told += more;
                more = scene.driver.faults().size();
            }
            Expect.holds("no more than there is room for, not " + told, told < 200);
            expect(Iommu.OK, "mapping", scene.map(VIRTUAL, scene.physical));
            scene.expectReached();
            scene.registers.write(Mmio.STATUS, 0);
            IommuScene.expectNothing(scene.first, VIRTUAL);
            IommuScene.expectNothing(scene.first, scene.physical);
            Expect.holdsNot(
                    "a device that was reset asks for more",
                    (scene.registers.read(Mmio.STATUS) & DeviceStatus.DEVICE_NEEDS_RESET) != 0);
        }
    }

    private static void expect(int status, String request, int got) {
        Expect.equal("status of " + request, (Object) status, got);
    }
}
