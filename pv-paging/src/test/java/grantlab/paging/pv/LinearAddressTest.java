package grantlab.paging.pv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose an address is, on both sides of each border; what is nobody's is not canonical. */
class LinearAddressTest {
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, guest",
        "00007fffffffffff, guest",
        "0000800000000000, nobody",
        "ffff7fffffffffff, nobody",
        "ffff800000000000, xen",
        "ffff87ffffffffff, xen",
        "ffff880000000000, guest",
        "ffffffffffffffff, guest",
    })
    void everyAddressHasOneOwner(String address, String owner) {
        long linear = Long.parseUnsignedLong(address, 16);
        assertThat(LinearAddress.isGuests(linear)).isEqualTo(owner.equals("guest"));
        assertThat(LinearAddress.isXens(linear)).isEqualTo(owner.equals("xen"));
    }
}
