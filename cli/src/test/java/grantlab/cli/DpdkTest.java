package grantlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An unmodified backend of somebody else's moves packets through grants. Needs DPDK's testpmd: mvn -Pdpdk. */
@Tag("dpdk")
class DpdkTest {
    private static final int PACKETS = 2000;
    private static final int PHASES = 5;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    @Timeout(300)
    void aRevocationInTheMiddleOfTrafficCostsOnlyWhatWasInThePage() {
        Terminal terminal = new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false);

        int status = Grantlab.commandLine(terminal).execute("demo", "dpdk", "--packets", String.valueOf(PACKETS));

        assertThat(err.toString()).isEmpty();
        assertThat(status).as(out.toString()).isZero();
        assertThat(row("nothing is taken back")).isEqualTo(new Row(PACKETS, PACKETS, 0, 0, 0, 0, 0));
        Row sending = row("pages with packets to send");
        assertThat(sending.revoked).isPositive().isEqualTo(sending.lost);
        Row receiving = row("pages to receive into");
        assertThat(receiving.revoked).isPositive().isEqualTo(receiving.lost);
        Row queue = row("the page of the queue to send");
        assertThat(queue.revoked).isPositive();
        assertThat(queue.lost).isZero();
        assertThat(out.toString())
                .contains("testpmd: " + PHASES * PACKETS + " packets received")
                .contains("still in use when all was let go: 0 pages");
        System.out.println(out);
    }

    private record Row(long sent, long returned, long revoked, long lost, long elsewhere, long damaged, long touched) {}

    private Row row(String phase) {
        String line = out.toString()
                .lines()
                .filter(each -> each.startsWith(phase))
                .findFirst()
                .orElseThrow();
        long[] numbers = Arrays.stream(line.substring(phase.length()).trim().split(" +"))
                .mapToLong(Long::parseLong)
                .toArray();
        return new Row(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
    }
}
