package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;
import grantlab.conformance.fault.Impostors.Footing;
import java.util.List;
import java.util.function.BiFunction;

/** Mistakes in the hypervisor's side of a version 2 table: its two words, parts of pages, grants of grants. */
final class VersionTwoFaults {
    private static final Place V2 = Place.of("grant-v2, hypervisor's side", "v2", "pv");
    private static final int DOMID_SHIFT = 16;

    private VersionTwoFaults() {}

    private static Fault table(
            String family, String name, String mistake, BiFunction<Footing, FlatTable, FlatTable> wrong) {
        return Fault.in(V2, family, name, mistake, Impostors.flatTable("v2", wrong));
    }

    static List<Fault> all() {
        return List.of(
                table(
                        "RACE",
                        "flags-looked-at-once",
                        "mark sets the status word and does not look at the flags again",
                        OneLook::new),
                table(
                        "SUBP",
                        "parts-of-pages-are-mapped",
                        "GTF_sub_page does not keep an entry from being mapped",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                return super.mark(leaf, grantee, access | Access.COPY, fresh);
                            }
                        }),
                table(
                        "SUBP",
                        "window-one-byte-longer",
                        "the end of a part of a page is off by one",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void read(Leaf leaf) {
                                super.read(leaf);
                                leaf.windowLength += leaf.kind == Leaf.WINDOW ? 1 : 0;
                            }
                        }),
                table(
                        "SUBP",
                        "window-from-the-start",
                        "where a part of a page begins is not looked at",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void read(Leaf leaf) {
                                super.read(leaf);
                                leaf.windowLength += leaf.windowStart;
                                leaf.windowStart = 0;
                            }
                        }),
                table(
                        "TRANS",
                        "anybody-goes-on",
                        "whom a grant of a grant names is not looked at",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int header = on.memory().load32Acquire(leaf.wordAddress);
                                boolean transitive = (header & Gtf.TYPE_MASK) == Gtf.TRANSITIVE;
                                return super.mark(leaf, transitive ? header >>> DOMID_SHIFT : grantee, access, fresh);
                            }
                        }),
                table(
                        "TRANS",
                        "hop-to-the-granter",
                        "a grant of a grant leads to the granter's own table",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void read(Leaf leaf) {
                                super.read(leaf);
                                leaf.hopDomid = leaf.kind == Leaf.HOP ? 1 : leaf.hopDomid;
                            }
                        }),
                table(
                        "VERS",
                        "marks-lost-by-set-version",
                        "what is in use is not carried into the other version",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void carryOut(int index, Carried entry) {
                                super.carryOut(index, entry);
                                entry.inUse = 0;
                            }
                        }),
                table(
                        "STAT",
                        "refused-and-status-set",
                        "the error path of mark leaves the status word set",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                int status = super.mark(leaf, grantee, access, fresh);
                                if (status != Status.OKAY) {
                                    on.memory().store16(on.marks(leaf.key), (short) Gtf.READING);
                                }
                                return status;
                            }
                        }),
                table(
                        "STAT",
                        "neighbour-cleared",
                        "clear stores a word of 32 bits where the status has 16",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void clear(long key, int order, long snapshot, int unused) {
                                if (unused == (Access.READ | Access.WRITE)) {
                                    on.memory().store32(on.marks(key) & -Integer.BYTES, 0);
                                } else {
                                    super.clear(key, order, snapshot, unused);
                                }
                            }
                        }),
                table(
                        "HIGH",
                        "frames-of-32-bits",
                        "the frame number is read as 32 bits",
                        (on, table) -> new FaultyFlatTable(table) {
                            @Override
                            public void read(Leaf leaf) {
                                super.read(leaf);
                                leaf.gfn &= 0xffff_ffffL;
                            }
                        }));
    }

    /** Looks, and then marks. */
    private static final class OneLook extends FaultyFlatTable {
        private final Footing on;

        OneLook(Footing on, FlatTable real) {
            super(real);
            this.on = on;
        }

        @Override
        public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
            if ((access & Access.COPY) != 0) {
                return super.mark(leaf, grantee, access, fresh);
            }
            int header = on.memory().load32Acquire(leaf.wordAddress);
            boolean grants =
                    (header & (Gtf.TYPE_MASK | Gtf.SUB_PAGE)) == Gtf.PERMIT_ACCESS && header >>> DOMID_SHIFT == grantee;
            if ((fresh && !grants) || (Access.writes(access) && (header & Gtf.READONLY) != 0)) {
                return Status.GENERAL_ERROR;
            }
            long word = on.marks(leaf.key);
            int bits = Access.writes(access) ? Gtf.READING | Gtf.WRITING : Gtf.READING;
            on.memory().getAndBitwiseOr32(word & -Integer.BYTES, bits << (word % Integer.BYTES * Byte.SIZE));
            leaf.kind = Leaf.PAGE;
            return Status.OKAY;
        }
    }
}
