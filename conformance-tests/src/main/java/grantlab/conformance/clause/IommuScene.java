package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.DriverSide;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import grantlab.virtio.device.Mmio;
import grantlab.virtio.iommu.GuestIommus;
import grantlab.virtio.iommu.Iommu;
import grantlab.virtio.iommu.IommuDriver;
import grantlab.virtio.iommu.PhysicalSide;
import grantlab.virtio.queue.DescriptorChain;

/**
 * The virtio-iommu device of the granter as a hostile guest has it, who asks for what the clause says; two devices of the grantee are behind
 * it. The page that a good request would map shows what is reached.
 */
final class IommuScene implements AutoCloseable {
    /** A device, and its endpoint. */
    static final int FIRST = 21;

    /** Another one. */
    static final int SECOND = 22;

    /** A domain of the IOMMU. */
    static final int DOMAIN = 5;

    /** A virtual address, aligned. */
    static final long VIRTUAL = 0x7000_0000L;

    /** What stands in the page. */
    static final long SECRET = 0x1357_9bdf_0246_8aceL;

    static final int READ_WRITE = Iommu.READ | Iommu.WRITE;

    /** Of a request that nobody answers. */
    static final int NO_ANSWER = 0xff;

    private static final int ANSWER_AT = 2048;

    final World world;
    final GuestKernel kernel;
    final DeviceSide first;
    final DeviceSide second;
    final Mmio registers;
    final IommuDriver driver;

    /** A page of the guest's, and where it is. */
    final long page;

    final long physical;
    private final long request;
    private final long requestPhysical;

    IommuScene(World world) {
        this.world = world;
        this.kernel = world.granter().kernel();
        this.first = plug(FIRST);
        this.second = plug(SECOND);
        this.registers = registers(world, endpoint(FIRST));
        DriverSide untranslated = new PhysicalSide(kernel);
        this.driver = new IommuDriver(registers, kernel, untranslated);
        this.page = allocate();
        this.physical = untranslated.expose(page, Page.SIZE, Access.READ | Access.WRITE);
        this.request = allocate();
        this.requestPhysical = untranslated.expose(request, Page.SIZE, Access.READ | Access.WRITE);
        world.granter().store(page, SECRET);
    }

    private long allocate() {
        long allocated = kernel.allocatePages(Page.ORDER_4K);
        Expect.holds("the guest has a page", allocated >= 0);
        return allocated;
    }

    private DeviceSide plug(int device) {
        return world.transport().device(world.grantee().kernel(), endpoint(device));
    }

    private static Endpoint endpoint(int device) {
        return new Endpoint(World.GRANTER, World.GRANTEE, device, Endpoint.Mode.POOL);
    }

    private static Mmio registers(World world, Endpoint endpoint) {
        Mmio registers = world.transport() instanceof GuestIommus iommus ? iommus.iommu(endpoint) : null;
        if (registers == null) {
            throw new IllegalStateException("the transport has no IOMMU for " + endpoint);
        }
        return registers;
    }

    /** An IOMMU that is used as it should be: the first device is in a domain, and reaches the page. */
    IommuScene attached() {
        Expect.equal("status of an attachment", Iommu.OK, driver.attach(DOMAIN, FIRST, 0));
        Expect.equal("status of a mapping", Iommu.OK, map(VIRTUAL, physical));
        expectReached();
        return this;
    }

    /** Maps a page for reading and writing in the domain. */
    int map(long virtual, long to) {
        return driver.map(DOMAIN, virtual, virtual | Page.OFFSET_MASK, to, READ_WRITE);
    }

    /** What the first device had is still there. */
    void expectReached() {
        Expect.equal("a load of the first device's", Status.OKAY, first.load(VIRTUAL, Long.BYTES));
        Expect.equal("what it reads", SECRET, first.value());
        Expect.equal("a store of the first device's", Status.OKAY, first.store(VIRTUAL + 8, Long.BYTES, 1));
    }

    /** A device reaches nothing at an address, with either access. */
    static void expectNothing(DeviceSide device, long virtual) {
        String where = " at 0x" + Long.toHexString(virtual);
        Expect.different("a load" + where, Status.OKAY, device.load(virtual, Long.BYTES));
        Expect.different("a store" + where, Status.OKAY, device.store(virtual, Long.BYTES, 0));
    }

    /**
     * A request as it stands: words that the guest writes, of which the device is shown some bytes.
     *
     * @param readable bytes that are shown
     * @param writable bytes for an answer
     * @param words of 4 bytes, from the first on
     * @return the status in the answer; NO_ANSWER when none came
     */
    int ask(int readable, int writable, int... words) {
        for (int n = 0; n < ANSWER_AT; n += Long.BYTES) {
            world.granter().store(request + n, 0);
        }
        for (int n = 0; n < words.length; n++) {
            Expect.equal("fault of a store", 0, kernel.vcpu().store(request + (long) n * Integer.BYTES, 4, words[n]));
        }
        world.granter().store(request + ANSWER_AT, -1);
        DescriptorChain chain = new DescriptorChain(2);
        if (readable > 0) {
            chain.read(requestPhysical, readable);
        }
        if (writable > 0) {
            chain.write(requestPhysical + ANSWER_AT, writable);
        }
        Expect.holds(
                "there is room for a request",
                driver.virtio().queue(Iommu.REQUESTS).add(chain) >= 0);
        driver.virtio().publish(Iommu.REQUESTS);
        if (driver.virtio().queue(Iommu.REQUESTS).poll() < 0) {
            return NO_ANSWER;
        }
        long at = request + ANSWER_AT + Math.max(0, writable - Iommu.TAIL);
        Expect.equal("fault of a load", 0, kernel.vcpu().load(at, 1));
        return (int) kernel.vcpu().value();
    }

    boolean needsReset() {
        return driver.virtio().deviceNeedsReset();
    }

    /** The guest gives the IOMMU up: its devices reach nothing any more. */
    @Override
    public void close() {
        driver.virtio().reset();
        expectNothing(first, VIRTUAL);
        expectNothing(second, VIRTUAL);
        first.close();
        second.close();
        Expect.equal("pages that are still mapped", 0, first.counts().mappingsLive + second.counts().mappingsLive);
    }
}
