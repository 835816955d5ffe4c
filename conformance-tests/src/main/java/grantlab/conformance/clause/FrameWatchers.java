package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.FrameWatcher;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** What is told of frames to who has to know. */
final class FrameWatchers {
    private static final String SOURCE = "FrameWatcher; XSA-288, XSA-291";

    @Clause(
            id = "FRAME-61",
            promise =
                    "A watcher is told of each frame that its domain gets and loses, in whichever way, and of no other domain's.",
            source = SOURCE)
    void told(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            Listener listener = new Listener();
            frames.watch(TYPED, listener);
            ram.frame(OTHER);
            listener.expect();
            long mfn = ram.frame(TYPED);
            listener.expect("gained " + mfn + " order 0");
            long block = ram.block(TYPED, Page.ORDER_2M);
            listener.expect("gained " + block + " order 9");
            Expect.holds("a reference", frames.get(mfn, Page.ORDER_4K, TYPED));
            ram.release(mfn, Page.ORDER_4K);
            listener.expect();
            frames.put(mfn, Page.ORDER_4K);
            listener.expect("lost " + mfn, "forget");
            Expect.equal("pages", OwnRam.BLOCK, frames.pages(TYPED));
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(mfn));
            world.step("theft and gift");
            Expect.holds("stolen", frames.steal(block + 1, TYPED, 1));
            listener.expect("lost " + (block + 1), "forget");
            frames.assign(block + 1, TYPED);
            listener.expect("gained " + (block + 1) + " order 0");
            Expect.holdsNot("not stolen", frames.steal(block + 2, OTHER, 1));
            listener.expect();
            world.step("frames of the hypervisor");
            long shared = frames.allocateShared(TYPED);
            frames.freeShared(shared);
            listener.expect();
            world.step("a frame that waits for its block");
            long second = ram.block(TYPED, Page.ORDER_2M);
            listener.expect("gained " + second + " order 9");
            Expect.holds("a reference", frames.get(second, Page.ORDER_2M, TYPED));
            ram.release(second + 9, Page.ORDER_4K);
            listener.expect();
            frames.put(second, Page.ORDER_2M);
            listener.expect("lost " + (second + 9), "forget");
            world.step("its number is admitted again");
            ram.release(block, Page.ORDER_2M);
            for (long frame = second; frame < second + OwnRam.BLOCK; frame++) {
                if (frame != second + 9) {
                    ram.release(frame, Page.ORDER_4K);
                }
            }
            listener.told.clear();
            frames.admit(TYPED, true);
            ram.frame(TYPED);
            listener.expect();
        }
    }

    @Clause(
            id = "FRAME-62",
            promise =
                    "A watcher is asked at the first use of a type: what it refuses there is not to be had, and nothing is left of"
                            + " the attempt.",
            source = SOURCE)
    void asked(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            Listener listener = new Listener();
            frames.watch(TYPED, listener);
            long mfn = ram.frame(TYPED);
            long others = ram.frame(OTHER);
            long shared = frames.allocateShared(TYPED);
            listener.told.clear();
            Expect.holds("a use", frames.getType(mfn, FrameTable.TYPE_L3));
            listener.expect("typed " + mfn + " as 3");
            Expect.holds("a second use", frames.getType(mfn, FrameTable.TYPE_L3));
            frames.putType(mfn);
            frames.putType(mfn);
            listener.expect();
            listener.refusing = true;
            Expect.holdsNot("a use that is refused", frames.getType(mfn, FrameTable.TYPE_WRITABLE));
            listener.expect("typed " + mfn + " as 5");
            Expect.equal("type", FrameTable.TYPE_NONE, frames.type(mfn));
            Expect.equal("uses", 0, frames.typeUses(mfn));
            Expect.holds("another's", frames.getType(others, FrameTable.TYPE_L1));
            frames.putType(others);
            Expect.holds("the hypervisor's", frames.getType(shared, FrameTable.TYPE_WRITABLE));
            frames.putType(shared);
            listener.expect();
        }
    }

    @Clause(
            id = "FRAME-63",
            promise =
                    "Nobody gets a frame that was lost before its watcher has forgotten it; what was of a dying domain is nobody's"
                            + " to read then either.",
            source = SOURCE)
    void forgotten(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            FrameTable frames = ram.frames();
            long mfn = OwnRam.LAST;
            Listener listener = new Listener() {
                @Override
                public void forget() {
                    Expect.equal("owner meanwhile", FrameTable.NO_OWNER, frames.owner(mfn));
                    Expect.equal(
                            "a frame there meanwhile", FrameTable.NONE, frames.allocateFrom(OTHER, Page.ORDER_4K, mfn));
                    Expect.holdsNot("a reference meanwhile", frames.get(mfn, Page.ORDER_4K, FrameTable.NO_OWNER));
                    super.forget();
                }
            };
            frames.watch(TYPED, listener);
            ram.frame(TYPED, mfn);
            ram.memory().store64(Page.address(mfn), 1);
            ram.release(mfn, Page.ORDER_4K);
            listener.expect("gained " + mfn + " order 0", "lost " + mfn, "forget");
            Expect.equal("the same frame", mfn, ram.frame(TYPED, mfn));
            Expect.equal("its bytes", 1, ram.memory().load64(Page.address(mfn)));
            frames.retire(TYPED);
            ram.release(mfn, Page.ORDER_4K);
            Expect.equal("the same frame", mfn, ram.frame(OTHER, mfn));
            Expect.equal("its bytes", 0, ram.memory().load64(Page.address(mfn)));
        }
    }

    /** Writes down what it is told. */
    private static class Listener implements FrameWatcher {
        final List<String> told = new ArrayList<>();
        boolean refusing;

        @Override
        public void gained(long mfn, int order) {
            told.add("gained " + mfn + " order " + order);
        }

        @Override
        public boolean typed(long mfn, int type) {
            told.add("typed " + mfn + " as " + type);
            return !refusing;
        }

        @Override
        public void lost(long mfn) {
            told.add("lost " + mfn);
        }

        @Override
        public void forget() {
            told.add("forget");
        }

        void expect(String... expected) {
            Expect.equal("what the watcher was told", List.of(expected), told);
            told.clear();
        }
    }
}
