package grantlab.conformance.clause;

import static grantlab.conformance.clause.OwnRam.OTHER;
import static grantlab.conformance.clause.OwnRam.TYPED;
import static grantlab.conformance.clause.OwnRam.refused;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.memory.Changes;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;

/** The map of a domain whose numbers are machine frames: what it owns. */
@Needs(granter = "typed-frames")
final class PhysicalMapOfMachineFrames {
    @Clause(
            id = "PMAP-41",
            promise =
                    "Where numbers are machine frames each frame stands at itself while the domain owns it, and nothing stands"
                            + " elsewhere.",
            source = PhysicalMapClauses.SOURCE)
    void identity(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.ram().identityMap(TYPED);
            FrameTable frames = ram.frames();
            long own = ram.frame(TYPED);
            long last = ram.frame(TYPED, OwnRam.LAST);
            long shared = frames.allocateShared(TYPED);
            long others = ram.frame(OTHER);
            Expect.equal("limit", Page.FRAME_LIMIT, map.limit());
            for (long mfn : new long[] {own, last, shared}) {
                int type = mfn == shared ? PhysicalMap.TABLE_FRAME : PhysicalMap.RAM_RW;
                Expect.equal("frame", mfn, map.machineFrame(mfn));
                Expect.equal("entry", PhysicalMap.entry(mfn, Page.ORDER_4K, type), map.entry(mfn));
                Expect.equal("to grant", mfn, map.frameToGrant(mfn));
                Expect.equal("references", 1, frames.references(mfn));
                Expect.equal("to grant, held", mfn, map.getFrameToGrant(mfn));
                Expect.equal("references", 2, frames.references(mfn));
                frames.put(mfn, Page.ORDER_4K);
                Expect.equal("where it is", mfn, map.findNext(mfn, Long.MIN_VALUE));
                Expect.equal("where it is", mfn, map.findNext(mfn, mfn));
                Expect.equal("behind it", PhysicalMap.INVALID, map.findNext(mfn, mfn + 1));
                Expect.equal("as a block", mfn, map.findNext(mfn, Page.ORDER_4K, 0));
                Expect.holdsNot("vacant", map.isVacant(mfn, Page.ORDER_4K));
                Expect.equal("the next", mfn, map.next(mfn));
            }
            Expect.equal("the first", Math.min(own, shared), map.next(0));
            Expect.equal("behind the last", PhysicalMap.INVALID, map.next(last + 1));
            for (long mfn :
                    new long[] {others, last - 1, OwnRam.HIGH + 4 * OwnRam.BLOCK, -1, Page.FRAME_LIMIT, Long.MIN_VALUE
                    }) {
                Expect.equal("frame", PhysicalMap.INVALID, map.machineFrame(mfn));
                Expect.equal("entry", PhysicalMap.INVALID, map.entry(mfn));
                Expect.equal("to grant", Status.BAD_PAGE, map.frameToGrant(mfn));
                Expect.equal("to grant, held", Status.BAD_PAGE, map.getFrameToGrant(mfn));
                Expect.equal("where it is", PhysicalMap.INVALID, map.findNext(mfn, Long.MIN_VALUE));
                Expect.holds("vacant", map.isVacant(mfn, Page.ORDER_4K));
            }
            Expect.equal("references", 1, frames.references(others));
            Expect.equal("of a block", last, map.findNext(last & -OwnRam.BLOCK, Page.ORDER_2M, 0));
            Expect.equal("behind it", PhysicalMap.INVALID, map.findNext(last & -OwnRam.BLOCK, Page.ORDER_2M, last + 1));
            Expect.holdsNot("vacant with one", map.isVacant(last & -OwnRam.BLOCK, Page.ORDER_2M));
            Expect.holds("vacant without", map.isVacant(OwnRam.HIGH + 4 * OwnRam.BLOCK, Page.ORDER_2M));
            refused("an entry", UnsupportedOperationException.class, () -> map.set(own, own, 0, PhysicalMap.RAM_RW));
            refused("its end", UnsupportedOperationException.class, () -> map.clear(own, Page.ORDER_4K));
        }
    }

    @Clause(
            id = "PMAP-42",
            promise =
                    "Where numbers are machine frames a page that comes is known by the number that its guest names, and one that goes"
                            + " by none; each coming and going counts as a change.",
            source = "PhysicalMap, adopt, populate, decrease, remove, memoryChanges")
    void comesAndGoes(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.ram().identityMap(TYPED);
            FrameTable frames = ram.frames();
            Changes changes = map.memoryChanges();
            long count = changes.count();
            long own = ram.frame(TYPED);
            Expect.holds("a frame comes", changes.count() != count);
            count = changes.count();
            long others = ram.frame(OTHER);
            Expect.equal("another's comes", count, changes.count());
            Expect.equal("populated", own, map.populate(77, own));
            Expect.equal("its number", 77, frames.machineToPhysical(own));
            Expect.equal("adopted", own, map.adopt(78, own));
            Expect.equal("its number", 78, frames.machineToPhysical(own));
            PhysicalMap.Removed removed = new PhysicalMap.Removed();
            removed.mfn = 5;
            count = changes.count();
            Expect.equal("another's", -Errno.ENXIO, map.decrease(others, removed));
            Expect.equal("removed", PhysicalMap.INVALID, removed.mfn);
            Expect.equal("nothing changes", count, changes.count());
            Expect.equal("result", 0, map.decrease(own, removed));
            Expect.equal("removed", own, removed.mfn);
            Expect.equal("references", 2, frames.references(own));
            Expect.equal("its number", FrameTable.NONE, frames.machineToPhysical(own));
            Expect.holds("a change", changes.count() != count);
            count = changes.count();
            ram.release(own, Page.ORDER_4K);
            frames.put(own, Page.ORDER_4K);
            Expect.holds("the frame goes", changes.count() != count);
            Expect.equal("emptying", -Errno.EACCES, map.remove(others));
            Expect.holds("nobody follows", map.watcher() == null);
            MapWatcher follower = new MapWatcher() {
                @Override
                public void changed(long gfn, int order, boolean first) {
                    throw new AssertionError("no entry changes");
                }

                @Override
                public void forget() {
                    throw new AssertionError("nobody has to forget");
                }
            };
            map.watch(follower);
            Expect.holds("who follows", follower.equals(map.watcher()));
            map.populate(1, ram.frame(TYPED));
        }
    }
}
