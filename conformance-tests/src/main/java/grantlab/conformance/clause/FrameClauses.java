package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TRANSLATED;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.abi.Domid;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.OnceFor;
import grantlab.conformance.World;
import java.util.Arrays;
import java.util.List;

/** What the books of frames owe by their contract: here whose frames there are, and what is written down of each. */
@OnceFor(Member.GRANTER)
public final class FrameClauses implements ClauseFamily {
    static final String SOURCE = "FrameTable";

    private static final int STRANGER = 7;

    /** For ServiceLoader. */
    public FrameClauses() {}

    @Override
    public String prefix() {
        return "FRAME";
    }

    @Override
    public String title() {
        return "What the books of frames owe by their contract";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new FrameAllocations(),
                new FrameReferences(),
                new FrameBlocks(),
                new FrameTypes(),
                new FrameEnds(),
                new FrameWatchers(),
                new FrameHistories());
    }

    @Clause(
            id = "FRAME-01",
            promise =
                    "Ordinary domains and DOMID_XEN are admitted, and no others; whoever was not admitted has no frames.",
            source = SOURCE)
    void admitted(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            for (int domid : new int[] {0, Domid.FIRST_RESERVED - 1, Domid.XEN}) {
                frames.admit(domid, domid != 0);
                Expect.equal("d" + domid + " is typed", domid != 0, frames.typed(domid));
                Expect.equal("owner", domid, frames.owner(ram.frame(domid)));
            }
            for (int domid : new int[] {-1, Domid.SELF, Domid.IO, Domid.COW, Domid.INVALID}) {
                refused("d" + domid, IllegalArgumentException.class, () -> frames.admit(domid, true));
                refused("d" + domid, IllegalArgumentException.class, () -> frames.allocate(domid, 0));
            }
            Expect.equal("pages of a stranger", 0, frames.pages(STRANGER));
            Expect.equal("frames of the hypervisor for a stranger", 0, frames.sharedPages(STRANGER));
            refused("a frame", IllegalArgumentException.class, () -> frames.allocate(STRANGER, 0));
            refused("a shared frame", IllegalArgumentException.class, () -> frames.allocateShared(STRANGER));
            refused("its sort", IllegalArgumentException.class, () -> frames.typed(STRANGER));
            refused("its end", IllegalArgumentException.class, () -> frames.retire(STRANGER));
            Expect.equal("pages", 0, frames.pages(TYPED));
        }
    }

    @Clause(
            id = "FRAME-02",
            promise =
                    "A domid is admitted again when nothing is left of its predecessor, and not before; nothing of it is"
                            + " known then.",
            source = SOURCE)
    void admittedAgain(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long page = ram.frame(TYPED);
            refused("with a page", IllegalStateException.class, () -> frames.admit(TYPED, false));
            long shared = frames.allocateShared(TYPED);
            ram.release(page, Page.ORDER_4K);
            refused("with a shared page", IllegalStateException.class, () -> frames.admit(TYPED, false));
            frames.retire(TYPED);
            frames.freeShared(shared);
            frames.admit(TYPED, false);
            Expect.holdsNot("typed", frames.typed(TYPED));
            long next = ram.frame(TYPED, OwnRam.LAST);
            ram.memory().store64(Page.address(next), 42);
            ram.release(next, Page.ORDER_4K);
            Expect.equal(
                    "what a living domain left", 42, ram.memory().load64(Page.address(ram.frame(OTHER, OwnRam.LAST))));
        }
    }

    @Clause(
            id = "FRAME-03",
            promise = "Of a number that is no frame of anybody's there is nothing to be had.",
            source = SOURCE)
    void nobodys(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long free = ram.frame(TYPED);
            ram.release(free, Page.ORDER_4K);
            for (long mfn : new long[] {
                0,
                free,
                5 * OwnRam.BLOCK,
                OwnRam.HIGH,
                OwnRam.LAST,
                OwnRam.LAST + 1,
                1L << 41,
                Long.MAX_VALUE,
                -1,
                Long.MIN_VALUE
            }) {
                world.step("mfn 0x" + Long.toHexString(mfn));
                Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
                Expect.equal("references", 0, frames.references(mfn));
                Expect.holdsNot("allocated", frames.isAllocated(mfn));
                Expect.holdsNot("shared", frames.isShared(mfn));
                Expect.equal("type", FrameTable.TYPE_NONE, frames.type(mfn));
                Expect.equal("uses", 0, frames.typeUses(mfn));
                Expect.equal("guest frame", FrameTable.NONE, frames.machineToPhysical(mfn));
                Expect.holdsNot("a reference", frames.get(mfn, Page.ORDER_4K, FrameTable.NO_OWNER));
                Expect.holdsNot("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
                Expect.holdsNot("a plain one", frames.getPlain(mfn, Page.ORDER_4K, TYPED));
                Expect.equal("plain ones", 0, frames.getPlain(new long[] {mfn}, 1, TYPED));
                Expect.holdsNot("an allocation", frames.releaseAllocation(mfn));
                Expect.holdsNot("a theft", frames.steal(mfn, TYPED, 1));
                Expect.holdsNot("a theft from nobody", frames.steal(mfn, FrameTable.NO_OWNER, 0));
            }
            for (long mfn : new long[] {OwnRam.HIGH + 4 * OwnRam.BLOCK, OwnRam.LAST + 1, -1}) {
                refused("a put", IllegalStateException.class, () -> frames.put(mfn, Page.ORDER_4K));
                refused("a type", IllegalStateException.class, () -> frames.getType(mfn, FrameTable.TYPE_WRITABLE));
                refused("the end of a type", IllegalStateException.class, () -> frames.putType(mfn));
                refused("a gift", IllegalStateException.class, () -> frames.assign(mfn, TYPED));
                refused("the end of a theft", IllegalStateException.class, () -> frames.freeStolen(mfn));
                refused("the end of a shared one", IllegalStateException.class, () -> frames.freeShared(mfn));
            }
            refused("a put", IllegalStateException.class, () -> frames.put(free, Page.ORDER_4K));
            Expect.holdsNot("a block", frames.get(OwnRam.HIGH, Page.ORDER_2M, FrameTable.NO_OWNER));
            Expect.holdsNot("a plain block", frames.getPlain(OwnRam.HIGH, Page.ORDER_2M, FrameTable.NO_OWNER));
            refused("a put of a block", IllegalStateException.class, () -> frames.put(OwnRam.HIGH, Page.ORDER_2M));
            Expect.equal("pages", 0, frames.pages(TYPED));
        }
    }

    @Clause(
            id = "FRAME-04",
            promise = "Each frame has the guest frame that was recorded last for it, until it is free.",
            source = SOURCE)
    void guestFrames(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long[] mfns = {
                0,
                1,
                4095,
                4096,
                1L << 26,
                (1L << 26) + 1,
                OwnRam.HIGH - 1,
                OwnRam.HIGH,
                OwnRam.LAST - 4096,
                OwnRam.LAST
            };
            for (long mfn : mfns) {
                Expect.equal(
                        "the guest frame of 0x" + Long.toHexString(mfn),
                        FrameTable.NONE,
                        frames.machineToPhysical(mfn));
                frames.setMachineToPhysical(mfn, FrameTable.NONE);
                Expect.equal(
                        "the guest frame of 0x" + Long.toHexString(mfn),
                        FrameTable.NONE,
                        frames.machineToPhysical(mfn));
                frames.setMachineToPhysical(mfn, mfn ^ 0x55);
            }
            for (long mfn : mfns) {
                Expect.equal(
                        "the guest frame of 0x" + Long.toHexString(mfn), mfn ^ 0x55, frames.machineToPhysical(mfn));
                frames.setMachineToPhysical(mfn, FrameTable.NONE);
                Expect.equal(
                        "the guest frame of 0x" + Long.toHexString(mfn),
                        FrameTable.NONE,
                        frames.machineToPhysical(mfn));
            }
            for (long none : new long[] {OwnRam.LAST + 1, -1, Long.MIN_VALUE}) {
                Expect.equal("the guest frame of no frame", FrameTable.NONE, frames.machineToPhysical(none));
                refused("no frame", IndexOutOfBoundsException.class, () -> frames.setMachineToPhysical(none, 1));
            }
            long mfn = ram.frame(TRANSLATED);
            frames.setMachineToPhysical(mfn, 77);
            ram.release(mfn, Page.ORDER_4K);
            Expect.equal("the guest frame of a free frame", FrameTable.NONE, frames.machineToPhysical(mfn));
        }
    }

    @Clause(
            id = "FRAME-05",
            promise =
                    "A walk over what a domain owns finds each of its frames once, in order, the hypervisor's frames among"
                            + " them, and no other.",
            source = SOURCE)
    void walks(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            Expect.equal("of nothing", FrameTable.NONE, frames.nextOwned(TYPED, 0));
            long first = ram.frame(TYPED);
            ram.frame(OTHER);
            long shared = frames.allocateShared(TYPED);
            long block = ram.block(OTHER, Page.ORDER_2M);
            long low = ram.frame(TYPED, OwnRam.HIGH);
            long last = ram.frame(TYPED, OwnRam.LAST);
            long[] owned = {first, shared, low, last};
            Arrays.sort(owned);
            long from = Long.MIN_VALUE;
            for (long mfn : owned) {
                Expect.equal("the next one", mfn, frames.nextOwned(TYPED, from));
                Expect.equal("at itself", mfn, frames.nextOwned(TYPED, mfn));
                from = mfn + 1;
            }
            Expect.equal("behind the last one", FrameTable.NONE, frames.nextOwned(TYPED, from));
            Expect.equal("behind all frames", FrameTable.NONE, frames.nextOwned(TYPED, Long.MAX_VALUE));
            Expect.equal("in a block", block + 5, frames.nextOwned(OTHER, block + 5));
            Expect.equal("the last of a block", block + 511, frames.nextOwned(OTHER, block + 511));
            Expect.equal("of nobody", FrameTable.NONE, frames.nextOwned(FrameTable.NO_OWNER, 0));
            Expect.equal("of a domain without frames", FrameTable.NONE, frames.nextOwned(TRANSLATED, 0));
        }
    }
}
