package grantlab.conformance.clause;

import static grantlab.conformance.clause.DeviceSight.CONFINED;
import static grantlab.conformance.clause.FrameAllocations.WITH_GIANT;
import static grantlab.conformance.clause.OwnRam.BLOCK;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnSpace.READ_WRITE;

import grantlab.api.Access;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** What devices remember of their table, and what makes them forget it. */
@Needs(iommu = CONFINED)
final class DmaMemories {
    private static final String SOURCE = "DeviceSpace: the cache is a real one; queueInvalidation, drain, remembers";
    private static final int[] ORDERS = {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G};
    private static final long GIANT = 1L << Page.ORDER_1G;

    /** Of the frame that is read. */
    private static final long WITHIN = 3 * BLOCK + 300;

    /** A frame in a block of 1 GiB of RAM, with its own number in it. */
    private static long target(OwnSpace own) {
        long mfn = own.ram.exactly(OTHER, GIANT + WITHIN);
        own.ram.memory().store64(Page.address(mfn), mfn);
        return mfn;
    }

    private static void gone(OwnSpace own, Device device, long mfn) {
        Expect.holdsNot("remembered", own.space.remembers(mfn));
        OwnSpace.fault("a read", DeviceFault.NOT_MAPPED, OwnSpace.read(device, own.address(mfn)));
    }

    @Clause(
            id = "DMA-51",
            promise =
                    "What a device has found, in a page or in a block, it finds until a range that it stands in is invalidated and"
                            + " drained, of whatever size; other ranges leave it.",
            source = SOURCE)
    void remembered(World world) {
        try (OwnSpace own = OwnSpace.of(world, WITH_GIANT)) {
            DeviceSpace space = own.space;
            Device device = space.attach();
            long mfn = target(own);
            for (int order : ORDERS) {
                for (int range : ORDERS) {
                    world.step("an entry of order " + order + ", a range of order " + range);
                    long first = mfn & -(1L << order);
                    own.show(first, order, READ_WRITE);
                    Expect.holdsNot("remembered before it was found", space.remembers(mfn));
                    OwnSpace.reads(device, own.address(mfn), mfn);
                    own.hide(first, order, READ_WRITE);
                    Expect.equal("entry", DeviceSpace.NO_ENTRY, space.entry(own.place(mfn)));
                    Expect.holds("remembered", space.remembers(mfn));
                    OwnSpace.reads(device, own.address(mfn), mfn);
                    Expect.holdsNot("a frame elsewhere", space.remembers(mfn + (1L << 19)));
                    long place = own.place(mfn) & -(1L << range);
                    long wide = 1L << Math.max(order, range);
                    space.queueInvalidation(place ^ wide, range);
                    space.queueInvalidation(place ^ 2 * wide, range);
                    Expect.status("a drain", 0, space.drain());
                    Expect.holds("remembered still", space.remembers(mfn));
                    OwnSpace.reads(device, own.address(mfn), mfn);
                    space.queueInvalidation(place, range);
                    Expect.holds("remembered until it is drained", space.remembers(mfn));
                    Expect.status("a drain", 0, space.drain());
                    gone(own, device, mfn);
                }
            }
        }
    }

    @Clause(
            id = "DMA-52",
            promise =
                    "Rights are remembered too: a write goes on until what has become read-only is forgotten, and is refused until"
                            + " what has become writable is.",
            source = SOURCE)
    void rights(World world) {
        try (OwnSpace own = OwnSpace.of(world, WITH_GIANT)) {
            Device device = own.space.attach();
            long mfn = target(own);
            for (int order : ORDERS) {
                world.step("order " + order);
                long first = mfn & -(1L << order);
                own.show(first, order, READ_WRITE);
                OwnSpace.fault("a write", 0, OwnSpace.write(device, own.address(mfn), 1));
                own.protect(first, order);
                OwnSpace.fault("a write", 0, OwnSpace.write(device, own.address(mfn), 2));
                own.forget(first, order);
                OwnSpace.fault("a write", DeviceFault.NOT_WRITABLE, OwnSpace.write(device, own.address(mfn), 3));
                OwnSpace.reads(device, own.address(mfn), 2);
                own.show(first, order, READ_WRITE);
                OwnSpace.fault("a write", DeviceFault.NOT_WRITABLE, OwnSpace.write(device, own.address(mfn), 3));
                own.forget(first, order);
                OwnSpace.fault("a write", 0, OwnSpace.write(device, own.address(mfn), 4));
                own.hide(first, order, READ_WRITE);
                own.forget(first, order);
                if (own.busIsMachine()) {
                    own.hide(first, order, Access.READ);
                    own.forget(first, order);
                }
                gone(own, device, mfn);
            }
        }
    }

    @Clause(
            id = "DMA-53",
            promise =
                    "However many ranges are queued, none is lost: each is forgotten for itself, or the queue ran over and everything is.",
            source = SOURCE)
    void queueRunsOver(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            DeviceSpace space = own.space;
            Device device = space.attach();
            long gone = own.shown(own.ram.frame(OTHER), READ_WRITE);
            long stays = own.shown(own.ram.frame(OTHER), READ_WRITE);
            long block = own.ram.block(OTHER, Page.ORDER_2M);
            own.ram.memory().store64(Page.address(block), block);
            own.show(block, Page.ORDER_2M, READ_WRITE);
            boolean ranOver = false;
            for (int ranges : new int[] {1, 2, 255, 256, 257, 1000, 3}) {
                world.step(ranges + " ranges");
                OwnSpace.reads(device, own.address(gone), gone);
                OwnSpace.reads(device, own.address(stays), stays);
                OwnSpace.reads(device, own.address(block), block);
                own.hide(gone, Page.ORDER_4K, READ_WRITE);
                long each = space.counts().invalidations();
                long all = space.counts().globalInvalidations();
                for (int n = 1; n < ranges; n++) {
                    space.queueInvalidation((1L << 29) + n, Page.ORDER_4K);
                }
                space.queueInvalidation(own.place(gone), Page.ORDER_4K);
                Expect.status("a drain", 0, space.drain());
                gone(own, device, gone);
                boolean everything = space.counts().globalInvalidations() != all;
                Expect.equal(
                        "times that everything went",
                        all + (everything ? 1 : 0),
                        space.counts().globalInvalidations());
                Expect.equal(
                        "ranges",
                        each + (everything ? 0 : ranges),
                        space.counts().invalidations());
                Expect.equal("what was not named is remembered", !everything, space.remembers(stays));
                Expect.equal("a block that was not named is", !everything, space.remembers(block));
                Expect.holds("a queue that ran over does so with more", !ranOver || everything || ranges == 3);
                ranOver = everything;
                own.show(gone, Page.ORDER_4K, READ_WRITE);
            }
            Expect.holdsNot("it is empty again", ranOver);
            long drains = space.counts().drains();
            Expect.status("a drain of nothing", 0, space.drain());
            Expect.equal("drains", drains + 1, space.counts().drains());
            Expect.holds("remembered", space.remembers(stays));
        }
    }

    @Clause(
            id = "DMA-54",
            promise =
                    "However many pages and blocks a device uses in turn, each leads to its own frame, and is forgotten when it is named.",
            source = SOURCE)
    void many(World world) {
        try (OwnSpace own = OwnSpace.of(world)) {
            Device device = own.space.attach();
            long block = own.ram.block(OTHER, Page.ORDER_2M);
            own.ram.memory().store64(Page.address(block), block);
            for (long mfn = block; mfn < block + BLOCK; mfn++) {
                own.shown(mfn, READ_WRITE);
            }
            for (int turn = 0; turn < 2; turn++) {
                for (long mfn = block; mfn < block + BLOCK; mfn++) {
                    OwnSpace.reads(device, own.address(mfn), mfn);
                }
            }
            for (long mfn = block; mfn < block + BLOCK; mfn += 2) {
                own.hide(mfn, Page.ORDER_4K, READ_WRITE);
                own.space.queueInvalidation(own.place(mfn), Page.ORDER_4K);
            }
            own.space.drain();
            for (long mfn = block; mfn < block + BLOCK; mfn += 2) {
                gone(own, device, mfn);
                OwnSpace.reads(device, own.address(mfn + 1), mfn + 1);
                own.hide(mfn + 1, Page.ORDER_4K, READ_WRITE);
            }
            own.forget(block, Page.ORDER_2M);
            for (long mfn = block; mfn < block + BLOCK; mfn++) {
                gone(own, device, mfn);
            }
        }
    }

    @Clause(id = "DMA-55", promise = "So with blocks.", source = SOURCE)
    void manyBlocks(World world) {
        try (OwnSpace own = OwnSpace.of(world, WITH_GIANT)) {
            Device device = own.space.attach();
            int blocks = 80;
            for (int n = 0; n < blocks; n++) {
                own.show(GIANT + (long) n * BLOCK, Page.ORDER_2M, Access.READ);
                own.ram.memory().store64(Page.address(own.ram.exactly(OTHER, frameOf(n))), n);
            }
            for (int turn = 0; turn < 2; turn++) {
                for (int n = 0; n < blocks; n++) {
                    OwnSpace.reads(device, own.address(frameOf(n)), n);
                }
            }
            for (int n = 0; n < blocks; n++) {
                own.hide(GIANT + (long) n * BLOCK, Page.ORDER_2M, Access.READ);
                own.forget(GIANT + (long) n * BLOCK, Page.ORDER_2M);
                gone(own, device, frameOf(n));
                if (n + 1 < blocks) {
                    OwnSpace.reads(device, own.address(frameOf(n + 1)), n + 1);
                }
            }
        }
    }

    /** The frame of a block that is read. */
    private static long frameOf(int block) {
        return GIANT + (long) block * BLOCK + 3 + block;
    }
}
