package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.Access;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import java.util.List;
import java.util.function.BiFunction;

/** Mistakes of the kernel that owns a version 1 table. */
final class GuestFaults {
    private static final Place GUEST = Place.of("grant-v1, guest's side", "v1", "pv");
    private static final int ENTRY = 8;

    private GuestFaults() {}

    private static Fault table(
            String family, String name, String mistake, BiFunction<GuestKernel, GuestTable, GuestTable> wrong) {
        return Fault.in(GUEST, family, name, mistake, Impostors.guestTable("v1", wrong));
    }

    static List<Fault> all() {
        return List.of(
                table(
                        "RACE",
                        "withdrawn-in-use",
                        "the entry is emptied without a look at its marks",
                        (kernel, table) -> new FaultyGuestTable(table) {
                            @Override
                            public boolean end(long index) {
                                kernel.vcpu().store(kernel.tableFrame(0) + index * ENTRY, Integer.BYTES, 0);
                                return true;
                            }
                        }),
                table(
                        "MAP",
                        "never-in-use",
                        "the kernel does not see that an entry is in use",
                        (kernel, table) -> new FaultyGuestTable(table) {
                            @Override
                            public boolean inUse(long index) {
                                return false;
                            }
                        }),
                table(
                        "MAP",
                        "granted-read-write",
                        "what is to be read only is granted to be written too",
                        (kernel, table) -> new FaultyGuestTable(table) {
                            @Override
                            public void grant(long index, int grantee, long gfn, int order, int access) {
                                super.grant(index, grantee, gfn, order, access | Access.WRITE);
                            }
                        }),
                table(
                        "MAP",
                        "narrowed-in-words-only",
                        "narrow says that it was done and changes nothing",
                        (kernel, table) -> new FaultyGuestTable(table) {
                            @Override
                            public boolean narrow(long index) {
                                return true;
                            }
                        }));
    }
}
