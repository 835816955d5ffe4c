package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.util.List;
import java.util.function.UnaryOperator;

/** Mistakes in the ways in which mappings reach a guest. */
final class PagingFaults {
    private static final Place PV = Place.of("pv-paging", "v1", "pv");
    private static final Place PV_TREE = Place.of("pv-paging", "v3-tree", "pv");
    private static final Place PV_V2 = Place.of("pv-paging", "v2", "pv");
    private static final Place HVM = Place.of("hvm-paging", "v1", "hvm");
    private static final Place HVM_TREE = Place.of("hvm-paging", "v3-tree", "hvm");

    private PagingFaults() {}

    private static Fault space(
            Place place, String family, String name, String mistake, UnaryOperator<AddressSpace> wrong) {
        return Fault.in(
                place,
                family,
                name,
                mistake,
                Impostors.paging(place.selection().pagings().getFirst(), wrong));
    }

    static List<Fault> all() {
        return List.of(
                space(
                        PV,
                        "TLB",
                        "flush-does-nothing",
                        "CPUs go on with what they remember",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public void flush() {}
                        }),
                space(
                        HVM,
                        "TLB",
                        "flush-does-nothing-hvm",
                        "CPUs go on with what they remember",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public void flush() {}
                        }),
                space(
                        Place.of("hvm-paging", "v1", "hvm").iommu("shared"),
                        "IOMMU",
                        "devices-not-flushed",
                        "CPUs forget, and devices that go by the same map do not",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public void flush() {
                                super.flushTlbs();
                            }
                        }),
                space(
                        PV,
                        "UNMAP",
                        "unmapped-in-words-only",
                        "unmap says that a read-only mapping is gone and leaves it",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int unmap(
                                    long hostAddress, long newAddress, int flags, long mfn, int access, Mapped result) {
                                return access == Access.READ && newAddress == 0
                                        ? Status.OKAY
                                        : super.unmap(hostAddress, newAddress, flags, mfn, access, result);
                            }
                        }),
                space(
                        HVM,
                        "MAP",
                        "everything-mapped-writable",
                        "a mapping that is to be read only may be written",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int map(
                                    long hostAddress, int flags, long mfn, int order, int access, Mapped result) {
                                return super.map(hostAddress, flags, mfn, order, access | Access.WRITE, result);
                            }
                        }),
                space(
                        PV,
                        "REPL",
                        "replaced-by-nothing",
                        "unmap_and_replace unmaps and does not replace",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int unmap(
                                    long hostAddress, long newAddress, int flags, long mfn, int access, Mapped result) {
                                return super.unmap(hostAddress, 0, flags, mfn, access, result);
                            }
                        }),
                space(
                        HVM,
                        "REQ",
                        "flags-not-judged",
                        "flags that this kind of guest must not use are let through",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int admits(int flags) {
                                return Status.OKAY;
                            }
                        }),
                space(
                        PV,
                        "CALL",
                        "arguments-anywhere",
                        "arguments may lie where the hypervisor is",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public boolean mayHoldArguments(long address, long bytes) {
                                return true;
                            }
                        }),
                space(
                        HVM,
                        "CALL",
                        "operations-of-others",
                        "every kind of guest has every operation",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public long operations() {
                                return -1;
                            }
                        }),
                space(
                        HVM,
                        "CALL",
                        "operation-looked-at-last",
                        "arguments are looked at before the operation is known",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public boolean checksOperationFirst() {
                                return !super.checksOperationFirst();
                            }
                        }),
                space(
                        PV,
                        "CALL",
                        "answers-written-anywhere",
                        "whether the guest may write where an answer goes is not looked at",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public long argument(long address, boolean write) {
                                return super.argument(address, false);
                            }
                        }),
                space(
                        PV_TREE,
                        "REVOKE",
                        "removed-and-not-told",
                        "remove empties the place and says that nothing was there",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int remove(long place, int order, long mfn, Mapped result) {
                                super.remove(place, order, mfn, result);
                                return Status.GONE;
                            }
                        }),
                space(
                        PV_TREE,
                        "DOWN",
                        "downgrade-keeps-the-right",
                        "replace puts the frame there with the right that it had",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int replace(
                                    long place, int order, long mfn, long newMfn, int access, Mapped result) {
                                return super.replace(place, order, mfn, newMfn, access | Access.WRITE, result);
                            }
                        }),
                space(
                        HVM_TREE,
                        "SELF3",
                        "own-page-moves",
                        "a page of its own that a domain maps through a grant leaves its old place",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int mapBeside(
                                    long hostAddress, int flags, long mfn, int order, int access, Mapped result) {
                                return super.map(hostAddress, flags, mfn, order, access, result);
                            }
                        }),
                space(
                        PV,
                        "DEATH",
                        "places-survive",
                        "the places of a domain that died keep their references",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public void dispose() {}
                        }),
                space(
                        PV_V2,
                        "VERS",
                        "status-frame-taken-from-under",
                        "a status frame is given back while the guest still maps it",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int withdrawTableFrame(long mfn) {
                                return Status.OKAY;
                            }
                        }),
                space(
                        HVM_TREE,
                        "FAULT",
                        "holes-stop-nobody",
                        "loads read ones and stores vanish where nothing stands, though the CPU asked to stop there",
                        space -> new FaultyAddressSpace(space) {
                            @Override
                            public int load(Tlb tlb, long address, int bytes, Loaded result) {
                                result.stopsAtHoles = false;
                                return super.load(tlb, address, bytes, result);
                            }

                            @Override
                            public int store(Tlb tlb, long address, int bytes, long value, Loaded result) {
                                result.stopsAtHoles = false;
                                return super.store(tlb, address, bytes, value, result);
                            }
                        }));
    }
}
