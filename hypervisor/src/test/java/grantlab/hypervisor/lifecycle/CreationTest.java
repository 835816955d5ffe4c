package grantlab.hypervisor.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Errno;
import grantlab.api.abi.Domid;
import grantlab.api.memory.MapWatcher;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.GuestLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreationTest {
    @ParameterizedTest
    @CsvSource({
        "-1, " + -Errno.EINVAL,
        "0, 0",
        (Domid.FIRST_RESERVED - 1) + ", 0",
        Domid.FIRST_RESERVED + ", " + -Errno.EINVAL,
        Domid.SELF + ", " + -Errno.EINVAL,
        Integer.MAX_VALUE + ", " + -Errno.EINVAL,
    })
    void reservedNumbersAreNoDomains(int domid, int result) {
        try (Machine machine = Machine.start(Settings.usual())) {
            assertThat(machine.createDomain(DomainConfig.usual(domid, "hvm"))).isEqualTo(result);
            assertThat(machine.createDomain(DomainConfig.usual(domid, "pv")))
                    .isEqualTo(result == 0 ? -Errno.EEXIST : result);
        }
    }

    /** XEN_DOMCTL_CDF_iommu, where the IOMMU does not serve such a domain. */
    @ParameterizedTest
    @CsvSource({
        "off, pv, 0",
        "off, hvm, " + -Errno.EINVAL,
        "identity, pv, 0",
        "identity, hvm, " + -Errno.EINVAL,
        "shared, pv, " + -Errno.EINVAL,
        "shared, hvm, 0",
        "separate, hvm, 0",
        "separate-wo, pv, " + -Errno.EINVAL,
        "strict, pv, 0",
        "strict, hvm, 0",
    })
    void devicesNeedAnIommuThatServesTheDomain(String iommu, String paging, int result) {
        try (Machine machine = Machine.start(Settings.usual().withIommu(iommu))) {
            DomainConfig config = DomainConfig.usual(1, paging);
            assertThat(machine.createDomain(config.withDevices(1))).isEqualTo(result);
            assertThat(machine.createDomain(config)).isEqualTo(result == 0 ? -Errno.EEXIST : 0);
        }
    }

    /** Machine frames are nobody's map to follow, and a map has one follower: devices, or somebody outside. */
    @ParameterizedTest
    @CsvSource({"hvm, 0, 0", "hvm, 1, " + -Errno.EINVAL, "pv, 0, " + -Errno.EINVAL})
    void aMapIsFollowedFromOutside(String paging, int devices, int result) {
        List<Long> changed = new ArrayList<>();
        MapWatcher follower = new MapWatcher() {
            @Override
            public void changed(long gfn, int order, boolean first) {
                changed.add(gfn);
            }

            @Override
            public void forget() {}
        };
        try (Machine machine = Machine.start(Settings.usual().withIommu("shared"))) {
            DomainConfig config = DomainConfig.usual(1, paging).withDevices(devices);
            assertThat(machine.createDomain(config, follower)).isEqualTo(result);
            assertThat(machine.domain(1) != null).isEqualTo(result == 0);
            if (result == 0) {
                machine.boot(1, GuestLayout.LABORATORY);
                assertThat(changed).contains(0x40000L);
            }
        }
    }
}
