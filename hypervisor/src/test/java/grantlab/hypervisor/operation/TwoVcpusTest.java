package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.SetVersion;
import grantlab.api.abi.SetupTable;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.hypervisor.table.DomainTable;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two vCPUs want the same change of their table and wait for its lock: the first makes it, the second finds it made. */
@Timeout(60)
class TwoVcpusTest {
    private static final int DOMID = 1;
    private static final int APART = 256;
    private static final int WANTED = 4;

    private final Machine machine = Machine.start(Settings.usual());
    private final Guest guest = booted();
    private final DomainTable table = guest.domain().grantTable();
    private final Vcpu[] vcpus = {guest.vcpu(), machine.vcpu(guest.domain(), 1)};

    private Guest booted() {
        assertThat(machine.createDomain(DomainConfig.usual(DOMID, "pv").withVcpus(2)))
                .isZero();
        return machine.boot(DOMID, GuestLayout.LABORATORY);
    }

    @AfterEach
    void close() {
        machine.checkInvariants();
        machine.close();
    }

    @Test
    void tableGrowsOnce() throws InterruptedException {
        for (int n = 0; n < vcpus.length; n++) {
            store(n, SetupTable.DOM, Domid.SELF | (long) WANTED << 32);
            store(n, SetupTable.FRAME_LIST, argument(n) + Page.SIZE);
        }
        long pages = machine.frames().references(table.sharedFrame(0));
        assertThat(bothMeetAtTheLock(GnttabOp.SETUP_TABLE)).isEqualTo("[0, 0]");
        assertThat(table.sharedCount()).isEqualTo(WANTED);
        assertThat(machine.frames().references(table.sharedFrame(0))).isEqualTo(pages);
    }

    @Test
    void versionChangesOnce() throws InterruptedException {
        for (int n = 0; n < vcpus.length; n++) {
            store(n, SetVersion.VERSION, 2);
        }
        assertThat(bothMeetAtTheLock(GnttabOp.SET_VERSION)).isEqualTo("[0, 0]");
        assertThat(table.inForce().format().version()).isEqualTo(2);
    }

    private String bothMeetAtTheLock(int operation) throws InterruptedException {
        AtomicLongArray results = new AtomicLongArray(vcpus.length);
        Thread[] threads = new Thread[vcpus.length];
        table.change().lock();
        try {
            for (int n = 0; n < vcpus.length; n++) {
                int vcpu = n;
                threads[n] = Thread.ofPlatform()
                        .start(() -> results.set(
                                vcpu, vcpus[vcpu].hypercall(Hypercall.GRANT_TABLE_OP, operation, argument(vcpu), 1)));
            }
            while (table.change().getQueueLength() < vcpus.length) {
                Thread.onSpinWait();
            }
        } finally {
            table.change().unlock();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return results.toString();
    }

    private long argument(int vcpu) {
        return guest.argumentPages() + (long) vcpu * APART;
    }

    private void store(int vcpu, int offset, long value) {
        assertThat(vcpus[vcpu].store(argument(vcpu) + offset, Long.BYTES, value))
                .isZero();
    }
}
