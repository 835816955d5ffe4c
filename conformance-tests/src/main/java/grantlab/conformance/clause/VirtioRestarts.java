package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.abi.VdomidBind;
import grantlab.api.memory.Page;
import grantlab.api.transport.DeviceSide;
import grantlab.api.transport.Endpoint;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.Takes;
import grantlab.conformance.World;
import grantlab.virtio.block.Block;
import grantlab.virtio.block.BlockDriver;
import grantlab.virtio.block.Disk;
import grantlab.virtio.block.MemoryDisk;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The whole domain of a device comes and goes behind a virtual domid, and its driver goes on. */
@Takes({Member.TRANSPORT, Member.QUEUE})
@Concerns(Member.IOMMU)
@Needs(format = "layout-tree", transport = "use-is-seen")
final class VirtioRestarts {
    private static final int VIRTUAL = VdomidBind.FIRST_VIRTUAL + 3;
    private static final int WRITES = 5;
    private static final int SECTORS_EACH = 8;

    /** The first of the domains that come. */
    private static final int NEXT_DOMID = 10;

    /** When the domain dies. */
    private enum Moment {
        /** Before its device has looked at anything. */
        BEFORE,

        /** In the midst of a request: some of its blocks are written. */
        WITHIN,

        /** When all is done, and the driver has not looked yet. */
        AFTER
    }

    /** Nothing runs any more in a domain that is gone: what its device was doing ends here. */
    private static final class DiedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Blocks in memory, outside of any domain; when they are written somebody may die. */
    private static final class Storage implements Disk {
        private final MemoryDisk blocks = new MemoryDisk(BlockScene.SECTORS);

        /** What happens at the write after so many; none: below 0. */
        private int writesLeft = -1;

        private Runnable death = () -> {};

        void dieAt(int writes, Runnable dies) {
            writesLeft = writes;
            death = dies;
        }

        @Override
        public long sectors() {
            return blocks.sectors();
        }

        @Override
        public void read(long position, MemorySegment into, int length) {
            blocks.read(position, into, length);
        }

        @Override
        public void write(long position, MemorySegment from, int length) {
            if (writesLeft == 0) {
                writesLeft = -1;
                blocks.write(position, from, length / 2);
                death.run();
                throw new DiedException();
            }
            writesLeft--;
            blocks.write(position, from, length);
        }

        @Override
        public void flush() {
            blocks.flush();
        }

        @Override
        public void discard(long position, long length) {
            blocks.discard(position, length);
        }

        @Override
        public void close() {
            blocks.close();
        }
    }

    @Clause(
            id = "VIRTIO-26",
            promise =
                    "When the domain of a device is destroyed, before, within or after its requests, and the toolstack binds another"
                            + " one to its virtual domid, the driver goes on by the same tree: each request is done once and nothing is"
                            + " lost, again and again, also when the new domain has the number of the old one.",
            source = "grant-v3.md, 11, 12 (VIRTIO-4), VDOM-7")
    void domainIsRestarted(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            Toolstack toolstack = Toolstack.of(world);
            toolstack.bind(World.GRANTER, VIRTUAL, World.GRANTEE, VdomidBind.AUTO_RESUME);
            Storage storage = new Storage();
            try (BlockScene scene = BlockScene.behind(world, VIRTUAL, mode, storage);
                    BlockDriver driver = scene.begin(0)) {
                long[] pages = new long[WRITES];
                Arrays.setAll(pages, n -> scene.page());
                int round = 0;
                for (Moment moment : Moment.values()) {
                    round++;
                    int[] numbers = submitWrites(scene, driver, pages, round);
                    world.step("mode " + mode + ": d" + scene.backend.domid() + " dies " + moment);
                    die(scene, storage, moment);
                    Party next = domain(world, moment == Moment.AFTER ? World.GRANTEE : NEXT_DOMID + round);
                    toolstack.bind(World.GRANTER, VIRTUAL, next.domid(), VdomidBind.AUTO_RESUME);
                    scene.plugInto(next);
                    driver.resume(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
                    driver.publish();
                    scene.device.work();
                    for (int number : numbers) {
                        Expect.equal("request that is done", number, driver.complete());
                        Expect.equal("its status", Block.OK, driver.status(number));
                    }
                    Expect.equal("requests that are done besides", BlockDriver.NONE, driver.complete());
                    expectWritten(scene, driver, round);
                }
                Expect.holds("memory comes back", driver.reset());
                for (long page : pages) {
                    VirtioMemory.expectPrivate(scene, page);
                    scene.kernel.freePages(page, Page.ORDER_4K);
                }
            }
        }
    }

    private static Party domain(World world, int domid) {
        return world.boot(
                world.config(domid, world.combination().granteePaging().name()));
    }

    private static int[] submitWrites(BlockScene scene, BlockDriver driver, long[] pages, int seed) {
        int[] numbers = new int[WRITES];
        for (int n = 0; n < WRITES; n++) {
            scene.put(pages[n], BlockScene.pattern(seed * WRITES + n));
            numbers[n] = driver.submit(Block.OUT, (long) SECTORS_EACH * n, pages[n], Page.SIZE);
            Expect.holds("the driver has room for a request", numbers[n] >= 0);
        }
        driver.publish();
        return numbers;
    }

    private static void die(BlockScene scene, Storage storage, Moment moment) {
        Runnable death = () -> scene.world.destroy(scene.backend);
        switch (moment) {
            case BEFORE -> death.run();
            case WITHIN -> {
                storage.dieAt(WRITES / 2, death);
                boolean died = false;
                try {
                    scene.device.work();
                } catch (DiedException e) {
                    died = true;
                }
                Expect.holds("the domain died within a request", died);
            }
            case AFTER -> {
                scene.device.work();
                death.run();
            }
        }
    }

    private static void expectWritten(BlockScene scene, BlockDriver driver, int seed) {
        long page = scene.page();
        for (int n = 0; n < WRITES; n++) {
            Expect.equal(
                    "status of a read",
                    Block.OK,
                    scene.perform(driver, Block.IN, (long) SECTORS_EACH * n, page, Page.SIZE));
            Expect.holds(
                    "write " + n + " is on the disk",
                    Arrays.equals(BlockScene.pattern(seed * WRITES + n), scene.get(page)));
        }
        scene.give(page);
    }

    @Clause(
            id = "VIRTIO-27",
            promise =
                    "A domain that lives on while the toolstack binds another one in its place, with force, reaches nothing of the"
                            + " driver any more, whatever its device had mapped; what was in flight is done by the other one.",
            source = "grant-v3.md, 11, VDOM-4, SEC-10")
    void domainIsReplacedAlive(World world) {
        for (Endpoint.Mode mode : BlockScene.modes(world)) {
            Toolstack toolstack = Toolstack.of(world);
            toolstack.bind(World.GRANTER, VIRTUAL, World.GRANTEE, VdomidBind.AUTO_RESUME | VdomidBind.FORCE);
            try (BlockScene scene = BlockScene.behind(world, VIRTUAL, mode, new Storage());
                    BlockDriver driver = scene.begin(0)) {
                long[] pages = new long[WRITES];
                Arrays.setAll(pages, n -> scene.page());
                scene.expectService(driver);
                int[] numbers = submitWrites(scene, driver, pages, 1);
                long used = scene.page();
                long bus = scene.expose(used, Access.READ | Access.WRITE);
                DeviceSide old = scene.deviceSide;
                Expect.equal("a load of the old domain's", 0, old.load(bus, Long.BYTES));
                world.step("mode " + mode + ": another domain takes the place of one that lives");
                Party next = world.third();
                toolstack.bind(World.GRANTER, VIRTUAL, next.domid(), VdomidBind.AUTO_RESUME | VdomidBind.FORCE);
                VirtioMemory.expectPrivate(scene, used);
                Expect.different("a load that the old domain maps anew", 0, reloaded(old, bus));
                scene.plugInto(next);
                driver.resume(BlockScene.BLOCK_FEATURES | scene.layout(), BlockScene.QUEUE);
                driver.publish();
                scene.device.work();
                for (int number : numbers) {
                    Expect.equal("request that is done", number, driver.complete());
                    Expect.equal("its status", Block.OK, driver.status(number));
                }
                expectWritten(scene, driver, 1);
                old.close();
                Expect.equal("withdrawing what the old domain used", 0, scene.driverSide.withdraw(bus, Page.SIZE));
                Expect.holds("memory comes back", driver.reset());
                for (long page : pages) {
                    VirtioMemory.expectPrivate(scene, page);
                    scene.kernel.freePages(page, Page.ORDER_4K);
                }
            }
        }
    }

    /** What it remembers is let go first: then the hypervisor is asked. */
    private static int reloaded(DeviceSide old, long bus) {
        old.release();
        return old.load(bus, Long.BYTES);
    }
}
