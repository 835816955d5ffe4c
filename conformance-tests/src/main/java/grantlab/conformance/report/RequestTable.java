package grantlab.conformance.report;

import grantlab.conformance.RequestCost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What requests of devices took, by request and transport; what is the same in several combinations is one row. */
final class RequestTable {
    /** Heads of the numbers. */
    static final List<String> HEADS =
            List.of("calls", "exits", "entries", "flushes", "IOTLB", "copied", "mapped", "in");

    private final Map<String, Map<Told, Integer>> requests = new LinkedHashMap<>();

    private record Told(String transport, RequestCost cost) {}

    /**
     * A row.
     *
     * @param transport by which the request went; empty for none
     * @param numbers as {@link #HEADS} names them: the last is in how many combinations
     */
    record Row(String transport, List<Long> numbers) {}

    /**
     * One more that was told.
     *
     * @param transport of the combination; empty for none
     * @param cost of the request
     */
    void add(String transport, RequestCost cost) {
        requests.computeIfAbsent(cost.request(), any -> new LinkedHashMap<>())
                .merge(new Told(transport, cost), 1, Integer::sum);
    }

    /** By request, in the order in which they were told. */
    Map<String, List<Row>> rows() {
        Map<String, List<Row>> rows = new LinkedHashMap<>();
        requests.forEach((request, told) -> {
            List<Row> alike = new ArrayList<>();
            told.forEach((key, combinations) -> alike.add(row(key, combinations)));
            rows.put(request, alike);
        });
        return rows;
    }

    private static Row row(Told told, long combinations) {
        RequestCost cost = told.cost();
        return new Row(
                told.transport(),
                List.of(
                        cost.hypercalls(),
                        cost.exits(),
                        cost.tableWrites(),
                        cost.cpuFlushes(),
                        cost.iotlbFlushes(),
                        cost.bytesCopied(),
                        cost.mappingsLive(),
                        combinations));
    }
}
