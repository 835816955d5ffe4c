package grantlab.hypervisor.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A record of a grant of a grant stands for one way to one part of one frame. */
class ActsTest {
    private static final int ACT = 5;
    private static final int GRANTEE = 7;

    private final Acts acts = new Acts();

    @Test
    void anotherWayOrAnotherPartIsAnotherHop() {
        acts.grow(8);
        acts.lock(ACT);
        acts.adoptHop(ACT, pin());
        assertThat(acts.sameHop(ACT, Acts.firstHop(GRANTEE), pin())).isTrue();
        assertThat(acts.sameHop(ACT, Acts.firstUse(GRANTEE, true), pin())).isFalse();
        differs(pin -> pin.frame++);
        differs(pin -> pin.windowStart++);
        differs(pin -> pin.windowLength++);
        differs(pin -> pin.hopDomid++);
        differs(pin -> pin.hopRef++);
    }

    /** The word that would lead to them tells the window then. */
    @Test
    void narrowUseHasNoMappingsThroughSlotZero() {
        acts.grow(8);
        acts.lock(ACT);
        acts.adoptNarrow(ACT, 0x1234, 16, 32, 0);
        assertThat(acts.firstRecord(ACT, Acts.firstUse(GRANTEE, true))).isEqualTo(-1);
        acts.adopt(ACT, 0x1234, 0);
        acts.setFirstRecord(ACT, 6);
        assertThat(acts.firstRecord(ACT, Acts.firstUse(GRANTEE, false))).isEqualTo(6);
    }

    private void differs(Consumer<Pin> change) {
        Pin pin = pin();
        change.accept(pin);
        assertThat(acts.sameHop(ACT, Acts.firstHop(GRANTEE), pin)).isFalse();
    }

    private static Pin pin() {
        Pin pin = new Pin();
        pin.frame = 0x1234;
        pin.windowStart = 16;
        pin.windowLength = 32;
        pin.hopDomid = 3;
        pin.hopRef = 99;
        return pin;
    }
}
