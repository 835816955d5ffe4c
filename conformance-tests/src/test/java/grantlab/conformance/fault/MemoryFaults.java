package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.PhysicalMap;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Mistakes in the books of frames, in guest-physical maps and in the bytes. */
final class MemoryFaults {
    private static final Place PV = Place.of("p2m, frame table", "v1", "pv");
    private static final Place MAP = Place.of("p2m, guest-physical map", "v1", "hvm");
    private static final Place BYTES = Place.of("p2m, memory", "v1", "pv");

    private MemoryFaults() {}

    private static Fault frames(
            Place place,
            String family,
            String name,
            String mistake,
            BiFunction<MachineMemory, FrameTable, FrameTable> wrong) {
        return Fault.in(place, family, name, mistake, Impostors.frames(wrong));
    }

    private static Fault map(
            Place place, String family, String name, String mistake, UnaryOperator<PhysicalMap> wrong) {
        return Fault.in(place, family, name, mistake, Impostors.translatedMap(wrong));
    }

    static List<Fault> all() {
        return List.of(
                frames(
                        PV,
                        "CONS",
                        "fourth-reference-leaks",
                        "of four references one is not given back",
                        (memory, frames) -> new FaultyFrameTable(frames) {
                            @Override
                            public void put(long mfn, int order) {
                                if (references(mfn) != 4) {
                                    super.put(mfn, order);
                                }
                            }
                        }),
                frames(
                        PV,
                        "XFER",
                        "page-stolen-in-use",
                        "a page is given away whoever else holds it",
                        (memory, frames) -> new FaultyFrameTable(frames) {
                            @Override
                            public boolean steal(long mfn, int owner, int expected) {
                                return super.steal(mfn, owner, (int) references(mfn));
                            }
                        }),
                frames(
                        PV,
                        "CONS",
                        "writable-type-leaks",
                        "the writable type stays when the last mapping has gone",
                        (memory, frames) -> new FaultyFrameTable(frames) {
                            @Override
                            public void putType(long mfn) {
                                if (type(mfn) != TYPE_WRITABLE) {
                                    super.putType(mfn);
                                }
                            }
                        }),
                map(
                        MAP,
                        "MAP",
                        "read-only-entry-is-writable",
                        "the map forgets that an entry is read only",
                        map -> new FaultyPhysicalMap(map) {
                            @Override
                            public long set(long gfn, long mfn, int order, int type) {
                                return super.set(gfn, mfn, order, type == GRANT_RO ? GRANT_RW : type);
                            }
                        }),
                Fault.in(
                        BYTES,
                        "COPY",
                        "copies-one-byte-short",
                        "a copy of 16 bytes or more ends one byte early",
                        Impostors.bytes(memory -> new FaultyMachineMemory(memory) {
                            @Override
                            public void copy(long source, long destination, int length) {
                                super.copy(source, destination, length >= 16 ? length - 1 : length);
                            }
                        })));
    }
}
