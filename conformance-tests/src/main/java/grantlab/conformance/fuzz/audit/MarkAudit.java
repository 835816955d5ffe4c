package grantlab.conformance.fuzz.audit;

import grantlab.conformance.script.Line;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/** The marks in the tables of all granters. */
final class MarkAudit {
    private final Machine machine;
    private final LongPredicate named;
    private final Map<Domain, TableMarks> tables = new HashMap<>();
    private List<Domain> domains = List.of();

    MarkAudit(Machine machine, LongPredicate named) {
        this.machine = machine;
        this.named = named;
    }

    void check(List<Line> executed) {
        List<Domain> now = machine.domains();
        if (!now.equals(domains)) {
            domains = now;
            tables.keySet().retainAll(now);
        }
        for (Domain domain : now) {
            table(domain);
        }
        machine.mappings()
                .visit((grantee, granter, reference, frame, access, order, place) ->
                        table(granter).pinned(reference));
        GuestWrites writes = new GuestWrites(executed);
        for (Domain domain : now) {
            table(domain).check(writes);
        }
    }

    private TableMarks table(Domain domain) {
        return tables.computeIfAbsent(domain, granter -> new TableMarks(machine, granter, named));
    }
}
