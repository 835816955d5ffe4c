package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import grantlab.api.Access;
import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.abi.UnmapGrantRef;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Map, unmap, copy, and a guest's loads and stores allocate nothing, though all pairs of paging modes take turns: what is
 * free of garbage only while the compiler knows one implementation would show. (Not beside the engine's own tests: what
 * Mockito instruments there allocates.)
 */
class AllocationTest {
    private static final int WARM_UP = 30_000;
    private static final int TIMES = 100_000;
    private static final int ATTEMPTS = 60;
    private static final int REFERENCE = 8;
    private static final int COPIED = 64;
    private static final long UNMAP_ARRAY = 64;
    private static final long COPY_ARRAY = 128;

    private final Machine machine = Machine.start(Settings.usual());
    private final List<Grantee> grantees = new ArrayList<>();

    @AfterEach
    void close() {
        machine.checkInvariants();
        machine.close();
    }

    @Test
    void mapAndUnmapAllocateNothing() {
        createAllPairs();
        assertThat(allocated(Grantee::mapAndUnmap)).isLessThan(TIMES);
    }

    @Test
    void copyAllocatesNothing() {
        createAllPairs();
        assertThat(allocated(Grantee::copy)).isLessThan(TIMES);
    }

    @Test
    void loadAndStoreAllocateNothing() {
        createAllPairs();
        assertThat(allocated(Grantee::loadAndStore)).isLessThan(TIMES);
    }

    /** The measure itself: one small object in an operation is seen. */
    @Test
    void oneObjectIsSeen() {
        createAllPairs();
        assertThat(allocated(grantee -> grantee.garbage = new Object[] {grantee}))
                .isGreaterThan(TIMES);
    }

    private void createAllPairs() {
        int domid = 1;
        for (String granter : List.of("pv", "hvm")) {
            for (String grantee : List.of("pv", "hvm")) {
                grantees.add(new Grantee(boot(domid, granter), boot(domid + 1, grantee)));
                domid += 2;
            }
        }
    }

    private Guest boot(int domid, String paging) {
        assertThat(machine.createDomain(DomainConfig.usual(domid, paging))).isZero();
        return machine.boot(domid, GuestLayout.LABORATORY);
    }

    private interface Operation {
        void on(Grantee grantee);
    }

    /** Bytes for so many operations, each by another pair in turn: the least of some attempts, as the compiler may still work. */
    private long allocated(Operation operation) {
        repeat(operation, WARM_UP * grantees.size());
        long least = Long.MAX_VALUE;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int attempt = 0; attempt < ATTEMPTS && least >= TIMES; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            repeat(operation, TIMES);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private void repeat(Operation operation, int times) {
        for (int i = 0; i < times; i++) {
            operation.on(grantees.get(i & grantees.size() - 1));
        }
    }

    /** One domain that uses one page of another, with its arguments ready. */
    private final class Grantee {
        private final Vcpu vcpu;
        private final long arguments;
        private final long data;
        private Object[] garbage = {};

        Grantee(Guest granter, Guest grantee) {
            vcpu = grantee.vcpu();
            arguments = grantee.argumentPages();
            data = grantee.page(1);
            GuestTable table = machine.format("v1").bringUp(granter.kernel(), grantee.domid(), -1);
            table.grant(REFERENCE, grantee.domid(), granter.pageFrame(0), Page.ORDER_4K, Access.READ | Access.WRITE);
            put(MapGrantRef.HOST_ADDR, 8, grantee.slot(0));
            put(MapGrantRef.FLAGS, 4, Gntmap.HOST_MAP);
            put(MapGrantRef.REF, 4, REFERENCE);
            put(MapGrantRef.DOM, 2, granter.domid());
            put(UNMAP_ARRAY + UnmapGrantRef.HOST_ADDR, 8, grantee.slot(0));
            put(COPY_ARRAY + Copy.SOURCE, 8, REFERENCE);
            put(COPY_ARRAY + Copy.SOURCE_DOMID, 2, granter.domid());
            put(COPY_ARRAY + Copy.DEST, 8, grantee.pageFrame(0));
            put(COPY_ARRAY + Copy.DEST_DOMID, 2, Domid.SELF);
            put(COPY_ARRAY + Copy.LEN, 2, COPIED);
            put(COPY_ARRAY + Copy.FLAGS, 2, Copy.SOURCE_GREF);
        }

        void mapAndUnmap() {
            call(GnttabOp.MAP_GRANT_REF, 0, MapGrantRef.STATUS);
            put(UNMAP_ARRAY + UnmapGrantRef.HANDLE, 4, get(MapGrantRef.HANDLE, 4));
            call(GnttabOp.UNMAP_GRANT_REF, UNMAP_ARRAY, UnmapGrantRef.STATUS);
        }

        void copy() {
            call(GnttabOp.COPY, COPY_ARRAY, Copy.STATUS);
        }

        void loadAndStore() {
            require(vcpu.store(data, Long.BYTES, vcpu.value() + 1) == 0);
            require(vcpu.load(data, Long.BYTES) == 0);
            require(vcpu.store(data + 1, Integer.BYTES, 7) == 0);
            require(vcpu.load(data + 1, Integer.BYTES) == 0);
        }

        private void call(int operation, long array, int statusOffset) {
            require(vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, arguments + array, 1) == 0);
            require(get(array + statusOffset, Short.BYTES) == 0);
        }

        private void put(long offset, int bytes, long value) {
            require(vcpu.store(arguments + offset, bytes, value) == 0);
        }

        private long get(long offset, int bytes) {
            require(vcpu.load(arguments + offset, bytes) == 0);
            return vcpu.value();
        }

        private static void require(boolean done) {
            if (!done) {
                throw new AssertionError("the operation failed, and nothing is measured");
            }
        }
    }
}
