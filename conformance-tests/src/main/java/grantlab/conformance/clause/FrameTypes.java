package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.LAST;
import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;

/** Uses of a frame as something. */
final class FrameTypes {
    private static final String SOURCE = "FrameTable, getType, putType; xen/arch/x86/mm.c (get_page_type)";

    @Clause(
            id = "FRAME-41",
            promise = "A frame has one type at a time, for as long as it has uses; its neighbours have theirs.",
            source = SOURCE)
    void oneAtATime(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long neighbour = ram.frame(TYPED, LAST - 1);
            long mfn = ram.frame(TYPED, LAST);
            for (int type = FrameTable.TYPE_L1; type <= FrameTable.TYPE_WRITABLE; type++) {
                world.step("type " + type);
                Expect.holds("a first use", frames.getType(mfn, type));
                Expect.equal("type", type, frames.type(mfn));
                Expect.equal("uses", 1, frames.typeUses(mfn));
                Expect.holds("a second use", frames.getType(mfn, type));
                Expect.equal("uses", 2, frames.typeUses(mfn));
                for (int other = FrameTable.TYPE_L1; other <= FrameTable.TYPE_WRITABLE; other++) {
                    if (other != type) {
                        Expect.holdsNot("a use as " + other, frames.getType(mfn, other));
                    }
                }
                Expect.equal("uses", 2, frames.typeUses(mfn));
                Expect.equal("type of the neighbour", FrameTable.TYPE_NONE, frames.type(neighbour));
                frames.putType(mfn);
                Expect.equal("type", type, frames.type(mfn));
                Expect.equal("uses", 1, frames.typeUses(mfn));
                frames.putType(mfn);
                Expect.equal("type", FrameTable.TYPE_NONE, frames.type(mfn));
                Expect.equal("uses", 0, frames.typeUses(mfn));
                refused("one more", IllegalStateException.class, () -> frames.putType(mfn));
            }
            Expect.equal("references", 1, frames.references(mfn));
        }
    }

    @Clause(
            id = "FRAME-42",
            promise = "What is no type is refused; a frame does not become free while it has one, and none is stolen.",
            source = SOURCE)
    void neverFree(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long mfn = ram.frame(TYPED);
            for (int none : new int[] {FrameTable.TYPE_NONE, -1, FrameTable.TYPE_WRITABLE + 1}) {
                refused("type " + none, IllegalArgumentException.class, () -> frames.getType(mfn, none));
            }
            Expect.holds("a use", frames.getType(mfn, FrameTable.TYPE_L2));
            Expect.holdsNot("a theft", frames.steal(mfn, TYPED, 1));
            refused("the end of a page table in use", IllegalStateException.class, () -> frames.releaseAllocation(mfn));
            Expect.equal("the next frame is another", true, ram.frame(OTHER) != mfn);
            long second = ram.frame(TYPED);
            Expect.holds("a use", frames.getType(second, FrameTable.TYPE_WRITABLE));
            frames.putType(second);
            Expect.holds("a theft", frames.steal(second, TYPED, 1));
            frames.assign(second, OTHER);
            Expect.equal("owner", OTHER, frames.owner(second));
            ram.release(second, Page.ORDER_4K);
        }
    }
}
