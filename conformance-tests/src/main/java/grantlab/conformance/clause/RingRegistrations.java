package grantlab.conformance.clause;

import static grantlab.conformance.clause.RingForms.granteeRing;
import static grantlab.conformance.clause.RingForms.granterRing;
import static grantlab.conformance.clause.RingForms.registration;
import static grantlab.conformance.clause.RingForms.removing;
import static grantlab.conformance.clause.RingForms.request;
import static grantlab.conformance.clause.RingForms.tree;

import grantlab.api.Status;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;
import java.util.BitSet;

/** v3_ring_register: what a ring is made of, where its kick goes, and that it goes again. */
@Needs(format = "layout-tree")
@SuppressWarnings("UnnecessaryLongToIntConversion") // counters of 32 bits
final class RingRegistrations {
    private static final int PORT = 7;
    private static final int OTHER_ROOT = 41;
    private static final int LIST = 20;
    private static final int HEADER = 21;
    private static final int DATA = 22;
    private static final int ENTRIES = 128;
    private static final int RINGS = 16;
    private static final int NOT_THERE = 77;

    /** Refused, with nothing held. */
    private static void refused(World world, int status, V3Call call) {
        long references = world.references(HEADER) + world.references(DATA);
        V3Answer answer = world.granter().call(call);
        Expect.status(status, answer);
        Expect.equal("ring_id", call.get(V3RingRegister.RING_ID), answer.get(V3RingRegister.RING_ID));
        Expect.equal("references", references, world.references(HEADER) + world.references(DATA));
    }

    @Clause(
            id = "RING-01",
            promise = "What is wrong with a registration is told in order: contradicting fields, kind, number of pages,"
                    + " the list, its pages, the port, the number of rings. A refusal holds nothing.",
            source = "grant-v3.md, RING-1, RING-2, RING-4 to RING-9")
    void refusals(World world) {
        Party granter = world.granter();
        V3Call good = registration(granter);
        V3Call bad = good.with(V3RingRegister.PORT, 0)
                .with(V3RingRegister.LIST_GFN, Page.frame(granter.slot(0)))
                .with(V3RingRegister.PAGES, 3)
                .with(V3RingRegister.KIND, 2)
                .with(V3RingRegister.RING_ID, 1);
        refused(world, Status.INVAL, bad);
        refused(world, Status.INVAL, removing(1).with(V3RingRegister.PORT, PORT));
        refused(world, Status.BAD_HANDLE, removing(1));
        refused(world, Status.BAD_HANDLE, removing(NOT_THERE));
        bad = bad.with(V3RingRegister.RING_ID, 0);
        refused(world, Status.UNSUPPORTED, bad);
        bad = bad.with(V3RingRegister.KIND, V3RingRegister.GRANTER);
        for (int pages : new int[] {0, 3, 32, -1}) {
            refused(world, Status.BAD_SIZE, bad.with(V3RingRegister.PAGES, pages));
        }
        bad = bad.with(V3RingRegister.PAGES, 1);
        refused(world, Status.BAD_PAGE, bad);
        bad = bad.with(V3RingRegister.LIST_GFN, granter.pageFrame(LIST));
        for (long second : new long[] {
            Page.frame(granter.slot(0)),
            granter.pageFrame(HEADER),
            world.grantee().machineFrame(0),
            -1
        }) {
            granter.store(granter.page(LIST) + Long.BYTES, second);
            refused(world, Status.BAD_PAGE, bad);
        }
        granter.store(granter.page(LIST) + Long.BYTES, granter.pageFrame(DATA));
        refused(world, Status.BAD_HANDLE, bad);
        refused(world, Status.BAD_HANDLE, bad.with(V3RingRegister.PORT, 4096));
        BitSet ids = new BitSet();
        for (int n = 0; n < RINGS; n++) {
            V3Answer answer = granter.call(good);
            Expect.okay(answer);
            ids.set((int) answer.get(V3RingRegister.RING_ID));
        }
        Expect.equal("rings", RINGS, ids.cardinality());
        Expect.holdsNot("0 names a ring", ids.get(0));
        refused(world, Status.QUOTA, good);
        Expect.okay(granter.call(removing(ids.nextSetBit(0))));
        Expect.okay(granter.call(good));
    }

    @Needs(granter = "typed-frames")
    @Clause(
            id = "RING-02",
            promise =
                    "A page table is no page of a ring, and a page of a ring no page table: it has a writable-type use"
                            + " until the ring is removed.",
            source = "grant-v3.md, RING-7, SEC-15")
    void pageTables(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        long table = Page.frame(granter.domain().addressSpace().entryAddress(granter.page(0)));
        V3Call good = registration(granter);
        for (int n = 0; n < 2; n++) {
            long at = granter.page(LIST) + (long) n * Long.BYTES;
            long sound = granter.load(at);
            granter.store(at, table);
            refused(world, Status.BAD_PAGE, good);
            granter.store(at, sound);
        }
        long uses = frames.typeUses(granter.machineFrame(DATA));
        V3Answer answer = granter.call(good);
        Expect.okay(answer);
        Expect.equal("uses", uses + 1, frames.typeUses(granter.machineFrame(DATA)));
        Expect.okay(granter.call(removing(answer.get(V3RingRegister.RING_ID))));
        Expect.equal("uses", uses, frames.typeUses(granter.machineFrame(DATA)));
    }

    @Clause(
            id = "RING-03",
            promise = "The hypervisor fills the header, empties the entries, and holds each page until the ring is"
                    + " removed.",
            source = "grant-v3.md, RING-7, 9, 16.17")
    void setUp(World world) {
        Party granter = world.granter();
        for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
            granter.store(granter.page(HEADER) + at, -1);
            granter.store(granter.page(DATA) + at, -1);
        }
        long references = world.references(HEADER) + world.references(DATA);
        V3Answer answer = granter.call(registration(granter));
        Expect.okay(answer);
        Expect.equal("references", references + 2, world.references(HEADER) + world.references(DATA));
        long first = V3RingHeader.MAGIC_VALUE | (long) V3RingEntry.SIZE << 32 | 7L << 48;
        Expect.equal("magic, entry_size, log2_entries", first, granter.load(granter.page(HEADER)));
        for (int at = Long.BYTES; at < Page.SIZE; at += Long.BYTES) {
            Expect.equal("header at " + at, 0L, granter.load(granter.page(HEADER) + at));
        }
        for (int n = 0; n < ENTRIES; n++) {
            long word = granter.load(granter.page(DATA) + (long) n * V3RingEntry.SIZE + V3RingEntry.TYPE);
            Expect.equal("seq of entry " + n, 0L, word >>> Integer.SIZE);
        }
        Expect.okay(granter.call(removing(answer.get(V3RingRegister.RING_ID))));
        Expect.equal("references", references, world.references(HEADER) + world.references(DATA));
    }

    @Clause(
            id = "RING-04",
            promise =
                    "A ring is busy while a tree names it or it serves a granter; a tree names only a ring of the kind"
                            + " GRANTER, a grantee only one of the other.",
            source = "grant-v3.md, RING-3, TREE-6, FAULT-4")
    void removal(World world) {
        EventRing ring = granterRing(world);
        EventRing served = granteeRing(world);
        OwnTree tree = tree(world, ring);
        Expect.status("status of the removal", Status.BUSY, ring.remove());
        Expect.status("status of the removal", Status.BUSY, served.remove());
        V3Call other = request(world, World.GRANTEE, OTHER_ROOT, ring);
        Expect.status(Status.BAD_HANDLE, world.granter().call(other.with(V3TreeCreate.RING_ID, NOT_THERE)));
        Expect.status("status of RING_SET", Status.BAD_HANDLE, ring.serve(World.GRANTEE));
        Expect.okay(tree.destroy());
        Expect.status("status of the removal", Status.OKAY, ring.remove());
        Expect.status("status of the removal", Status.BAD_HANDLE, ring.remove());
        Expect.status(Status.BAD_HANDLE, world.granter().call(other));
        Expect.status(
                "status", Status.OKAY, EventRing.serveNowhere(world.grantee().kernel(), World.GRANTER));
        Expect.status("status of the removal", Status.OKAY, served.remove());
    }
}
