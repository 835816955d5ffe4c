package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Status;
import grantlab.api.guest.Vcpu;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.Call;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectTest {
    @Test
    void namesStatusesAndErrnos() {
        assertThatThrownBy(() -> Expect.okay(new Answer(0, Status.BAD_PAGE)))
                .isInstanceOf(ClauseFailure.class)
                .hasMessage("status of the call: expected GNTST_okay (0), got GNTST_bad_page (-9)");
        assertThatThrownBy(() -> Expect.okay(new Answer(-14, Call.UNWRITTEN)))
                .hasMessage("result of the hypercall: expected 0, got -EFAULT (-14)");
        assertThatThrownBy(() -> Expect.okay(new Answer(Vcpu.CRASHED, 0))).hasMessageContaining("the domain crashed");
        assertThatThrownBy(() -> Expect.status(Status.OKAY, new Answer(0, Call.UNWRITTEN)))
                .hasMessageEndingWith("got no status written");
    }

    @Test
    void namesTheElementOfABatch() {
        assertThatThrownBy(() -> Expect.allOkay(List.of(new Answer(0, 0), new Answer(0, -1))))
                .hasMessageStartingWith("status of element 1");
    }

    @Test
    void saysLargeNumbersInHexadecimalToo() {
        assertThatThrownBy(() -> Expect.equal("word", 0x12345678L, 7))
                .hasMessage("word: expected 305419896 (0x12345678), got 7");
    }

    @Test
    void returnsWhenItIsSo() {
        assertThatCode(() -> {
                    Expect.okay(new Answer(0, 0));
                    Expect.crashed(Vcpu.CRASHED);
                    Expect.bits("flags", 0x18, 0x08, 0x0b);
                    Expect.different("handle", -1, 0);
                    Expect.holds("so", true);
                    Expect.holdsNot("so", false);
                    Expect.equal("text", "a", "a");
                })
                .doesNotThrowAnyException();
    }
}
