package grantlab.hypervisor.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Errno;
import grantlab.api.abi.Domid;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
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
}
