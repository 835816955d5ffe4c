package grantlab.conformance.clause;

import grantlab.api.transport.TransportCounts;
import grantlab.conformance.RequestCost;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** What a request of a virtio device takes: what its sides and the registers between them count more afterwards than before. */
final class Meter {
    private final String request;
    private final List<TransportCounts> sides;
    private final LongSupplier registerExits;

    private Meter(String request, List<TransportCounts> sides, LongSupplier registerExits) {
        this.request = request;
        this.sides = sides;
        this.registerExits = registerExits;
    }

    /**
     * Counts.
     *
     * @param request what it is, in a few words
     * @param sides of all that take part
     * @param registerExits accesses to registers so far
     * @param performed the request
     */
    static RequestCost cost(
            String request, List<TransportCounts> sides, LongSupplier registerExits, Runnable performed) {
        Meter meter = new Meter(request, sides, registerExits);
        RequestCost before = meter.read();
        performed.run();
        RequestCost after = meter.read();
        return new RequestCost(
                request,
                after.hypercalls() - before.hypercalls(),
                after.exits() - before.exits(),
                after.tableWrites() - before.tableWrites(),
                after.cpuFlushes() - before.cpuFlushes(),
                after.iotlbFlushes() - before.iotlbFlushes(),
                after.bytesCopied() - before.bytesCopied(),
                after.mappingsLive());
    }

    private RequestCost read() {
        return new RequestCost(
                request,
                sum(counts -> counts.hypercalls),
                sum(counts -> counts.exits) + registerExits.getAsLong(),
                sum(counts -> counts.tableWrites),
                sum(counts -> counts.cpuFlushes),
                sum(counts -> counts.iotlbFlushes),
                sum(counts -> counts.bytesCopied),
                sum(counts -> counts.mappingsLive));
    }

    private long sum(ToLongFunction<TransportCounts> count) {
        return sides.stream().mapToLong(count).sum();
    }
}
