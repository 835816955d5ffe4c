package grantlab.hypervisor.operation;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.SetVersion;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.table.DomainTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * set_version while a copy is under way that knows more than version 1 can say (XSA-501). A clause can only race for that
 * moment; here the engine's private state is brought to it.
 */
class SetVersionTest {
    private static final int DOMID = 1;
    private static final int GRANTEE = 2;
    private static final int RESERVED = 3;

    private final Machine machine = Machine.start(Settings.usual());
    private final Guest guest = booted();
    private final DomainTable table = guest.domain().grantTable();

    private Guest booted() {
        assertThat(machine.createDomain(DomainConfig.usual(DOMID, "pv"))).isZero();
        return machine.boot(DOMID, GuestLayout.LABORATORY);
    }

    @BeforeEach
    void inVersionTwo() {
        assertThat(set(2)).isZero();
    }

    @AfterEach
    void close() {
        machine.close();
    }

    @Test
    void isToBeTriedAgainWhileAGrantOfAGrantIsFollowed() {
        table.beginHop();
        assertThat(set(1)).isEqualTo(-Errno.EAGAIN);
        assertThat(table.inForce().format().version()).isEqualTo(2);
        table.endHop();
        assertThat(set(1)).isZero();
    }

    @Test
    void isToBeTriedAgainWhileAPartOfAPageIsCopied() {
        pinReserved(true);
        assertThat(set(1)).isEqualTo(-Errno.EAGAIN);
        assertThat(table.inForce().format().version()).isEqualTo(2);
        long word = table.acts().lock(RESERVED);
        table.acts().unlock(RESERVED, Acts.withPins(word, 0));
        assertThat(set(1)).isZero();
    }

    @Test
    void isNotHeldUpByAWholePageInUse() {
        pinReserved(false);
        assertThat(set(1)).isZero();
    }

    private void pinReserved(boolean narrow) {
        table.acts().lock(RESERVED);
        int reader = Pins.increment(Access.READ | Access.COPY);
        table.acts().unlock(RESERVED, Acts.withPins(Acts.firstUse(GRANTEE, narrow), reader));
    }

    private long set(int version) {
        long argument = guest.argumentPages();
        assertThat(guest.vcpu().store(argument + SetVersion.VERSION, Integer.BYTES, version))
                .isZero();
        return guest.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, GnttabOp.SET_VERSION, argument, 1);
    }
}
