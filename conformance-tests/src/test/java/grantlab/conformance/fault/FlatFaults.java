package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.fault.Impostors.Footing;
import java.util.List;
import java.util.function.BiFunction;

/** Mistakes in the hypervisor's side of a version 1 table. */
final class FlatFaults {
    private static final Place V1 = Place.of("grant-v1, hypervisor's side", "v1", "pv");
    private static final Place BESIDE_V2 = Place.of("grant-v1, hypervisor's side", "v2", "pv");
    private static final Place BESIDE_TREE = Place.of("grant-v1, hypervisor's side", "v3-tree", "pv");
    private static final int BOTH = Access.READ | Access.WRITE;

    private FlatFaults() {}

    private static Fault table(
            String family, String name, String mistake, BiFunction<Footing, FlatTable, FlatTable> wrong) {
        return table(V1, family, name, mistake, wrong);
    }

    private static Fault table(
            Place place, String family, String name, String mistake, BiFunction<Footing, FlatTable, FlatTable> wrong) {
        return Fault.in(place, family, name, mistake, Impostors.flatTable("v1", wrong));
    }

    static List<Fault> all() {
        return List.of(
                table(
                        "PIN",
                        "mark-not-written",
                        "mark judges the entry and does not say in it that it is in use",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int status = super.mark(leaf, grantee, access, fresh);
                                super.clear(leaf.key, leaf.order, leaf.snapshot, BOTH);
                                return status;
                            }
                        }),
                table(
                        "RACE",
                        "mark-by-an-old-look",
                        "mark goes by the word that locate saw and does not look again whether the grant is still given",
                        OldLook::new),
                table(
                        "RACE",
                        "frame-read-before-the-mark",
                        "the frame number is read when the entry is located, not after the mark has made it stable",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                int status = super.locate(index, access, leaf);
                                if (status == Status.OKAY) {
                                    super.read(leaf);
                                }
                                return status;
                            }

                            @Override
                            public void read(Leaf leaf) {}
                        }),
                table(
                        "PIN",
                        "readers-marked-as-writers",
                        "a use that only reads sets GTF_writing too",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int status = super.mark(leaf, grantee, access, fresh);
                                if (status == Status.OKAY) {
                                    on.memory().getAndBitwiseOr32(leaf.wordAddress, Gtf.WRITING);
                                }
                                return status;
                            }
                        }),
                table(
                        "MAP",
                        "later-writer-not-looked-at",
                        "of an entry that is in use already not even the readonly bit is looked at",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                if (fresh) {
                                    return super.mark(leaf, grantee, access, true);
                                }
                                on.memory().getAndBitwiseOr32(leaf.wordAddress, Gtf.READING | Gtf.WRITING);
                                return Status.OKAY;
                            }
                        }),
                table(
                        "PIN",
                        "last-writer-takes-the-readers-mark",
                        "when the last writer goes GTF_reading goes too",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void clear(long key, int order, long snapshot, int unused) {
                                super.clear(key, order, snapshot, Access.writes(unused) ? BOTH : unused);
                            }
                        }),
                table(
                        "PIN",
                        "writing-mark-stays",
                        "GTF_writing stays when the last writer has gone",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void clear(long key, int order, long snapshot, int unused) {
                                super.clear(key, order, snapshot, unused & ~Access.WRITE);
                            }
                        }),
                table(
                        "MAP",
                        "refused-and-marked",
                        "the error path of mark leaves GTF_reading behind",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int status = super.mark(leaf, grantee, access, fresh);
                                if (status != Status.OKAY) {
                                    on.memory().getAndBitwiseOr32(leaf.wordAddress, Gtf.READING);
                                }
                                return status;
                            }
                        }),
                table(
                        "RACE",
                        "marks-cleared-in-two-steps",
                        "clear loads the word and stores it, instead of one atomic and",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void clear(long key, int order, long snapshot, int unused) {
                                int bits = ((unused & Access.READ) != 0 ? Gtf.READING : 0)
                                        | (Access.writes(unused) ? Gtf.WRITING : 0);
                                int word = on.memory().load32Acquire(on.marks(key));
                                on.memory().store32Release(on.marks(key), word & ~bits);
                            }
                        }),
                table(
                        "MAP",
                        "any-grantee",
                        "whom the entry names is not looked at",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int named = on.memory().load32Acquire(leaf.wordAddress) >>> 16;
                                return super.mark(leaf, named, access, fresh);
                            }
                        }),
                table(
                        "MAP",
                        "readonly-ignored",
                        "GTF_readonly is not looked at",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                return super.mark(leaf, grantee, access & ~Access.WRITE, fresh);
                            }
                        }),
                table(
                        "MAP",
                        "wrong-status",
                        "an entry that does not grant is answered with GNTST_bad_gntref",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int status = super.mark(leaf, grantee, access, fresh);
                                return status == Status.GENERAL_ERROR ? Status.BAD_GNTREF : status;
                            }
                        }),
                table(
                        "REQ",
                        "last-entry-missing",
                        "the bound of references is one too low",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public long size() {
                                return super.size() - 1;
                            }

                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                return index >= size() ? Status.BAD_GNTREF : super.locate(index, access, leaf);
                            }
                        }),
                table(
                        "REQ",
                        "one-entry-too-many",
                        "the bound of references is looked at with > instead of >=",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public long size() {
                                return super.size() + 1;
                            }

                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                return super.locate(index == super.size() ? index - 1 : index, access, leaf);
                            }
                        }),
                table(
                        "SWAP",
                        "swap-without-the-frame",
                        "the flags of two entries are exchanged and their frames are not",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void swap(long a, long b) {
                                int first = on.memory().load32(on.marks(a));
                                on.memory().store32(on.marks(a), on.memory().load32(on.marks(b)));
                                on.memory().store32(on.marks(b), first);
                            }
                        }),
                table(
                        "XFER",
                        "anybody-may-transfer",
                        "whom an entry accepts a page from is not looked at",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int commitTransfer(long index, int caller) {
                                int named = index < size() ? on.memory().load32Acquire(on.marks(index)) >>> 16 : caller;
                                return super.commitTransfer(index, named);
                            }
                        }),
                table(
                        "XFER",
                        "transfer-never-completed",
                        "GTF_transfer_completed is not set",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void completeTransfer(long index, long frame) {
                                super.completeTransfer(index, frame);
                                on.memory().getAndBitwiseAnd32(on.marks(index), ~Gtf.TRANSFER_COMPLETED);
                            }
                        }),
                table(
                        "XFER",
                        "transferred-frame-not-told",
                        "the entry keeps the frame number that it accepted the page with",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void completeTransfer(long index, long frame) {
                                super.completeTransfer(index, PhysicalMap.INVALID);
                            }
                        }),
                table(
                        BESIDE_V2,
                        "VERS",
                        "readonly-lost-by-set-version",
                        "set_version carries the type of an entry and not its readonly bit",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void carryOut(int index, Carried entry) {
                                super.carryOut(index, entry);
                                entry.flags &= Gtf.TYPE_MASK;
                            }
                        }),
                table(
                        BESIDE_V2,
                        "VERS",
                        "anything-fits-version-1",
                        "set_version to 1 does not look whether the entries can be held",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int accepts(Carried entry) {
                                return Status.OKAY;
                            }
                        }),
                table(
                        BESIDE_V2,
                        "VERS",
                        "only-the-first-frame-wiped",
                        "set_version wipes the first frame of a table that has grown",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void wipe() {
                                on.memory().fill(Page.address(on.frames().sharedFrame(0)), Page.SIZE, (byte) 0);
                            }
                        }),
                table(
                        BESIDE_TREE,
                        "FLAT",
                        "close-does-nothing",
                        "an entry that is taken back stays open to new uses",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int close(long key, int order, long snapshot) {
                                return Status.OKAY;
                            }
                        }));
    }

    /** Judges the word that locate saw. */
    private static final class OldLook extends FaultyFlatTable {
        private final Footing on;

        OldLook(Footing on, FlatTable real) {
            super(real);
            this.on = on;
        }

        @Override
        public int locate(long index, int access, Leaf leaf) {
            int status = super.locate(index, access, leaf);
            if (status == Status.OKAY) {
                leaf.snapshot = on.memory().load32Acquire(leaf.wordAddress);
            }
            return status;
        }

        @Override
        public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
            int seen = (int) leaf.snapshot;
            int looked = (access & Access.COPY) != 0 ? Gtf.TYPE_MASK : Gtf.TYPE_MASK | Gtf.SUB_PAGE;
            boolean grants = (seen & looked) == Gtf.PERMIT_ACCESS && seen >>> 16 == grantee;
            if ((fresh && !grants) || (Access.writes(access) && (seen & Gtf.READONLY) != 0)) {
                return Status.GENERAL_ERROR;
            }
            int bits = Access.writes(access) ? Gtf.READING | Gtf.WRITING : Gtf.READING;
            on.memory().getAndBitwiseOr32(leaf.wordAddress, bits);
            return Status.OKAY;
        }
    }
}
