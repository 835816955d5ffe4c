package grantlab.conformance.fuzz.audit;

import grantlab.conformance.script.Line;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What v3_unmap undoes it was asked to by a handle that names it: one of long ago names nothing (grant-v3.md, UNMAP-3, UNMAP-4). */
final class HandleAudit {
    private final Machine machine;
    private final TreeWays.Asked asked;
    private Map<Integer, Set<Long>> before = new HashMap<>();

    HandleAudit(Machine machine, TreeWays.Asked asked) {
        this.machine = machine;
        this.asked = asked;
    }

    /** Checks after an operation: each line that succeeded had a good handle. */
    void check(List<Line> executed, List<String> answers) {
        if (executed.getFirst().verb().equals("v3_unmap")) {
            executed.stream()
                    .filter(line -> isValue(line.arguments().getOrDefault("handle", "")))
                    .filter(line -> answers.stream().anyMatch(answer -> isSuccess(answer, line)))
                    .forEach(this::judge);
        }
        before = new HashMap<>();
        for (Domain domain : machine.domains()) {
            Set<Long> handles = new HashSet<>();
            machine.leaves().visitHandles(domain, handles::add);
            before.put(domain.domid(), handles);
        }
    }

    private static boolean isValue(String handle) {
        return !handle.isEmpty() && !handle.startsWith("#");
    }

    private static boolean isSuccess(String answer, Line line) {
        return answer.startsWith(line.number() + " ") && answer.contains(" status=0");
    }

    private void judge(Line line) {
        long handle = asked.value(line, "handle");
        if (!before.getOrDefault((int) line.executor(), Set.of()).contains(handle)) {
            throw new Finding(
                    Finding.USES, "d%d undid something by %x, which names nothing".formatted(line.executor(), handle));
        }
    }
}
