package grantlab.conformance.clause;

import static grantlab.conformance.clause.RingForms.expectNothing;
import static grantlab.conformance.clause.RingForms.expectUnmapped;
import static grantlab.conformance.clause.RingForms.granterRing;
import static grantlab.conformance.clause.RingForms.header;
import static grantlab.conformance.clause.RingForms.removing;
import static grantlab.conformance.clause.RingForms.request;
import static grantlab.conformance.clause.RingForms.tree;
import static grantlab.conformance.clause.RingForms.use;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.V3Answer;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.BitSet;

/** Rings that are full, or whose reader lies about how far it is. */
@Needs(format = "layout-tree")
@SuppressWarnings("UnnecessaryLongToIntConversion") // counters of 32 bits
final class RingOverflows {
    private static final int OTHER_ROOT = 41;
    private static final int PAGE = 3;
    private static final int SLOT = 9;
    private static final int ENTRIES = 128;
    private static final long WATCHED = OwnTree.WRITABLE | V3Entry.NOTIFY;

    @Clause(
            id = "RING-12",
            promise =
                    "A full ring drops, counts and marks; who looks at the leaves of the marked trees afterwards misses"
                            + " none.",
            source = "grant-v3.md, RING-11, I9")
    void full(World world) {
        EventRing ring = granterRing(world);
        OwnTree other = OwnTree.create(world.granter(), OTHER_ROOT, request(world, World.GRANTEE, OTHER_ROOT, ring));
        OwnTree tree = tree(world, ring);
        Party granter = world.granter();
        use(world, other, 0);
        int lost = 6;
        for (int n = 0; n < ENTRIES - 1 + lost; n++) {
            use(world, tree, 2 * n);
        }
        Expect.equal("lost", lost, header(granter, ring, V3RingHeader.LOST));
        Expect.equal("prod_flags", V3RingHeader.OVERFLOW, (int) header(granter, ring, V3RingHeader.PROD_FLAGS));
        expectUnmapped(ring, other, 0, 1);
        for (int n = 0; n < ENTRIES - 1; n++) {
            expectUnmapped(ring, tree, 2L * n, 1);
        }
        expectNothing(ring);
        Expect.equal("dirty trees", BitSet.valueOf(new long[] {1L << tree.slot()}), ring.takeDirty());
        for (int n = ENTRIES - 1; n < ENTRIES - 1 + lost; n++) {
            tree.expectMapped(2 * n, 0);
        }
        Expect.holds("the marks are taken", ring.takeDirty().isEmpty());
        use(world, tree, 7);
        expectUnmapped(ring, tree, 7, 1);
        Expect.equal("lost", lost, header(granter, ring, V3RingHeader.LOST));
    }

    @Clause(
            id = "RING-13",
            promise =
                    "A cons that makes no sense is a full ring; prod, seq and entries that the guest writes are nothing"
                            + " to the hypervisor, which goes on where it was. Nobody else is hurt.",
            source = "grant-v3.md, RING-12")
    void hostile(World world) {
        Party granter = world.granter();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        use(world, tree, 0);
        long consAndIndex = ring.header(V3RingHeader.CONS);
        int[] senseless = {2, Integer.MIN_VALUE, -ENTRIES, Integer.MAX_VALUE};
        for (int n = 0; n < senseless.length; n++) {
            granter.store(consAndIndex, Integer.toUnsignedLong(senseless[n]));
            use(world, tree, 2);
            Expect.equal("lost", n + 1, header(granter, ring, V3RingHeader.LOST));
        }
        Expect.equal("dirty trees", BitSet.valueOf(new long[] {1L << tree.slot()}), ring.takeDirty());

        world.step("the granter overwrites its header and its entries, and reads on");
        for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
            granter.store(ring.header(at), -1);
            granter.store(ring.entry(0) + at, -1);
        }
        granter.store(consAndIndex, 1);
        ring.seek(1);
        use(world, tree, 4);
        expectUnmapped(ring, tree, 4, 1);
        Expect.equal("prod", 2, (int) header(granter, ring, V3RingHeader.PROD));
    }

    @Clause(
            id = "RING-14",
            promise =
                    "Positions wrap at 2^32, and seq with them: a full ring across the wrap loses nothing, and an entry"
                            + " of the lap before is not taken for one that is there.",
            source = "grant-v3.md, RING-10")
    void wraps(World world) {
        Party granter = world.granter();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        int start = -3;
        world.machine().windRing(granter.domain(), ring.id(), start);
        ring.seek(start);
        for (int n = 0; n < 6; n++) {
            expectNothing(ring);
            use(world, tree, n);
            expectUnmapped(ring, tree, n, 1);
        }
        world.machine().windRing(granter.domain(), ring.id(), start);
        ring.seek(start);
        for (int n = 0; n < ENTRIES + 1; n++) {
            use(world, tree, n);
        }
        Expect.equal("lost", 1, header(granter, ring, V3RingHeader.LOST));
        Expect.equal("prod", start + ENTRIES, (int) header(granter, ring, V3RingHeader.PROD));
        for (int n = 0; n < ENTRIES; n++) {
            expectUnmapped(ring, tree, n, 1);
        }
        expectNothing(ring);
    }

    @Clause(
            id = "RING-15",
            promise = "A page of a ring that the guest gives back stays its own until the ring is removed: nothing is"
                    + " written into another's memory.",
            source = "grant-v3.md, RING-7, SEC-15")
    @Needs(granter = "translated")
    void givenBack(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        long gfn = granter.kernel().frameOf(ring.entry(0));
        long frame = granter.domain().physicalMap().machineFrame(gfn);
        Expect.rc(1, granter.call(ReservationCall.decrease(gfn)).rc());
        use(world, tree, 4);
        Expect.equal("owner", World.GRANTER, frames.owner(frame));
        Expect.equal("prod", 1, (int) header(granter, ring, V3RingHeader.PROD));
        Expect.okay(tree.destroy());
        Expect.okay(granter.call(removing(ring.id())));
        Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(frame));
    }

    @Clause(
            id = "RING-16",
            promise =
                    "While a granter reads and says nonsense about how far it is, leaves whose last use ended are in the"
                            + " ring, or their tree is dirty.",
            source = "grant-v3.md, I9, RING-11, RING-12")
    void noneIsLost(World world) {
        int rounds = 600;
        EventRing ring = granterRing(world);
        OwnTree tree = tree(world, ring);
        Party grantee = world.grantee();
        Party granter = world.granter();
        for (int index = 0; index < OwnTree.SPAN; index++) {
            tree.grant(index, PAGE, WATCHED);
        }
        BitSet told = new BitSet();
        Event event = new Event();
        long cons = ring.header(V3RingHeader.CONS);
        long nonsense = world.random().nextLong();
        Race.run(
                () -> {
                    for (int n = 0; n < rounds; n++) {
                        V3Answer mapped = tree.map(grantee, n % OwnTree.SPAN, SLOT, 0);
                        Expect.okay(mapped);
                        Expect.okay(OwnTree.unmap(grantee, mapped));
                    }
                },
                () -> {
                    for (int n = 0; n < rounds; n++) {
                        if ((nonsense >>> n % Long.SIZE & 1) != 0) {
                            granter.store(cons, 1L << (Integer.SIZE - 1) | n);
                        }
                        if (ring.next(event)) {
                            told.set((int) event.first, (int) (event.first + event.count));
                        }
                        Thread.onSpinWait();
                    }
                });
        while (ring.next(event)) {
            told.set((int) event.first, (int) (event.first + event.count));
        }
        boolean dirty = ring.takeDirty().get((int) tree.slot());
        Expect.holds(
                "each is told, or the tree is dirty", dirty || told.nextClearBit(0) >= Math.min(rounds, OwnTree.SPAN));
        long lost = header(granter, ring, V3RingHeader.LOST);
        long prod = Integer.toUnsignedLong((int) header(granter, ring, V3RingHeader.PROD));
        Expect.equal("events that were written or counted as lost", rounds, prod + lost);
        Expect.holds("lost and dirty agree", lost != 0 == dirty);
    }
}
