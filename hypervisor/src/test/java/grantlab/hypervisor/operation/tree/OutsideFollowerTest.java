package grantlab.hypervisor.operation.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.memory.MapWatcher;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import org.junit.jupiter.api.Test;

/** Somebody outside who follows the map of a domain counts as a device of it: a revocation that does not wait leaves the page to it. */
class OutsideFollowerTest {
    private static final MapWatcher FOLLOWER = new MapWatcher() {
        @Override
        public void changed(long gfn, int order, boolean first) {}

        @Override
        public void forget() {}
    };

    @Test
    void whoFollowsAMapSharesItLikeADevice() {
        try (Machine machine = Machine.start(Settings.usual())) {
            assertThat(machine.createDomain(DomainConfig.usual(1, "hvm"), FOLLOWER))
                    .isZero();
            assertThat(machine.createDomain(DomainConfig.usual(2, "hvm"))).isZero();
            Domain followed = machine.domain(1);
            Domain alone = machine.domain(2);

            assertThat(Announced.devicesShareMap(followed)).isTrue();
            assertThat(Announced.standIns(followed)).isFalse();
            assertThat(DeviceReach.lingers(Access.READ | Access.HOST, followed)).isTrue();
            assertThat(Announced.devicesShareMap(alone)).isFalse();
            assertThat(DeviceReach.lingers(Access.READ | Access.HOST, alone)).isFalse();
        }
    }
}
