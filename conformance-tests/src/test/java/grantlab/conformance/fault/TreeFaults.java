package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import java.util.List;
import java.util.function.BiFunction;

/** Mistakes in the hypervisor's side of a tree. */
final class TreeFaults {
    private static final Place TREE = Place.of("grant-v3-tree", "v3-tree", "pv");
    private static final Place TREE_HVM = Place.of("grant-v3-tree", "v3-tree", "hvm");

    private TreeFaults() {}

    private static Fault table(
            String family, String name, String mistake, BiFunction<Ground, TreeTable, TreeTable> wrong) {
        return table(TREE, family, name, mistake, wrong);
    }

    private static Fault table(
            Place place, String family, String name, String mistake, BiFunction<Ground, TreeTable, TreeTable> wrong) {
        return Fault.in(place, family, name, mistake, Impostors.treeTable("v3-tree", wrong));
    }

    /** Whatever was asked, the end of a use is told, or is not. */
    private static TreeTable telling(TreeTable table, boolean told) {
        return new FaultyTreeTable(table) {
            @Override
            public boolean end(long key, int order, long snapshot) {
                super.end(key, order, snapshot);
                return told;
            }

            @Override
            public boolean end(Leaf near, long key, int order, long snapshot) {
                super.end(near, key, order, snapshot);
                return told;
            }
        };
    }

    static List<Fault> all() {
        return List.of(
                table(
                        "RACE",
                        "leaf-marked-by-an-old-look",
                        "mark goes by the leaf that locate saw and does not look again whether it is still given",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
                                long bits = V3Entry.MAPPED_R
                                        | (Access.writes(access) ? V3Entry.MAPPED_W | V3Entry.W_SEEN : 0);
                                ground.memory().getAndBitwiseOr32(leaf.wordAddress, (int) bits);
                                return Status.OKAY;
                            }
                        }),
                table(
                        "MAP3",
                        "tombstone-is-no-reference",
                        "what was taken back is answered with BAD_GNTREF, not REVOKED",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                int status = super.locate(index, access, leaf);
                                if (status == Status.REVOKED) {
                                    release(leaf);
                                    return Status.BAD_GNTREF;
                                }
                                return status;
                            }
                        }),
                table(
                        "WALK",
                        "rights-of-nodes-ignored",
                        "only the leaf says whether writing is allowed, not the entries above it",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                int status = super.locate(index, access, leaf);
                                if (status == Status.OKAY
                                        && (ground.memory().load64Acquire(leaf.wordAddress) & V3Entry.W) != 0) {
                                    leaf.rights |= Access.WRITE;
                                }
                                return status;
                            }
                        }),
                table(
                        "PROBE",
                        "copy-only-is-mapped",
                        "COPY_ONLY does not keep a leaf from being mapped",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                int status = super.locate(index, access, leaf);
                                leaf.rights |= Access.HOST;
                                return status;
                            }
                        }),
                table(
                        TREE_HVM,
                        "LARGE",
                        "first-page-of-a-large-leaf",
                        "every index of a large leaf leads to its first page",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                int status = super.locate(index, access, leaf);
                                leaf.gfn &= -1L << leaf.order;
                                return status;
                            }
                        }),
                table(
                        TREE_HVM,
                        "WALK",
                        "crooked-leaf-is-no-reference",
                        "a large leaf that is not aligned is answered with BAD_GNTREF, not BAD_PAGE",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                int status = super.locate(index, access, leaf);
                                return status == Status.BAD_PAGE ? Status.BAD_GNTREF : status;
                            }
                        }),
                table(
                        "RING",
                        "end-not-told",
                        "nobody is told of the end of the last use",
                        (ground, table) -> telling(table, false)),
                table(
                        "RING",
                        "end-told-unasked",
                        "whoever did not ask is told of the end of the last use too",
                        (ground, table) -> telling(table, true)),
                table(
                        "PIN3",
                        "marks-stay-at-the-end",
                        "the last use takes no mark back",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public boolean end(long key, int order, long snapshot) {
                                return false;
                            }

                            @Override
                            public boolean end(Leaf near, long key, int order, long snapshot) {
                                return false;
                            }
                        }),
                table(
                        "TLB3",
                        "invalidate-does-nothing",
                        "a node that is to be forgotten stays in the cache",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public void invalidate(long prefix, int level) {}
                        }),
                table(
                        "SYNC",
                        "synchronise-does-nothing",
                        "the marks are not written anew",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int synchronise(long key, int order, long snapshot, int inUse) {
                                return Status.OKAY;
                            }
                        }),
                table(
                        "SYNC",
                        "synchronise-sets-only",
                        "marks that nobody justifies are not taken back",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int synchronise(long key, int order, long snapshot, int inUse) {
                                return inUse == 0 ? Status.OKAY : super.synchronise(key, order, snapshot, inUse);
                            }
                        }),
                table(
                        "DOWN",
                        "protect-does-nothing",
                        "a leaf that was made read-only is mapped writable again",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int protect(long key, int order, long snapshot) {
                                return Status.OKAY;
                            }
                        }),
                table(
                        "REVOKE",
                        "taken-back-and-open",
                        "a leaf that is taken back stays open to new uses",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int close(long key, int order, long snapshot) {
                                return Status.OKAY;
                            }
                        }),
                table(
                        "REVOKE",
                        "attached-not-shown",
                        "the granter does not see that a dead mapping is still held",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public void attached(long key, int order, boolean held) {}
                        }),
                table(
                        "REVOKE",
                        "attached-for-ever",
                        "the granter is not told when the dead mapping is let go",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public void attached(long key, int order, boolean held) {
                                if (held) {
                                    super.attached(key, order, true);
                                }
                            }
                        }),
                table(
                        "TREE",
                        "root-not-given-back",
                        "the reference on the root node stays when the tree is gone",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public void dispose() {}
                        }),
                table(
                        "MAP3",
                        "no-generation",
                        "the generation that an entry shows is not told",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int generation(long snapshot) {
                                return 0;
                            }
                        }),
                table(
                        "WALK",
                        "last-index-missing",
                        "the bound of indices is one too low",
                        (ground, table) -> new FaultyTreeTable(table) {
                            @Override
                            public int locate(long index, int access, Leaf leaf) {
                                return index == size() - 1 ? Status.BAD_GNTREF : super.locate(index, access, leaf);
                            }
                        }));
    }
}
